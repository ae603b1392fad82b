"""The blog post that the project began with goes the whole road: import, annotate, read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import yeoron
from data.store import Store

SHARED = os.environ.get("YEORON_SHARED")


@pytest.mark.skipif(not SHARED, reason="YEORON_SHARED is not set")
def test_its_complaint_and_its_facts_are_told_apart(tmp_path: Path) -> None:
    [seed] = (Path(SHARED or "") / "seeds").glob("000_*.txt")
    assert yeoron.main(["--home", str(tmp_path), "import", "kakao-outage-2022", str(seed)]) == 0
    assert yeoron.main(["--home", str(tmp_path), "annotate", "kakao-outage-2022"]) == 0
    with Store.read(tmp_path) as store:
        rows = {row["text"]: row for row in store.rows("SELECT text, polarity, sentence_id FROM sentence_facts")}
        themed = {row["text"] for row in store.rows("SELECT text FROM theme_facts WHERE theme_id = 'preparedness'")}
    complaints = [text for text in rows if "대비책" in text]
    figures = [text for text in rows if "소방당국" in text]
    assert len(complaints) == 2 and len(figures) == 1
    assert all(rows[text]["polarity"] == "negative" and text in themed for text in complaints)
    assert rows[figures[0]]["polarity"] == "neutral"
