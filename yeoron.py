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
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from importlib.metadata import version
from pathlib import Path
from typing import IO, TYPE_CHECKING, NoReturn

from data import events
from data.archive import TooLarge
from data.events import BadEvent, Event
from data.store import NAME, Store, StoreError, StoreKind

if TYPE_CHECKING:
    from nlp.scorers import Scorer

if TYPE_CHECKING:
    from crawler.canary import Answer

OK, DEGRADED, FAILED = 0, 1, 2
READING = ("crawl", "import", "replay")  # verbs that read pages, and are held to their platforms' contracts
ROOT = Path(__file__).parent
DEMO_EVENT = "kakao-outage-2022"
SCORER_HELP = "shipped, hf:FOLDER or hf:OWNER/NAME (docs/models.md)"


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
    """Ask lists for pages of an event (feeds, searches, archives), visit what is queued, and store what they give."""
    if args.replay:
        return _replay(args)
    from crawler import citations
    from crawler.crawl import crawl as run_crawl
    from crawler.platforms import platforms
    from crawler.sources import sources

    event = events.load(args.event)
    known = [platform.NAME for platform in platforms()]
    if unknown := [name for name in args.platform if name not in known]:
        raise Refused(f"unknown platform {', '.join(unknown)}: known are {', '.join(known)}")
    _check_choices("source", args.source, [*sources(), citations.NAME])
    with Store.open(_home(args)) as store:
        store.save_event(event)
        with _run(store, "crawl", event, args) as (run_id, counts):
            counts.update(run_crawl(event, store, run_id, tuple(args.platform), args.limit, asked=tuple(args.source)))
            _nothing_is_a_problem(store, run_id, event, counts)
        return _report(counts)


def _replay(args: argparse.Namespace) -> int:
    """Read the archived pages of an event again, so that a better reader mends what an older one made of them."""
    from crawler.replay import replay

    if args.platform or args.source or args.limit:
        cure = "leave out --platform, --source and --limit"
        raise Refused(f"--replay asks no list and reads every archived page of the event: {cure}")
    event = events.load(args.event)
    with Store.open(_home(args), _kind_of(_home(args))) as store:
        store.save_event(event)
        with _run(store, "crawl", event, args) as (run_id, counts):
            counts.update(replay(event, store, run_id))
        _print_problems(store, run_id)
        if counts["changed"] or counts["newly_readable"]:
            _say(f"what changed is to be annotated: yeoron annotate {event.id}")
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
    """Import saved pages (.html), text (.txt), address lists (.urls), .jsonl, WARC, ARC and WACZ files, or folders."""
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


def canary(args: argparse.Namespace) -> int:
    """Fetch one known page of each platform and tell which readers still hold; nothing of them is stored."""
    from crawler.canary import ask, load

    canaries = load()
    with Store.open(_home(args)) as store, _run(store, "canary", None, args) as (run_id, counts):
        answers = ask(store, canaries)
        _keep_answers(store, run_id, answers, counts)
    for answer in answers:
        print(f"{answer.outcome}\t{answer.canary.platform}\t{answer.canary.url}\t{answer.detail}")
    if not counts["ok"] and not counts["layout_changed"]:
        _say("no page could be asked: is there a network?")
        return FAILED
    return _report(counts)


def _keep_answers(store: Store, run_id: int, answers: Sequence[Answer], counts: Counter[str]) -> None:
    """All that is kept of canaries: how many hold, and a problem for each that does not."""
    from data.records import Problem

    for answer in answers:
        counts[answer.outcome] += 1
        if answer.outcome != "ok":
            counts["problems"] += 1
            found = Problem("canary", answer.outcome, answer.detail, answer.canary.url, answer.canary.platform)
            store.problem(run_id, None, found)


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

    [scorer] = _scorers([scorer_name], args)
    store.save_event(event)
    with _run(store, "annotate", event, args, {"model": scorer.sha256}) as (run_id, counts):
        counts.update(run_annotate(event, store, run_id, scorer))
    return _report(counts)


def score(args: argparse.Namespace) -> int:
    """Read one text a line and print one JSON object a line.

    The text is printed in composed letters (Unicode NFC); start and end count code points of the printed text.
    """
    from nlp.evaluate import score as run_score

    event = events.load(args.event)
    with _text_lines(args.file) as lines:
        [scorer] = _scorers([args.scorer], args)
        for result in run_score(event, scorer, lines):
            print(json.dumps(result, ensure_ascii=False), flush=True)
    return OK


def evaluate(args: argparse.Namespace) -> int:
    """Compare scorers with labelled sentences, and with one another, and print the figures as JSON."""
    from nlp import evaluate as e

    event = events.load(args.event)
    rows = e.read_rows(Path(args.file), event)
    with Store.open(_home(args), _kind_of(_home(args))) if args.store else nullcontext() as store:
        scorers = _scorers(args.scorer or ["shipped"], args)
        said = [e.answers(event, scorer, rows) for scorer in scorers]
        if store:
            for scorer, answers in zip(scorers, said, strict=True):
                _keep_confusion(store, event, scorer, e.confusion(rows, answers), args)
    one = len(scorers) == 1
    found = e.figures(event, scorers[0], rows, said[0]) if one else e.side_by_side(event, scorers, rows, said)
    print(json.dumps(found, ensure_ascii=False, indent=2))
    return OK


def _keep_confusion(
    store: Store, event: Event, scorer: Scorer, cells: dict[tuple[str, str, str], int], args: argparse.Namespace
) -> None:
    store.save_event(event)
    with _run(store, "evaluate", event, args, {"model": scorer.sha256}) as (_, counts):
        store.save_model(scorer.model_id, scorer.name, scorer.sha256)
        store.save_confusion(event.id, scorer.model_id, cells)
        counts["sentences"] = sum(cells.values())
    _say(f"confusion of {scorer.model_id} stored: {_report_kinds(cells)}")


def _report_kinds(cells: dict[tuple[str, str, str], int]) -> str:
    totals: Counter[str] = Counter()
    for (kind, _, _), n in cells.items():
        totals[kind] += n
    return ", ".join(f"{kind} {n:,}" for kind, n in totals.items()) or "nothing could be scored"


def _scorers(names: list[str], args: argparse.Namespace) -> list[Scorer]:
    """The scorers of these names; --labels is for those that take a model, such as hf:FOLDER."""
    from nlp.scorers import load

    labels = dict(getattr(args, "labels", ()))
    mapped = [name for name in names if ":" in name] or names
    found = [load(name, labels if name in mapped else None) for name in names]
    if len({scorer.model_id for scorer in found}) < len(found):
        raise Refused("a scorer is named twice: name each --scorer once")
    return found


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
    store: Store, verb: str, event: Event | None, args: argparse.Namespace, more: dict[str, str] | None = None
) -> Iterator[tuple[int, Counter[str]]]:
    """A run in the store around an act: its outcome is written whatever happens, short of kill -9."""
    arguments = {key: value for key, value in vars(args).items() if key != "act"}
    run_id = store.begin_run(verb, event.id if event else None, arguments, _versions() | (more or {}))
    counts: Counter[str] = Counter()
    try:
        yield run_id, counts
        if verb in READING and event:
            _check_contracts(store, event, run_id, counts)
    except BaseException:
        store.end_run(run_id, counts, "failed")
        raise
    store.end_run(run_id, counts, "degraded" if counts["problems"] else "ok")


def _check_contracts(store: Store, event: Event, run_id: int, counts: Counter[str]) -> None:
    """A run whose pages gave less, or something else, than their platform is expected to give is degraded."""
    from crawler.contracts import check

    for breach in check(store, event.id, run_id):
        counts["problems"] += 1
        counts["problem_contract"] += 1
        _say(f"CONTRACT BROKEN {breach.platform}: {breach.detail}")


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
    one.add_argument(
        "--source",
        action="append",
        default=[],
        metavar="S",
        help="ask only this kind of list (may be repeated): feed, sitemap, link, naver_search, kakao_search;"
        " day_list, common_crawl and wayback are asked when named",
    )
    one.add_argument("--limit", type=_positive, metavar="N", help="ask for at most N pages")
    one.add_argument("--replay", action="store_true", help="ask for nothing: read the archived pages again")
    one = verb("import", import_files)
    one.add_argument("event", metavar="EVENT")
    one.add_argument("path", nargs="+", metavar="PATH")
    one = verb("annotate", annotate)
    one.add_argument("event", nargs="?", metavar="EVENT", help="default: every event of the store")
    one.add_argument("--scorer", default="shipped", metavar="NAME", help=SCORER_HELP)
    _takes_labels(one)
    one = verb("score", score)
    one.add_argument("event", metavar="EVENT")
    one.add_argument("file", nargs="?", default="-", metavar="FILE")
    one.add_argument("--scorer", default="shipped", metavar="NAME", help=SCORER_HELP)
    _takes_labels(one)
    one = verb("evaluate", evaluate)
    one.add_argument("event", metavar="EVENT")
    one.add_argument("file", metavar="FILE.tsv")
    one.add_argument("--scorer", action="append", metavar="NAME", help=f"{SCORER_HELP}; repeat it to compare several")
    one.add_argument("--store", action="store_true", help="keep the confusion, by kind of text, in the store")
    _takes_labels(one)
    verb("canary", canary)
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


def _takes_labels(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--labels",
        action="append",
        default=[],
        type=_label,
        metavar="LABEL=POLARITY",
        help="what a label of an hf: model means: negative, neutral or positive (once for each label)",
    )


def _label(text: str) -> tuple[str, str]:
    name, sign, polarity = text.rpartition("=")
    if not (sign and name.strip() and polarity.strip()):
        raise argparse.ArgumentTypeError(f"{text!r} is not LABEL=POLARITY, such as LABEL_0=negative")
    return name.strip(), polarity.strip()


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
