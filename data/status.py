"""What a store holds, what it could not see, and what came of its runs: for people and for scripts."""

from __future__ import annotations

import json
from typing import Any

from data.store import Store, now

LAST_RUNS = 5
# Outcomes of a discovered page that say nothing against it: it was read, or its turn has not come.
SEEN_OR_TO_COME = ("ok", "not_asked")


def report(store: Store, event_id: str | None = None) -> dict[str, Any]:
    """The state of a store as plain data; every number comes from a view. ``event_id`` narrows it to one event."""
    events = [row["id"] for row in store.rows("SELECT id FROM events ORDER BY id")]
    chosen = [name for name in events if event_id in (None, name)]
    return {
        "home": str(store.home),
        "kind": store.kind,
        "waiting": list(store.rows("SELECT * FROM sites WHERE waits_until > ? ORDER BY waits_until", [now()])),
        "events": [_event(store, name) for name in chosen],
        "runs": [_run(row) for row in store.rows("SELECT * FROM runs ORDER BY id DESC LIMIT ?", [LAST_RUNS])],
    }


def _event(store: Store, event_id: str) -> dict[str, Any]:
    overview = next(store.rows("SELECT * FROM overview WHERE event_id = ?", [event_id]))
    standing = store.rows("SELECT * FROM addresses_by_state WHERE event_id = ?", [event_id])
    aside = store.rows("SELECT * FROM set_aside WHERE event_id = ?", [event_id])
    addresses = {row["state"]: row["pages"] for row in standing}
    sight = _sight(store, event_id)
    return {
        **overview,
        "model": store.value("SELECT shown_model FROM events WHERE id = ?", [event_id]),
        "addresses": addresses,
        "sight": sight,
        "unseen_share": _unseen_share(sight),
        "set_aside": {row["reason"]: row["documents"] for row in aside},
        "grey": list(
            store.rows("SELECT * FROM grey_sources WHERE event_id = ? ORDER BY platform, measure", [event_id])
        ),
        "dates_disagree": store.value(
            "SELECT count(DISTINCT document_id) FROM date_disagreements WHERE event_id = ?", [event_id]
        ),
        "dates_refused": store.value("SELECT count(*) FROM refused_dates WHERE event_id = ?", [event_id]),
        "platforms": list(store.rows("SELECT * FROM collection WHERE event_id = ? ORDER BY platform", [event_id])),
        "refusals": list(
            store.rows("SELECT * FROM refusals WHERE event_id = ? ORDER BY addresses DESC, outcome", [event_id])
        ),
    }


def _sight(store: Store, event_id: str) -> list[dict[str, Any]]:
    """What came of each discovered page, by platform and outcome, with its share of the platform's pages."""
    order = "ORDER BY platform, outcome <> 'ok', pages DESC, outcome"
    sql = f"SELECT platform, outcome, pages, share FROM addresses_by_outcome WHERE event_id = ? {order}"
    return list(store.rows(sql, [event_id]))


def _unseen_share(sight: list[dict[str, Any]]) -> float | None:
    """Pages that could not be seen over all that were discovered; None where nothing was."""
    discovered = sum(row["pages"] for row in sight)
    unseen = sum(row["pages"] for row in sight if row["outcome"] not in SEEN_OR_TO_COME)
    return unseen / discovered if discovered else None


def expected(row: dict[str, Any]) -> str:
    """The bounds of a measure: '≥ 0.6', '≤ 0.3', '80–10000'."""
    least, most = row["least"], row["most"]
    if most is None:
        return f"≥ {least:g}"
    return f"≤ {most:g}" if least is None else f"{least:g}–{most:g}"


def _grey_line(row: dict[str, Any]) -> str:
    """A broken contract, told so that it cannot be taken for a quiet day."""
    found = f"{row['found']:.0f}" if row["measure"] == "letters" else f"{row['found']:.2f}"
    read = f"{row['pages']:,}쪽 가운데 {round(row['found'] * row['pages']):,}쪽만 문서가 됨, "
    return (
        f"  !! 회색 {row['platform']}: {read if row['measure'] == 'documents' else ''}{row['measure']} {found}"
        f" (기대 {expected(row)}, 실행 {row['run_id']}, {row['pages']:,}쪽): 고요한 것이 아니라 제대로 못 읽은 것"
    )


def _run(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, **{name: json.loads(row[name]) for name in ("arguments", "versions", "counts")}}


def as_text(found: dict[str, Any]) -> str:
    """The report as lines for a terminal, in Korean."""
    kind = "데모 (지어낸 글)" if found["kind"] == "demo" else "실제"
    lines = [f"저장소 {found['home']}  [{kind}]"]
    for event in found["events"]:
        lines += _event_lines(event)
    lines += [f"  기다림 {row['site']}: {row['waits_until']}까지 ({row['reason']})" for row in found["waiting"]]
    lines += [
        f"  실행 {run['id']}: {run['verb']} {run['outcome'] or '끝나지 않음'} {_counts(run['counts'])}"
        for run in found["runs"]
    ]
    return "\n".join(lines)


def _event_lines(event: dict[str, Any]) -> list[str]:
    share = event["complaint_share"]
    lines = [
        f"{event['event_id']}",
        *(_grey_line(row) for row in event["grey"]),
        f"  문서 {event['documents']:,} (목소리 {event['voices']:,}, 날짜 모름 {event['documents_without_date']:,},"
        f" 세지 않음 {event['documents_set_aside']:,})",
        f"  문장 {event['sentences']:,} (판정 {event['scored']:,}, 유보 {event['undecided']:,},"
        f" 불만 {event['complaints']:,}" + (f" = {share:.1%})" if share is not None else ")"),
        f"  날짜가 쪽 안에서 엇갈린 문서 {event['dates_disagree']:,}, 받아들이지 않은 날짜 {event['dates_refused']:,}",
    ]
    lines += [
        f"  {row['platform']}: 문서 {row['documents']:,}, 날짜 있음 {row['dated']:,}, 글쓴이 있음 {row['signed']:,}"
        for row in event["platforms"]
    ]
    lines += _sight_lines(event["sight"], event["unseen_share"])
    lines += [
        f"  기록된 문제 {row['platform'] or '-'} {row['outcome']}: {row['addresses']:,}" for row in event["refusals"]
    ]
    return lines


def _sight_lines(sight: list[dict[str, Any]], unseen: float | None) -> list[str]:
    """How much of what was discovered could not be seen, and why, by platform."""
    if unseen is None:
        return []
    lines = [f"  찾은 글 {sum(row['pages'] for row in sight):,} 가운데 못 본 것 {unseen:.1%}"]
    for platform in dict.fromkeys(row["platform"] for row in sight):
        rows = [row for row in sight if row["platform"] == platform]
        parts = ", ".join(f"{row['outcome']} {row['pages']:,} ({row['share']:.1%})" for row in rows)
        lines.append(f"    {platform}: {parts}")
    return lines


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items() if count)
