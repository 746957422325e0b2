"""Keeps disputes about hours: every word stays, each step is audited."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.accounts import queries as accounts
from lms.accounts.domain.reach import Staff
from lms.accounts.service.second_person import require_another
from lms.audit import service as audit
from lms.hours import queries
from lms.hours.domain.disputes import Act, State, advance, nearest, one_up
from lms.hours.models import DisputeRow, DisputeWordRow
from lms.hours.service.correcting import OwnHours
from lms.infra.db import for_update, unit_of_work
from lms.kernel import ids
from lms.kernel.errors import N_, Conflict, Forbidden, Invalid, NotFound
from lms.kernel.numbers import refuse_numbers
from lms.organisations import queries as organisations

LONGEST, LONGEST_ABOUT = 1000, 120
MOST_WAITING = 10
"""So many disputes of one person may wait at a time."""


class DisputedAlready(Conflict):
    """One dispute about an entry waits."""

    code, title = "disputed_already", N_("这条记录的异议正在处理，请等待答复")


class TooManyDisputes(Conflict):
    """Who has many open questions waits for answers first."""

    code, title = "too_many_disputes", N_("您有 10 项异议正在处理，请等待答复后再提出")


class DisputeMoved(Conflict):
    """The dispute is no longer where the page showed it."""

    code, title = "dispute_moved", N_("这项异议的状态已经变化，请刷新页面后查看；您写的内容没有提交")


class SamePerson(Forbidden):
    """Who answered does not judge the answer."""

    code, title = "answered_before", N_("您已答复过这项异议，复核须由上级的另一位管理人员办理")


def file_dispute(person_id: UUID, *, entry_id: UUID | None, about: str, text: str, now: datetime) -> UUID:
    """Files a dispute about an own entry, or about hours that are missing (`about` says which). Returns its id.

    Raises NotFound for another's entry, Invalid, DisputedAlready, TooManyDisputes.
    """
    text = _said(text)
    dispute_id = ids.new_id(now)
    with unit_of_work() as session:
        accounts.lock_person(session, person_id)
        if entry_id is not None:
            about = queries.own_entry(session, person_id, entry_id).title
            if queries.entry_disputed(session, entry_id):
                raise DisputedAlready
        if queries.waiting_disputes(session, person_id) >= MOST_WAITING:
            raise TooManyDisputes
        unit_id = accounts.person(session, person_id).unit_id
        session.add(
            DisputeRow(
                id=dispute_id,
                person_id=person_id,
                entry_id=entry_id,
                about=_named(about),
                unit_id=unit_id,
                level_unit_id=unit_id,
                state=State.OPEN,
                filed_at=now,
                changed_at=now,
            )
        )
        session.flush()
        _say(session, dispute_id, Act.FILED, person_id, text, now=now)
    return dispute_id


def answer_dispute(dispute_id: UUID, *, by: Staff, upheld: bool, text: str, now: datetime) -> State:
    """Answers an open dispute, or decides one that was taken one level up. Returns the new state.

    Raises NotFound (also outside `by`'s reach), Invalid, OwnHours, SamePerson, InOneHand, DisputeMoved.
    """
    text = _said(text)
    with unit_of_work() as session:
        row = _locked(session, dispute_id)
        level = organisations.held_unit(session, row.level_unit_id).path
        reached = nearest(by.scopes, level)
        if reached is None:
            raise NotFound
        if by.person_id in accounts.alias_ids(session, accounts.kept_id(session, row.person_id)):
            raise OwnHours
        act = Act.DECIDED if row.state == State.ESCALATED else Act.ANSWERED
        if act is Act.DECIDED:
            answered = queries.who_answered(session, dispute_id)
            require_another(session, by.person_id, [answered], own=SamePerson, now=now)
        level_unit_id = _unit_at(session, reached) if act is Act.ANSWERED else row.level_unit_id
        state = _move(session, row, act, level_unit_id, now=now)
        _say(session, dispute_id, act, by.person_id, text, outcome="upheld" if upheld else "declined", now=now)
        return state


def escalate_dispute(dispute_id: UUID, *, person_id: UUID, text: str, now: datetime) -> None:
    """Asks the level above who answered to look at it again, once. Raises NotFound, Invalid, DisputeMoved."""
    text = _said(text)
    with unit_of_work() as session:
        row = _own(session, dispute_id, person_id)
        above = _unit_at(session, one_up(organisations.unit(session, row.level_unit_id).path))
        _move(session, row, Act.ESCALATED, above, now=now)
        _say(session, dispute_id, Act.ESCALATED, person_id, text, now=now)


def withdraw_dispute(dispute_id: UUID, *, person_id: UUID, now: datetime) -> None:
    """Takes one's own dispute back before it is answered. Raises NotFound, DisputeMoved."""
    with unit_of_work() as session:
        row = _own(session, dispute_id, person_id)
        _move(session, row, Act.WITHDRAWN, row.level_unit_id, now=now)
        _say(session, dispute_id, Act.WITHDRAWN, person_id, "", now=now)


def _move(session: Session, row: DisputeRow, act: Act, level_unit_id: UUID, *, now: datetime) -> State:
    state = advance(State(row.state), act)
    if state is None:
        raise DisputeMoved
    row.state, row.level_unit_id, row.changed_at = state, level_unit_id, now
    audit.mark_again(session, DisputeRow, row.id)
    return state


def _say(
    session: Session, dispute_id: UUID, act: Act, actor_id: UUID, text: str, *, outcome: str = "", now: datetime
) -> None:
    session.add(
        DisputeWordRow(
            id=ids.new_id(now), dispute_id=dispute_id, act=act, actor_id=actor_id, outcome=outcome, text=text, at=now
        )
    )
    session.flush()
    audit.record(
        session,
        action=f"hours.dispute_{act}",
        object_type="hours_dispute",
        object_id=dispute_id,
        actor_id=actor_id,
        details={"outcome": outcome} if outcome else {},
        now=now,
    )


def _own(session: Session, dispute_id: UUID, person_id: UUID) -> DisputeRow:
    row = _locked(session, dispute_id)
    if row.person_id not in accounts.alias_ids(session, person_id):
        raise NotFound
    return row


def _locked(session: Session, dispute_id: UUID) -> DisputeRow:
    row = session.execute(for_update(select(DisputeRow).where(DisputeRow.id == dispute_id))).scalar()
    if row is None:
        raise NotFound
    return row


def _unit_at(session: Session, path: str) -> UUID:
    (unit,) = organisations.at_paths(session, [path])
    return unit.id


def _said(text: str) -> str:
    if not text.strip():
        raise Invalid(fields={"text": N_("请写明情况")})
    if len(text.strip()) > LONGEST:
        raise Invalid(fields={"text": N_("最多 1000 个字，请缩短后再提交")})
    refuse_numbers(text=text)
    return text.strip()


def _named(about: str) -> str:
    if not about.strip():
        raise Invalid(fields={"about": N_("请写明是哪门课程或哪次培训")})
    refuse_numbers(about=about)
    return about.strip()[:LONGEST_ABOUT]
