"""여론: the command line. One verb per act; every verb can be run twice and stopped anywhere.

Data goes to stdout, messages to stderr. Exit codes: 0 ok, 1 degraded (problems were
recorded), 2 refused or failed, with one line that names the cure.
"""

from __future__ import annotations

import argparse
import errno
import json
import logging
import os
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from importlib.metadata import version
from pathlib import Path
from typing import IO, NoReturn

from data import events
from data.archive import TooLarge
from data.events import BadEvent, Event
from data.store import NAME, Store, StoreError, StoreKind

OK, DEGRADED, FAILED = 0, 1, 2
ROOT = Path(__file__).parent
DEMO_EVENT = "kakao-outage-2022"


class Refused(Exception):
    """The command cannot be carried out; the message is one line that names the cure."""


# ── demo ─────────────────────────────────────────────────────────────────────
def demo(args: argparse.Namespace) -> int:
    """Crawl the demo web on loopback, annotate it, and open the dashboard."""
    from crawler.crawl import crawl as run_crawl
    from crawler.reading import lead
    from data.demo.server import serve
    from data.demo.web import Web
    from data.records import Lead

    home = _demo_home(args)
    event = events.load(DEMO_EVENT)
    web = Web.load()
    with Store.open(home, "demo") as store:
        store.save_event(event)
        for url, role in web.watch():
            found = lead(url, "urls") if role == "page" else Lead(url, "generic", "event", role=role)
            store.add_leads(event.id, [found] if found else [])
        with serve(web) as server, _run(store, "crawl", event, args) as (run_id, counts):
            counts.update(run_crawl(event, store, run_id, demo_server=server))
        _report(counts)
        code = _annotate(store, event, "shipped", args)
        _say(f"demo store: {_near(home / NAME)} (every page in it is invented)")
        _print_status(store, event.id, as_json=False, stream=sys.stderr)
    if not args.no_dashboard:
        _open_dashboard(home, args.port)
    return OK if code == DEGRADED else code


def _demo_home(args: argparse.Namespace) -> Path:
    """The demo keeps its own home: a folder named for it, unless a home was named."""
    named = args.home or os.environ.get("YEORON_HOME")
    return Path(named) if named else _home(args) / "demo"


# ── collecting ───────────────────────────────────────────────────────────────
def list_events(args: argparse.Namespace) -> int:
    """List the events that can be watched."""
    for name in events.known():
        event = events.load(name)
        print(f"{event.id}\t{event.starts:%Y-%m-%d}…{event.ends:%Y-%m-%d}\t{event.title}")
    return OK


def crawl(args: argparse.Namespace) -> int:
    """Visit feeds, sitemaps and queued addresses of an event, and store what they give."""
    from crawler.crawl import crawl as run_crawl
    from crawler.platforms import platforms

    event = events.load(args.event)
    known = [platform.NAME for platform in platforms()]
    if unknown := [name for name in args.platform if name not in known]:
        raise Refused(f"unknown platform {', '.join(unknown)}: known are {', '.join(known)}")
    with Store.open(_home(args)) as store:
        store.save_event(event)
        with _run(store, "crawl", event, args) as (run_id, counts):
            counts.update(run_crawl(event, store, run_id, tuple(args.platform), args.limit))
            _nothing_is_a_problem(store, run_id, event, counts)
        return _report(counts)


def _nothing_is_a_problem(store: Store, run_id: int, event: Event, counts: Counter[str]) -> None:
    """A crawl that had nowhere to go must not look like calm."""
    from data.records import Problem

    if not counts["requests"]:
        cure = f"give addresses with `yeoron import {event.id} FILE.urls`, or feeds under [sources] in the event file"
        store.problem(run_id, event.id, Problem("discover", "nothing_to_visit", f"nothing was due: {cure}"))
        counts["problems"] += 1
        _say(f"nothing to visit: {cure}")


def import_files(args: argparse.Namespace) -> int:
    """Import saved pages (.html), text (.txt), address lists (.urls), .jsonl and .warc(.gz) files."""
    from crawler.importers import import_files as run_import

    event = events.load(args.event)
    with Store.open(_home(args)) as store:
        store.save_event(event)
        with _run(store, "import", event, args) as (run_id, counts):
            counts.update(run_import(event, store, run_id, [Path(name) for name in args.path]))
        _print_problems(store, run_id)
        got_something = any(counts[name] for name in ("documents", "documents_unchanged", "queued"))
        code = _report(counts)
        return code if got_something or code == OK else FAILED


def extract(args: argparse.Namespace) -> int:
    """Read one saved page and print the document as JSON."""
    from datetime import datetime

    from crawler.decode import decode
    from crawler.outcomes import Unreadable
    from crawler.platforms import extract as read_page
    from data.archive import LARGEST_PAYLOAD
    from data.records import KST

    path = Path(args.file)
    body = _bytes(path)
    if len(body) > LARGEST_PAYLOAD:
        raise Refused(f"too_large: {path} is over {LARGEST_PAYLOAD // 1_000_000} MB")
    if not body:
        raise Refused(f"empty_file: {path} is empty")
    try:
        document = read_page(args.url, decode(body).text, datetime.now(KST))
    except Unreadable as error:
        raise Refused(f"{type(error).__name__}: {error}") from error
    print(json.dumps(document.as_dict(), ensure_ascii=False))
    return OK


# ── reading the language ─────────────────────────────────────────────────────
def annotate(args: argparse.Namespace) -> int:
    """Split, score and label the documents that are not annotated yet."""
    with Store.open(_home(args), _kind_of(_home(args))) as store:
        codes = [_annotate(store, events.load(name), args.scorer, args) for name in _event_ids(store, args.event)]
        return max(codes, default=OK)


def _annotate(store: Store, event: Event, scorer_name: str, args: argparse.Namespace) -> int:
    from nlp.annotate import annotate as run_annotate
    from nlp.scorers import load

    scorer = load(scorer_name)
    store.save_event(event)
    with _run(store, "annotate", event, args, {"model": scorer.sha256}) as (run_id, counts):
        counts.update(run_annotate(event, store, run_id, scorer))
    return _report(counts)


def score(args: argparse.Namespace) -> int:
    """Read one text a line and print one JSON object a line."""
    from nlp.evaluate import score as run_score
    from nlp.scorers import load

    event = events.load(args.event)
    with _text_lines(args.file) as lines:
        for result in run_score(event, load(args.scorer), lines):
            print(json.dumps(result, ensure_ascii=False), flush=True)
    return OK


def evaluate(args: argparse.Namespace) -> int:
    """Compare a scorer with labelled sentences and print the figures as JSON."""
    from nlp.evaluate import evaluate as run_evaluate
    from nlp.evaluate import read_rows
    from nlp.scorers import load

    event = events.load(args.event)
    rows = read_rows(Path(args.file), event)
    print(json.dumps(run_evaluate(event, load(args.scorer), rows), ensure_ascii=False, indent=2))
    return OK


# ── taking away and looking ──────────────────────────────────────────────────
def quotes(args: argparse.Namespace) -> int:
    """Write sentences with their evidence as CSV, JSON lines or Markdown."""
    from data import quotes as q

    event = events.load(args.event)
    _check_choices("theme", args.theme, [theme.id for theme in event.themes])
    _check_choices("target", args.target, [target.id for target in event.targets])
    filters = q.Filters(
        theme=tuple(args.theme),
        target=tuple(args.target),
        polarity=tuple(args.polarity),
        word=args.word,
        copies=args.copies,
        advertising=args.advertising,
    )
    with Store.read(_home(args)) as store:
        if not store.value("SELECT shown_model FROM events WHERE id = ?", [event.id]):
            raise Refused(f"nothing of {event.id} is annotated yet: run `yeoron annotate {event.id}`")
        with _out(args.output) as stream:
            found = q.quotes(store, event.id, filters, named=args.named)
            count = q.write(found, args.format, stream, q.header(store, event.id, filters))
    _say(f"{count:,} quotes")
    return OK


def status(args: argparse.Namespace) -> int:
    """Tell what is in the store, what was refused, and what came of the last runs."""
    with Store.read(_home(args)) as store:
        _print_status(store, args.event, args.json, sys.stdout)
        worst = store.value(
            "SELECT count(*) FROM (SELECT outcome FROM runs ORDER BY id DESC LIMIT 1) WHERE outcome IS NOT 'ok'"
        )
        return DEGRADED if worst else OK


def dashboard(args: argparse.Namespace) -> int:
    """Serve the dashboard on this machine."""
    Store.read(_home(args)).close()
    _open_dashboard(_home(args), args.port)


def _open_dashboard(home: Path, port: int) -> NoReturn:
    """Become the dashboard's server, so that whatever stops this process stops it."""
    from dashboard.serve import command

    _say(f"dashboard: http://localhost:{port}  (Ctrl-C stops it)")
    words = command(home, port)
    os.execv(words[0], words)


# ── shared by the verbs ──────────────────────────────────────────────────────
@contextmanager
def _run(
    store: Store, verb: str, event: Event, args: argparse.Namespace, more: dict[str, str] | None = None
) -> Iterator[tuple[int, Counter[str]]]:
    """A run in the store around an act: its outcome is written whatever happens, short of kill -9."""
    arguments = {key: value for key, value in vars(args).items() if key != "act"}
    run_id = store.begin_run(verb, event.id, arguments, _versions() | (more or {}))
    counts: Counter[str] = Counter()
    try:
        yield run_id, counts
    except BaseException:
        store.end_run(run_id, counts, "failed")
        raise
    store.end_run(run_id, counts, "degraded" if counts["problems"] else "ok")


def _versions() -> dict[str, str]:
    from crawler.settings import VERSION

    names = ("scrapy", "selectolax", "transformers", "torch", "kiwipiepy")
    return {"yeoron": VERSION, "python": sys.version.split()[0]} | {name: version(name) for name in names}


def _report(counts: Counter[str]) -> int:
    _say(", ".join(f"{name} {count:,}" for name, count in sorted(counts.items()) if count) or "nothing to do")
    return DEGRADED if counts["problems"] else OK


def _print_problems(store: Store, run_id: int, most: int = 20) -> None:
    rows = list(store.rows("SELECT outcome, url, detail FROM problems WHERE run_id = ? LIMIT ?", [run_id, most]))
    for row in rows:
        _say(f"{row['outcome']}: {row['url'] or ''} {row['detail']}")


def _print_status(store: Store, event_id: str | None, as_json: bool, stream: IO[str]) -> None:
    from data.status import as_text, report

    found = report(store, event_id)
    print(json.dumps(found, ensure_ascii=False, indent=2) if as_json else as_text(found), file=stream)


def _home(args: argparse.Namespace) -> Path:
    return Path(args.home or os.environ.get("YEORON_HOME") or ROOT / "data" / "local")


def _near(path: Path) -> Path:
    """The path from here where it lies below, else as it is."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _kind_of(home: Path) -> StoreKind:
    with Store.read(home) as store:
        return store.kind


def _event_ids(store: Store, chosen: str | None) -> list[str]:
    if chosen:
        return [chosen]
    return [row["id"] for row in store.rows("SELECT id FROM events ORDER BY id")]


def _check_choices(what: str, chosen: list[str], known: list[str]) -> None:
    if unknown := [name for name in chosen if name not in known]:
        raise Refused(f"unknown {what} {', '.join(unknown)}: known are {', '.join(known)}")


def _bytes(path: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise Refused(f"cannot read {path}: {error.strerror}") from error


@contextmanager
def _text_lines(name: str) -> Iterator[Iterable[str]]:
    try:
        with nullcontext(sys.stdin) if name == "-" else Path(name).open(encoding="utf-8") as stream:
            yield stream
    except UnicodeDecodeError as error:
        raise Refused(f"{name} is not UTF-8 (byte {error.start}): save it as UTF-8") from error
    except OSError as error:
        raise Refused(f"cannot read {name}: {error.strerror}") from error


@contextmanager
def _out(name: str) -> Iterator[IO[str]]:
    if name == "-":
        yield sys.stdout
        return
    try:
        with Path(name).open("w", encoding="utf-8", newline="") as stream:
            yield stream
    except OSError as error:
        raise Refused(f"cannot write {name}: {error.strerror}") from error


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


# ── the parser ───────────────────────────────────────────────────────────────
def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="yeoron", description=__doc__.splitlines()[0] if __doc__ else None)
    top.add_argument("--home", help="folder of the store (default: $YEORON_HOME, else data/local)")
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB")

    def verb(name: str, act: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        made = verbs.add_parser(name, help=(act.__doc__ or "").splitlines()[0], description=act.__doc__)
        made.set_defaults(act=act)
        return made

    one = verb("demo", demo)
    one.add_argument("--no-dashboard", action="store_true", help="stop when the store is filled")
    one.add_argument("--port", type=int, default=8501, help="port of the dashboard (8501)")
    verb("events", list_events)
    one = verb("crawl", crawl)
    one.add_argument("event", metavar="EVENT")
    one.add_argument(
        "--platform", action="append", default=[], metavar="P", help="only this platform (may be repeated)"
    )
    one.add_argument("--limit", type=_positive, metavar="N", help="ask for at most N pages")
    one = verb("import", import_files)
    one.add_argument("event", metavar="EVENT")
    one.add_argument("path", nargs="+", metavar="PATH")
    one = verb("annotate", annotate)
    one.add_argument("event", nargs="?", metavar="EVENT", help="default: every event of the store")
    one.add_argument("--scorer", default="shipped", metavar="NAME")
    one = verb("score", score)
    one.add_argument("event", metavar="EVENT")
    one.add_argument("file", nargs="?", default="-", metavar="FILE")
    one.add_argument("--scorer", default="shipped", metavar="NAME")
    one = verb("evaluate", evaluate)
    one.add_argument("event", metavar="EVENT")
    one.add_argument("file", metavar="FILE.tsv")
    one.add_argument("--scorer", default="shipped", metavar="NAME")
    one = verb("extract", extract)
    one.add_argument("--url", required=True, help="the address the page was saved from")
    one.add_argument("file", metavar="FILE")
    one = verb("quotes", quotes)
    one.add_argument("event", metavar="EVENT")
    one.add_argument("--theme", action="append", default=[], metavar="ID", help="may be repeated: any of them")
    one.add_argument("--target", action="append", default=[], metavar="ID", help="may be repeated: any of them")
    one.add_argument(
        "--polarity",
        action="append",
        default=[],
        choices=("negative", "neutral", "positive", "undecided", "unscored"),
        help="may be repeated: any of them",
    )
    one.add_argument("--word", default="", help="only sentences that hold this")
    one.add_argument("--copies", action="store_true", help="copies too, not only the origin of each family")
    one.add_argument("--advertising", action="store_true", help="documents marked as advertising too")
    one.add_argument("--format", choices=("csv", "jsonl", "md"), default="csv")
    one.add_argument("--named", action="store_true", help="bloggers' nicknames instead of pseudonyms")
    one.add_argument("-o", "--output", default="-", metavar="FILE")
    one = verb("status", status)
    one.add_argument("event", nargs="?", metavar="EVENT")
    one.add_argument("--json", action="store_true")
    one = verb("dashboard", dashboard)
    one.add_argument("--port", type=int, default=8501)
    return top


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above zero")
    return int(text)


def main(argv: list[str] | None = None) -> int:
    """Run one verb; see the module's docstring for the exit codes."""
    args = parser().parse_args(argv)
    handler = logging.StreamHandler(sys.stderr)
    handler.setLevel(logging.WARNING)  # on the handler: Scrapy sets its own loggers to DEBUG
    logging.basicConfig(handlers=[handler])
    try:
        return int(args.act(args))
    except (Refused, BadEvent, StoreError, TooLarge) as error:
        _say(f"yeoron: {error}")
    except ValueError as error:
        if type(error).__module__.split(".")[0] not in ("nlp", "crawler", "data"):
            raise
        _say(f"yeoron: {error}")
    except sqlite3.OperationalError as error:
        if "full" not in str(error):
            raise
        _say(FULL.format(_home(args)))
    except BrokenPipeError:  # whoever read our output has seen enough, such as `head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        _say(FULL.format(_home(args)))
    return FAILED


FULL = "yeoron: the disk of {} is full: free some space and run it again; nothing stored so far is lost"


if __name__ == "__main__":
    sys.exit(main())
