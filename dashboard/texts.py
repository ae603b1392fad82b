"""The words of the interface: texts.toml in one language, and numbers and moments as that language writes them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = {"ko": "한국어", "en": "English"}
DEFAULT = "ko"


@cache
def texts() -> dict[str, dict[str, str]]:
    """Every text by its dotted key, each with one entry per language."""
    raw = tomllib.loads(Path(__file__).with_name("texts.toml").read_text(encoding="utf-8"))
    return {f"{section}.{name}": entry for section, entries in raw.items() for name, entry in entries.items()}


@dataclass(frozen=True, slots=True)
class Words:
    """Texts in one language: ``words("glance.title")``."""

    language: str = DEFAULT

    def __call__(self, key: str, **values: object) -> str:
        return texts()[key][self.language].format(**values)

    def known(self, section: str, name: str, fallback: str) -> str:
        """The text of a name that comes from the store, such as an outcome; ``fallback`` if it has none."""
        entry = texts().get(f"{section}.{name}")
        return entry[self.language] if entry else fallback

    def label(self, row: Mapping[str, Any]) -> str:
        """The name of a theme, target, mark or platform in this language."""
        return str(row["label" if self.language == "ko" else "label_en"])

    def number(self, value: int) -> str:
        return f"{value:,}"

    def share(self, part: float, whole: float) -> str:
        return f"{100 * part / whole:.1f}%" if whole else "–"

    def weekdays(self) -> list[str]:
        """Sunday first, as Vega counts."""
        return self("time.weekdays").split()

    def day(self, day: str) -> str:
        """``2022-10-15`` as ``10/15 토``."""
        at = datetime.fromisoformat(day)
        return f"{at.month}/{at.day} {self.weekdays()[at.isoweekday() % 7]}"

    def hour(self, hour: str) -> str:
        """``2022-10-15T15:00`` as ``10/15 토 15시``."""
        return f"{self.day(hour[:10])} {self('time.hour', hour=int(hour[11:13]))}"

    def moment(self, step: str, moment: str) -> str:
        return self.hour(moment) if step == "hour" else self.day(moment)

    def published(self, at: str | None, precision: str | None) -> str:
        """When a text was published, as exactly as it is known and no more."""
        if at is None:
            return self("time.unknown")
        moment = datetime.fromisoformat(at)
        if precision == "month":
            return self("time.month", year=moment.year, month=moment.month)
        day = f"{moment.year}. {moment.month}. {moment.day}. ({self.weekdays()[moment.isoweekday() % 7]})"
        if precision == "day":
            return self("time.no_clock", day=day)
        return f"{day} {moment:%H:%M}" if precision == "minute" else day
