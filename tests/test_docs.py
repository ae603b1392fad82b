"""The documents hold: commands parse, links lead somewhere, queries run, figures agree with what is shipped."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

import yeoron
from data.store import Store

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("data/**/README.md"), ROOT / "nlp/model/README.md"]
)
FENCED = [block for path in DOCUMENTS for block in re.findall(r"```\w*\n(.*?)```", path.read_text("utf-8"), re.DOTALL)]
COMMANDS = sorted(
    {line.split("#")[0].strip() for block in FENCED for line in block.splitlines() if line.startswith("yeoron ")}
)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_in_the_documents_parses(command: str) -> None:
    args = yeoron.parser().parse_args(shlex.split(command)[1:])
    assert callable(args.act)


def test_there_are_commands_to_check() -> None:
    assert len(COMMANDS) >= 7


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_to_a_file(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", path.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (path.parent / target).exists(), f"{path}: {target}"


def test_every_query_of_the_store_page_runs(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "store.md").read_text(encoding="utf-8")
    queries = re.findall(r"\| `(SELECT .*?)` \|", text)
    assert len(queries) >= 6
    with Store.open(tmp_path) as store:
        for query in queries:
            list(store.rows(query))


def test_the_counts_in_the_documents_are_those_of_the_files() -> None:
    pages = len(list((ROOT / "data/demo/pages").rglob("*.txt")))
    assert f"{pages} pages by invented authors" in (ROOT / "README.md").read_text(encoding="utf-8")
    rows = {p.name: len(p.read_text("utf-8").splitlines()) - 1 for p in (ROOT / "data/training").glob("*.tsv")}
    told = (ROOT / "data/training/README.md").read_text(encoding="utf-8")
    assert told.startswith("# Sentences") and f"{sum(rows.values()):,} Korean sentences" in told
    for name, count in rows.items():
        assert f"| `{name}` | {count:,} |" in told
    gold = len((ROOT / "data/gold/kakao-outage-2022.tsv").read_text("utf-8").splitlines()) - 1
    assert f"{gold} sentences" in (ROOT / "docs/gold.md").read_text(encoding="utf-8")
