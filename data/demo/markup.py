"""Skin files filled with values. A skin is HTML with ``$names``; the beginning of a line may say when it stands.

``?name …``  the line stands only where ``name`` is not empty
``*name …``  the line stands once for each mapping in ``name``, with its values
``>skin``    another skin, filled with the same values

What is filled in is escaped, unless it is `Markup` already.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from string import Template

FOLDER = Path(__file__).parent / "skins"


class Markup(str):
    """Text that is HTML, or JSON fit to stand in a script."""

    __slots__ = ()


Value = str | Sequence[Mapping[str, str]]
Values = Mapping[str, Value]


def fill(skin: str, values: Values) -> Markup:
    """The skin of that name with ``values`` in it. Raises KeyError for a name that has none."""
    return Markup("\n".join(_lines(skin, values)) + "\n")


def put(template: str, values: Mapping[str, str]) -> Markup:
    """One line or piece of markup with ``values`` in it."""
    return Markup(_template(template).substitute({name: _escaped(value) for name, value in values.items()}))


def script_json(value: object) -> Markup:
    """JSON that no ``</script>`` inside it can break out of."""
    return Markup(json.dumps(value, ensure_ascii=False).replace("</", "<\\/"))


def _lines(skin: str, values: Values) -> Iterator[str]:
    texts = {name: value for name, value in values.items() if isinstance(value, str)}
    for line in _source(skin):
        mark, rest = line.lstrip()[:1], line.lstrip()[1:]
        name, _, markup = rest.partition(" ")
        if mark == ">":
            yield from _lines(name, values)
        elif mark == "*":
            yield from (put(markup, texts | dict(each)) for each in values[name] if not isinstance(each, str))
        elif mark != "?":
            yield put(line, texts)
        elif values[name]:
            yield put(markup, texts)


def _escaped(value: str) -> str:
    return value if isinstance(value, Markup) else html.escape(value)


@cache
def _source(skin: str) -> tuple[str, ...]:
    return tuple((FOLDER / f"{skin}.html").read_text(encoding="utf-8").splitlines())


@cache
def _template(text: str) -> Template:
    return Template(text)
