"""What is on the screen as a file: the same filters, written by data/quotes.py."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from data.quotes import Filters, Format, Order, header, quotes, write
from data.records import KST
from data.store import Store

MIME: dict[Format, str] = {"csv": "text/csv", "jsonl": "application/x-ndjson", "md": "text/markdown"}


def file_name(event_id: str, form: Format) -> str:
    return f"{event_id}-{datetime.now(KST):%Y%m%d-%H%M}.{form}"


def writer(
    home: str, event_id: str, filters: Filters, form: Format, named: bool, order: Order
) -> Callable[[], io.BytesIO]:
    """A function that writes the file when it is asked for, so that drawing the page costs nothing."""

    def make() -> io.BytesIO:
        target = io.BytesIO()
        stream = io.TextIOWrapper(target, encoding="utf-8", newline="", write_through=True)
        with Store.read(Path(home)) as store:
            found = quotes(store, event_id, filters, named=named, order=order)
            write(found, form, stream, header(store, event_id, filters))
        stream.detach()
        target.seek(0)
        return target

    return make
