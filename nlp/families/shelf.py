"""Placing one document after the other; a shelf holds those that are placed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Protocol

from nlp.families.keys import Keys, keys, likely
from nlp.families.prints import Print, belong_together

# Documents that one key proposes at most, the first that came. Only a line that stands under everything is held by
# more; a family of more prints shares its other keys too.
PROPOSED = 300


class AnyShelf(Protocol):
    """What placing asks of a shelf. Documents and families have numbers there."""

    def holders(self, key: int) -> Iterable[int]:
        """Numbers of the documents with a key, the first PROPOSED of them."""
        ...

    def sketch_and_family(self, number: int) -> tuple[bytes, int]: ...

    def look(self, number: int) -> Print: ...

    def put(self, one: Print, found: Keys, joined: set[int]) -> int:
        """Hold a document, make one family of it and the families ``joined``, and return that family's number."""
        ...


def place(shelf: AnyShelf, one: Print) -> int:
    """Put a document into its family, which may join several; returns the family's number.

    A family that has said yes is not asked again, so a story of a thousand prints costs one comparison.
    """
    found = keys(one)
    joined: set[int] = set()
    for number, family in _proposed(shelf, found):
        if family not in joined and belong_together(one, shelf.look(number)):
            joined.add(family)
    return shelf.put(one, found, joined)


def _proposed(shelf: AnyShelf, found: Keys) -> Iterator[tuple[int, int]]:
    """Documents worth a comparison with their families, those that share the most keys first."""
    sure = Counter(number for key in found.sure for number in shelf.holders(key))
    bands = Counter(number for key in found.bands for number in shelf.holders(key))
    for number, _ in (sure + bands).most_common():
        sketch, family = shelf.sketch_and_family(number)
        if number in sure or likely(sketch, found.sketch):
            yield number, family


class Shelf:
    """In memory. ``members`` has the documents of each family."""

    def __init__(self) -> None:
        self.members: dict[int, list[Print]] = {}
        self._held: list[tuple[Print, bytes]] = []
        self._family: list[int] = []
        self._numbers: dict[str, int] = {}
        self._by_key: defaultdict[int, list[int]] = defaultdict(list)

    def holders(self, key: int) -> Iterable[int]:
        return self._by_key[key][:PROPOSED]

    def sketch_and_family(self, number: int) -> tuple[bytes, int]:
        return self._held[number][1], self._family[number]

    def look(self, number: int) -> Print:
        return self._held[number][0]

    def put(self, one: Print, found: Keys, joined: set[int]) -> int:
        number = len(self._held)
        self._held.append((one, found.sketch))
        self._family.append(number)
        self._numbers[one.id] = number
        for key in found.sure + found.bands:
            self._by_key[key].append(number)
        self.members[number] = [one, *(member for family in joined for member in self.members.pop(family))]
        for member in self.members[number]:
            self._family[self._numbers[member.id]] = number
        return number
