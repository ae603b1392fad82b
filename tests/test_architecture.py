"""The one-way rule: yeoron.py → dashboard | crawler | nlp → data, and SQLite between the workers."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FLOORS = ("crawler", "nlp", "dashboard", "data", "yeoron")
ALLOWED = {
    "data": {"data"},
    "crawler": {"crawler", "data"},
    "nlp": {"nlp", "data"},
    "dashboard": {"dashboard", "data"},
}


def imported_floors(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path} imports relatively: say the package's name"
            names.add(node.module)
    return {name.split(".")[0] for name in names} & set(FLOORS)


def sources(floor: str) -> list[Path]:
    return sorted((ROOT / floor).rglob("*.py"))


@pytest.mark.parametrize("floor", ALLOWED)
def test_a_floor_imports_only_what_lies_below_it(floor: str) -> None:
    assert sources(floor)
    for path in sources(floor):
        assert imported_floors(path) <= ALLOWED[floor], f"{path.relative_to(ROOT)} imports upward or sideways"


def test_training_is_not_part_of_the_running_program() -> None:
    for path in [ROOT / "yeoron.py", *sources("nlp"), *sources("crawler"), *sources("dashboard"), *sources("data")]:
        if "training" not in path.parts:
            assert "nlp.training" not in path.read_text(encoding="utf-8"), path


def test_only_the_store_knows_sqlite_utils() -> None:
    users = [p for floor in ALLOWED for p in sources(floor) if "sqlite_utils" in p.read_text(encoding="utf-8")]
    assert sorted(users) == [ROOT / "data" / "migrations.py", ROOT / "data" / "store.py"]


def test_the_command_line_imports_its_workers_lazily() -> None:
    tree = ast.parse((ROOT / "yeoron.py").read_text(encoding="utf-8"))
    top = {node.module.split(".")[0] for node in tree.body if isinstance(node, ast.ImportFrom) and node.module}
    assert not top & {"crawler", "nlp", "dashboard"}


def test_every_package_is_listed_for_the_build() -> None:
    import tomllib

    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    found = {
        str(p.parent.relative_to(ROOT)).replace("/", ".") for f in ALLOWED for p in (ROOT / f).rglob("__init__.py")
    }
    assert found == set(listed)
