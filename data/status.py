"""What a store holds, what it could not see, and what came of its runs: for people and for scripts."""

from __future__ import annotations

import json
from typing import Any

from data.store import Store

LAST_RUNS = 5


def report(store: Store, event_id: str | None = None) -> dict[str, Any]:
    """The state of a store as plain data; every number comes from a view. ``event_id`` narrows it to one event."""
    events = [row["id"] for row in store.rows("SELECT id FROM events ORDER BY id")]
    chosen = [name for name in events if event_id in (None, name)]
    return {
        "home": str(store.home),
        "kind": store.kind,
        "events": [_event(store, name) for name in chosen],
        "runs": [_run(row) for row in store.rows("SELECT * FROM runs ORDER BY id DESC LIMIT ?", [LAST_RUNS])],
    }


def _event(store: Store, event_id: str) -> dict[str, Any]:
    overview = next(store.rows("SELECT * FROM overview WHERE event_id = ?", [event_id]))
    standing = store.rows("SELECT * FROM addresses_by_state WHERE event_id = ?", [event_id])
    aside = store.rows("SELECT * FROM set_aside WHERE event_id = ?", [event_id])
    addresses = {row["state"]: row["pages"] for row in standing}
    unseen = addresses.get("refused", 0) + addresses.get("failed", 0)
    return {
        **overview,
        "model": store.value("SELECT shown_model FROM events WHERE id = ?", [event_id]),
        "addresses": addresses,
        "unseen_share": unseen / sum(addresses.values()) if addresses else None,
        "set_aside": {row["reason"]: row["documents"] for row in aside},
        "platforms": list(store.rows("SELECT * FROM collection WHERE event_id = ? ORDER BY platform", [event_id])),
        "refusals": list(
            store.rows("SELECT * FROM refusals WHERE event_id = ? ORDER BY addresses DESC, outcome", [event_id])
        ),
    }


def _run(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, **{name: json.loads(row[name]) for name in ("arguments", "versions", "counts")}}


def as_text(found: dict[str, Any]) -> str:
    """The report as lines for a terminal, in Korean."""
    kind = "데모 (지어낸 글)" if found["kind"] == "demo" else "실제"
    lines = [f"저장소 {found['home']}  [{kind}]"]
    for event in found["events"]:
        lines += _event_lines(event)
    lines += [
        f"  실행 {run['id']}: {run['verb']} {run['outcome'] or '끝나지 않음'} {_counts(run['counts'])}"
        for run in found["runs"]
    ]
    return "\n".join(lines)


def _event_lines(event: dict[str, Any]) -> list[str]:
    share = event["complaint_share"]
    lines = [
        f"{event['event_id']}",
        f"  문서 {event['documents']:,} (목소리 {event['voices']:,}, 날짜 모름 {event['documents_without_date']:,},"
        f" 세지 않음 {event['documents_set_aside']:,})",
        f"  문장 {event['sentences']:,} (판정 {event['scored']:,}, 유보 {event['undecided']:,},"
        f" 불만 {event['complaints']:,}" + (f" = {share:.1%})" if share is not None else ")"),
    ]
    lines += [
        f"  {row['platform']}: 문서 {row['documents']:,}, 날짜 있음 {row['dated']:,}, 글쓴이 있음 {row['signed']:,}"
        for row in event["platforms"]
    ]
    lines += [
        f"  못 본 것 {row['platform'] or '-'} {row['outcome']}: {row['addresses']:,}" for row in event["refusals"]
    ]
    return lines


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items() if count)
