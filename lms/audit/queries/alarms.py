"""Finds what deserves an alarm in the last day: many refused sign-ins, forged watch time, much personal data, a broken chain."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from lms.audit.domain.alarms import RULES, Rule
from lms.audit.models import AuditEntryRow
from lms.audit.queries.chain import chain_state
from lms.audit.queries.entries import actions, first_id

SPAN = timedelta(days=1)
ROWS_AN_ACTION = 5_000
"""The newest entries of an action that are counted: an attack that fills more is an alarm long before."""
SHOWN_A_RULE = 10


@dataclass(frozen=True)
class Alarm:
    """`count` acts of one kind by, from or against `subject` within the span; `limit` is where the alarm begins."""

    kind: str
    by: str
    subject: str
    count: int
    limit: int
    last_at: datetime


_KEYS: dict[str, Callable[[Row[*tuple[Any, ...]]], str]] = {
    "address": lambda row: str(row.address),
    "actor": lambda row: str(row.actor_id or ""),
    "object": lambda row: str(row.object_id),
}


def alarms(session: Session, *, now: datetime) -> tuple[Alarm, ...]:
    """All alarms of the last day, the broken chain first. One statement an action, each along an index and limited."""
    found: list[Alarm] = []
    known = actions(session)
    state = chain_state(session)
    if state.sound is False and state.verified_at:
        count = sum(int(number) for number in state.found.get("counts", {}).values())
        found.append(Alarm("broken_chain", "", "", count, 1, state.verified_at))
    chosen = {rule: [name for name in known if name.endswith(rule.endings)] for rule in RULES}
    rows = {name: _rows(session, name, now) for name in sorted({name for names in chosen.values() for name in names})}
    for rule, names in chosen.items():
        found += _by(rule, [row for name in names for row in rows[name]])
    return tuple(found)


def _rows(session: Session, action: str, now: datetime) -> list[Row[*tuple[Any, ...]]]:
    statement = (
        select(
            AuditEntryRow.id,
            AuditEntryRow.at,
            AuditEntryRow.actor_id,
            AuditEntryRow.address,
            AuditEntryRow.object_id,
            AuditEntryRow.request_id,
        )
        .where(AuditEntryRow.action == action, AuditEntryRow.id >= first_id(now - SPAN))
        .order_by(AuditEntryRow.id.desc())
        .limit(ROWS_AN_ACTION)
    )
    return list(session.execute(statement))


def _by(rule: Rule, rows: list[Row[*tuple[Any, ...]]]) -> list[Alarm]:
    key = _KEYS[rule.by]
    # One request is one act, however many entries tell of it: a file with people of five subtrees is told in five.
    acts = {(key(row), row.request_id or str(row.id)) for row in rows}
    counts = Counter(subject for subject, _ in acts)
    newest: dict[str, datetime] = {}
    for row in rows:
        subject = key(row)
        newest[subject] = max(row.at, newest.get(subject, row.at))
    return [
        Alarm(rule.kind, rule.by, subject, count, rule.limit, newest[subject])
        for subject, count in counts.most_common(SHOWN_A_RULE)
        if subject and count >= rule.limit
    ]
