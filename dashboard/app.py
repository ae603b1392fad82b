"""The entry that `streamlit run` is given: finds the store, draws the filter bar, opens the page."""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import sys
from functools import partial
from pathlib import Path
from types import ModuleType

# `streamlit run` puts this folder first on sys.path, where its files would shadow whole packages
# (a dashboard/data.py the package `data`). The project's root takes its place.
HERE = Path(__file__).resolve().parent
sys.path[:] = [str(HERE.parent), *(p for p in sys.path if Path(p or ".").resolve() not in (HERE, HERE.parent))]

import streamlit as st  # noqa: E402

from dashboard import bar, parts, queries, views  # noqa: E402
from dashboard.texts import DEFAULT, LANGUAGES, Words  # noqa: E402
from data.store import NAME  # noqa: E402


def home() -> Path:
    """The folder of the store: ``-- --home DIR``, else $YEORON_HOME, else data/local."""
    given = argparse.ArgumentParser(add_help=False)
    given.add_argument("--home", default=os.environ.get("YEORON_HOME") or HERE.parent / "data" / "local")
    return Path(given.parse_known_args(sys.argv[1:])[0].home)


def pages() -> list[ModuleType]:
    """The modules of dashboard/views in the order of their PLACE."""
    names = [module.name for module in pkgutil.iter_modules(views.__path__)]
    return sorted((importlib.import_module(f"dashboard.views.{name}") for name in names), key=lambda page: page.PLACE)


def message(key: str, **values: object) -> None:
    """A page that says what is missing and which command mends it."""
    asked = st.query_params.get("lang", DEFAULT)
    words = Words(asked if asked in LANGUAGES else DEFAULT)
    st.title(words(f"{key}_title"))
    st.markdown(words(key, **values))


def main() -> None:
    st.set_page_config(page_title="여론", page_icon=str(HERE / "icon.svg"), layout="wide")
    parts.style()
    folder = home()
    if not (folder / NAME).is_file():
        return message("app.no_store", home=folder)
    source = queries.source(folder)
    shown = [event for event in queries.events(source) if event["shown_model"]]
    if not shown:
        return message("app.not_annotated", home=folder)
    look = bar.look(source, shown)
    for page in pages():
        name = page.__name__.rsplit(".", 1)[-1]
        run = partial(page.render, look)
        look.pages[name] = st.Page(run, title=look.words(page.TITLE), icon=page.ICON, url_path=name)
    st.navigation(list(look.pages.values())).run()
    return None


main()
