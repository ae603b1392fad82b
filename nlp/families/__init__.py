"""Families: documents that are prints of one text, so that forty prints of one wire story count as one voice.

Two documents belong together when a portal's link says so or when they are one text (:mod:`.likeness`); a
family is what hangs together. Only documents that share a key (:mod:`.keys`) are compared, so one more costs
about the same among a thousand and a million, and the order in which they come does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nlp.families.prints import Family, print_of, rows
from nlp.families.shelf import Shelf, place

__all__ = ["Family", "families"]


def families(documents: Iterable[Mapping[str, Any]]) -> list[Family]:
    """One row a document, in the order of their ids; see :func:`nlp.families.prints.print_of` for the mappings."""
    shelf = Shelf()
    for document in sorted(documents, key=lambda document: str(document["id"])):
        place(shelf, print_of(document))
    return sorted(row for members in shelf.members.values() for row in rows(members))
