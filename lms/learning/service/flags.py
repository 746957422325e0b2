"""Raises flags on watching that looks odd, and keeps what humans decide and people object. No credit changes here."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms.accounts import queries as accounts
from lms.accounts.domain.reach import Staff
from lms.accounts.service.second_person import InOneHand
from lms.audit import service as audit
from lms.infra import crypto, db
from lms.infra.db import for_update, reading, unit_of_work
from lms.kernel import ids
from lms.kernel.errors import N_, Conflict, Forbidden, Invalid, NotFound
from lms.kernel.numbers import refuse_numbers
from lms.learning.domain import suspicion
from lms.learning.domain.origins import network_of
from lms.learning.domain.suspicion import SHANGHAI, Evidence, Ground, Rhythm
from lms.learning.events import ReversalProposed, reversal_proposed
from lms.learning.models import WatchCursorRow, WatchFlagRow, WatchObjectionRow, WatchOriginRow
from lms.learning.queries import flags as queries
from lms.learning.service.standing import SILENCE
from lms.learning.service.telling import ANSWERED, DECIDED, RAISED, tell

CURSOR = "flags"
SETTLED = timedelta(minutes=12)
"""What ended so long ago has its last beats."""
FIRST_LOOK = timedelta(days=1)
BATCH = 500
ORIGINS_KEPT = timedelta(days=180)
LONGEST_LEASE = timedelta(hours=24)
MARK_LENGTH = 32
DECISIONS = ("no_concern", "talk", "propose_reversal")

Found = tuple[UUID, Ground, Evidence]


class Decided(Conflict):
    """A flag is decided once."""

    code, title = "flag_decided", N_("这条提示已经处理过了")


class OnOneself(Forbidden):
    """Nobody decides on their own watching."""

    code, title = "flag_on_oneself", N_("不能处理关于自己的提示，请由别的工作人员处理")


class OwnDecision(Forbidden):
    """An objection against a decision is answered by somebody who did not take it."""

    code, title = "own_decision", N_("这是对您所作结论的异议，须由另一位工作人员答复")


class Unanswered(Conflict):
    """One objection waits at a time."""

    code, title = "objection_waiting", N_("您的上一条说明还没有答复，请等答复后再补充")


def note_origin(lease_id: UUID, person_id: UUID, *, address: str, device: str, now: datetime) -> None:
    """Keeps from which network and browser a lease was opened, as keyed hashes."""
    with unit_of_work() as session:
        session.add(
            WatchOriginRow(
                lease_id=lease_id,
                person_id=person_id,
                at=now,
                network_mark=_mark("network", network_of(address)),
                device_mark=_mark("device", device),
            )
        )


def look(*, now: datetime) -> int:
    """Looks at the days of whoever's leases have ended since the last look. Returns how many flags are new.

    Twice, or in two workers at once, it finds the same: a flag exists once for a person, ground and day. It looks no further
    than the end that the longest silent lease will get when it expires: nothing ends later on before the cursor.
    """
    raised, after = 0, None
    with reading() as session:
        silent = queries.longest_silent(session)
        until = min(now - SETTLED, silent + SILENCE) if silent else now - SETTLED
        since = _looked_until(session) or until - FIRST_LOOK
    while True:
        with reading() as session:
            ended = queries.ended_between(session, since, until, after=after, limit=BATCH)
        days = {(one.person_id, one.ended_at.astimezone(SHANGHAI).date()) for one in ended}
        for person_id, day in sorted(days):
            raised += _raise(_findings(person_id, day), day, now=now)
        if len(ended) < BATCH:
            _look_on(until)
            return raised
        since, after = ended[-1].ended_at, ended[-1].lease_id
        _look_on(since)


def decide(flag_id: UUID, *, decision: str, reason: str, by: Staff, now: datetime) -> None:
    """A human decides what a flag means. A proposed reversal is announced; taking hours back is the ledger's own act.

    Raises NotFound (also out of reach), OnOneself, Decided, Invalid.
    """
    reason = _said(reason, "reason")
    if decision not in DECISIONS:
        raise Invalid(fields={"decision": N_("请从列出的选项中选择")})
    with unit_of_work() as session:
        found = queries.flag(session, flag_id, by.scopes, held=True)
        if accounts.own_among(session, by.person_id, [found.person_id]):
            raise OnOneself
        _held(session, flag_id)
        session.execute(
            update(WatchFlagRow)
            .where(WatchFlagRow.id == flag_id)
            .values(decision=decision, reason=reason, decided_by=by.person_id, decided_at=now, unit_id=found.unit_id)
        )
        tell(found.person_id, flag_id, DECIDED, key=f"{flag_id}:decided", now=now)
        _note(session, "watch.flag_decided", flag_id, by.person_id, {"decision": decision}, now=now)
        if decision == "propose_reversal":
            event = ReversalProposed(flag_id, found.person_id, found.day, reason, by.person_id, now)
            reversal_proposed.send(None, event=event)


def object_to(flag_id: UUID, *, person_id: UUID, text: str, now: datetime) -> UUID:
    """The person says what they have to say. Returns the objection's id. Raises NotFound, Unanswered, Invalid."""
    text = _said(text, "text")
    objection_id = ids.new_id(now)
    try:
        with unit_of_work() as session:
            queries.own_flag(session, flag_id, person_id)
            if any(one.answered_at is None for one in queries.objections(session, flag_id)):
                raise Unanswered
            session.add(WatchObjectionRow(id=objection_id, flag_id=flag_id, text=text, filed_at=now, answer=""))
            session.flush()
            _note(session, "watch.flag_objected", flag_id, person_id, {}, now=now)
    except IntegrityError as error:
        if "watch_objection" not in str(error.orig):
            raise
        raise Unanswered from error
    return objection_id


def answer(flag_id: UUID, objection_id: UUID, *, text: str, by: Staff, now: datetime) -> None:
    """Answers an objection, once. Raises NotFound (also out of reach), OnOneself, OwnDecision, InOneHand, Decided,
    Invalid."""
    text = _said(text, "answer")
    with unit_of_work() as session:
        found = queries.flag(session, flag_id, by.scopes, held=True)
        if accounts.own_among(session, by.person_id, [found.person_id]):
            raise OnOneself
        mine = WatchObjectionRow.id == objection_id, WatchObjectionRow.flag_id == flag_id
        filed_at = session.execute(select(WatchObjectionRow.filed_at).where(*mine)).scalar()
        if filed_at is None:
            raise NotFound
        decider = next(iter(accounts.own_among(session, by.person_id, [found.decided_by])), by.person_id)
        if not found.may_answer(decider, filed_at):
            raise OwnDecision
        if accounts.in_one_hand(session, by.person_id, [found.decided_by], now=now):
            raise InOneHand
        done = session.execute(
            update(WatchObjectionRow)
            .where(*mine, WatchObjectionRow.answered_at.is_(None))
            .values(answer=text, answered_by=by.person_id, answered_at=now, unit_id=found.unit_id)
            .returning(WatchObjectionRow.id)
        ).first()
        if done is None:
            raise Decided
        tell(found.person_id, flag_id, ANSWERED, key=f"{objection_id}:answered", now=now)
        _note(session, "watch.flag_answered", flag_id, by.person_id, {}, now=now)


def forget_origins(*, now: datetime, batch: int = 1000) -> int:
    """Removes origins that have outlived what the field register says. Returns how many."""
    old = select(WatchOriginRow.lease_id).where(WatchOriginRow.at < now - ORIGINS_KEPT).limit(batch)
    with unit_of_work() as session:
        gone = delete(WatchOriginRow).where(WatchOriginRow.lease_id.in_(old)).returning(WatchOriginRow.lease_id)
        return len(session.execute(gone.execution_options(synchronize_session=False)).all())


def _findings(person_id: UUID, day: date) -> list[Found]:
    since = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
    until = since + timedelta(days=1)
    with reading() as session:
        stays = queries.stays(session, person_id, since - LONGEST_LEASE, until)
        openings = queries.openings(session, person_id, since, until)
        found: list[tuple[Ground, Evidence | None]] = [
            (Ground.LONG_DAY, suspicion.long_day(((one.opened_at, one.left_at) for one in stays), day)),
            (Ground.MANY_NETWORKS, suspicion.many_networks([(at, network) for at, network, _ in openings if network])),
            (Ground.QUICK_PRESENCE, suspicion.quick_presence(queries.latencies(session, person_id, since, until))),
            (Ground.OVERCLAIMING, suspicion.overclaiming(queries.overclaims(session, person_id, since, until))),
        ]
        for one in stays:
            if since <= one.left_at < until:
                rhythm = Rhythm(one.beats, one.gap_low_ms, one.gap_high_ms)
                found.append((Ground.REGULAR_BEATS, suspicion.regular_beats(rhythm)))
        shared = list(_sharing(session, {device for _, _, device in openings if device}, since, until))
    return [(person_id, ground, evidence) for ground, evidence in found if evidence] + shared


def _sharing(session: Session, devices: Iterable[str], since: datetime, until: datetime) -> Iterator[Found]:
    for device in sorted(devices):
        people = queries.people_of_device(session, device, since, until)
        evidence = suspicion.shared_device(len(people))
        if evidence:
            yield from ((one, Ground.SHARED_DEVICE, evidence) for one in people)


def _raise(found: list[Found], day: date, *, now: datetime) -> int:
    """Stores what is new of some findings. Returns how many are."""
    if not found:
        return 0
    insert = db.insert_into(WatchFlagRow)
    new = 0
    with unit_of_work() as session:
        for person_id, ground, evidence in found:
            flag_id = ids.new_id(now)
            values: dict[str, Any] = {
                "id": flag_id,
                "person_id": person_id,
                "kind": ground.value,
                "day": day,
                "evidence": evidence,
                "raised_at": now,
                "reason": "",
            }
            once = insert.values(values).on_conflict_do_nothing(index_elements=["person_id", "kind", "day"])
            if session.execute(once.returning(WatchFlagRow.id)).first() is not None:
                new += 1
                tell(person_id, flag_id, RAISED, key=f"{flag_id}:raised", now=now)
                _note(session, "watch.flag_raised", flag_id, None, {"ground": ground.value, **evidence}, now=now)
    return new


def _looked_until(session: Session) -> datetime | None:
    return session.execute(select(WatchCursorRow.at).where(WatchCursorRow.name == CURSOR)).scalar()


def _look_on(at: datetime) -> None:
    insert = db.insert_into(WatchCursorRow)
    with unit_of_work() as session:
        session.execute(
            insert.values(name=CURSOR, at=at).on_conflict_do_update(
                index_elements=["name"], set_={"at": at}, where=WatchCursorRow.at < at
            )
        )


def _held(session: Session, flag_id: UUID) -> None:
    statement = for_update(select(WatchFlagRow.decision).where(WatchFlagRow.id == flag_id))
    if session.execute(statement).scalar_one() is not None:
        raise Decided


def _mark(kind: str, text: str) -> str:
    return crypto.mac(f"watch-{kind}", text)[:MARK_LENGTH] if text else ""


def _said(text: str, field: str) -> str:
    text = text.strip()[:500]
    if not text:
        raise Invalid(fields={field: N_("请填写此项")})
    refuse_numbers(**{field: text})
    return text


def _note(
    session: Session, action: str, flag_id: UUID, actor_id: UUID | None, details: dict[str, Any], *, now: datetime
) -> None:
    audit.record(
        session, action=action, object_type="watch_flag", object_id=flag_id, actor_id=actor_id, details=details, now=now
    )
