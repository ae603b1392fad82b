"""How the floors under the shipped model's figures move: up with the figures, down only where one fell, with a note."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from bench import floors

FLOORS = {"polarity_macro_f1": 0.845, "themes_macro_f1": 0.77, "targets_f1": 0.981}
HELD = {"floors": FLOORS, "lowered": []}
# The first is above its floor by less than the slack, the second fell below it, the third rose.
TODAY = {"polarity_macro_f1": 0.8461, "themes_macro_f1": 0.7512, "targets_f1": 0.9999}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "floors.json"
    path.write_text(json.dumps(HELD), encoding="utf-8")
    monkeypatch.setattr(floors, "FLOORS", path)
    monkeypatch.setattr(floors, "figures", lambda: dict(TODAY))
    return path


def _held(file: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads(file.read_text(encoding="utf-8"))
    return found


def test_without_an_order_nothing_moves(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert floors.main([]) == 1
    assert _held(file) == HELD
    assert capsys.readouterr().out.splitlines()[1] == "themes_macro_f1\t0.7512\tfloor 0.770"


def test_only_what_fell_is_lowered_and_the_note_tells_from_where_to_where(file: Path) -> None:
    assert floors.main(["--lower", "--reason", "fewer themes"]) == 0
    assert _held(file) == {
        "floors": FLOORS | {"themes_macro_f1": 0.746},
        "lowered": [
            {
                "on": date.today().isoformat(),
                "reason": "fewer themes",
                "floors": {"themes_macro_f1": [0.77, 0.746]},
            }
        ],
    }
    once = _held(file)
    assert floors.main(["--lower", "--reason", "again"]) == 0
    assert _held(file) == once, "nothing is below its floor any more: nothing is lowered, nothing noted"


def test_only_what_rose_is_raised(file: Path) -> None:
    assert floors.main(["--raise"]) == 1
    assert _held(file) == HELD | {"floors": FLOORS | {"targets_f1": 0.994}}


def test_lowering_needs_a_reason(file: Path) -> None:
    with pytest.raises(SystemExit):
        floors.main(["--lower", "--reason", " "])
    assert _held(file) == HELD
