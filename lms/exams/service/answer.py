"""Saves answers: one at a time as pages with scripts send them, or the whole paper as a plain form."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Integer, bindparam, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from lms.exams import queries
from lms.exams.domain import answers, attempts
from lms.exams.domain.attempts import AnswerEvent, SaveKey, SaveVerdict, State
from lms.exams.domain.blueprint import CHOICE_TYPES
from lms.exams.domain.drawing import PaperEntry
from lms.exams.models import AnswerEventRow, AttemptRow
from lms.infra import db
from lms.infra.db import reading, unit_of_work
from lms.infra.types import Instant, Json, Uuid
from lms.kernel.errors import N_, Conflict, Invalid, NotFound

REFUSALS = {
    SaveVerdict.CLOSED: N_("答卷已经交卷，不能再修改"),
    SaveVerdict.LATE: N_("作答时间已到，这次修改没有保存"),
    SaveVerdict.OPENED_ELSEWHERE: N_("您已在其他页面或设备上打开这份答卷，请在那里继续作答"),
    SaveVerdict.UNKNOWN_EPOCH: N_("页面状态有误，请刷新后继续作答"),
    SaveVerdict.CONFLICT: N_("同一次保存出现了两个不同的答案，请刷新后继续作答"),
}
FAULTS = {
    answers.Fault.NOT_A_CHOICE: N_("答案的格式有误"),
    answers.Fault.UNKNOWN_OPTION: N_("没有这个选项"),
    answers.Fault.ONE_OPTION_ONLY: N_("本题只能选择一个选项"),
    answers.Fault.TOO_MANY: N_("答案的个数多于本题的要求"),
    answers.Fault.TOO_LONG: N_("答案太长，请缩短后再保存"),
}


class SaveRefused(Conflict):
    """The save does not count; `code` says why (closed, late, opened_elsewhere, unknown_epoch, conflict)."""

    def __init__(self, verdict: SaveVerdict) -> None:
        self.code = verdict.value
        self.title = REFUSALS[verdict]
        super().__init__()


@dataclass(frozen=True)
class Saved:
    """An acknowledged save."""

    saved_at: datetime
    client_seq: int


def save_answer(
    attempt_id: UUID, person_id: UUID, position: int, key: SaveKey, value: object, *, received_at: datetime
) -> Saved:
    """Stores one answer of the page that opened the attempt last; repeating a save is acknowledged as it was the first time.

    The ordinary save is one statement, which decides as `accept_save` would; whatever it does not store is looked at by that.
    Raises NotFound, Invalid (no answer to this item), SaveRefused.
    """
    with reading() as session:  # a paper never changes: SQLite's one writer need not wait while it is read
        chosen = _chosen(session, attempt_id, position, value)
    with unit_of_work() as session:
        if isinstance(chosen, tuple) and _stored(session, attempt_id, person_id, position, key, chosen, received_at):
            return Saved(received_at, key.client_seq)
        target = queries.save_target(session, attempt_id, person_id)
        if chosen is None:
            raise NotFound
        if isinstance(chosen, answers.Invalid):
            raise Invalid(fields={"value": FAULTS[chosen.fault]})
        newest, twin = queries.saves_before(session, attempt_id, position, key)
        verdict = attempts.accept_save(
            AnswerEvent(key, chosen),
            target.facts,
            twin=AnswerEvent(twin.key, twin.value) if twin else None,
            newest=newest,
            received_at=received_at,
            grace=target.grace,
        )
        if verdict.stores and not _stored(session, attempt_id, person_id, position, key, chosen, received_at):
            raise SaveRefused(SaveVerdict.CLOSED)
    if not verdict.acknowledged:
        raise SaveRefused(verdict)
    return Saved(twin.received_at if twin else received_at, key.client_seq)


def _chosen(
    session: Session, attempt_id: UUID, position: int, value: object
) -> tuple[str, ...] | answers.Invalid | None:
    """The answer as it is stored, or what is wrong with it; None when the paper has no such place."""
    entries = queries.paper(session, attempt_id).entries
    if not 1 <= position <= len(entries):
        return None
    return _normal(session, entries[position - 1], value)


def _normal(session: Session, entry: PaperEntry, value: object) -> tuple[str, ...] | answers.Invalid:
    places = 1
    if entry.type not in CHOICE_TYPES:
        places = queries.items(session, [entry.version_id])[entry.version_id].places
    return answers.normalise(value, entry.type, entry.option_order, places=places)


def _stored(
    session: Session,
    attempt_id: UUID,
    person_id: UUID,
    position: int,
    key: SaveKey,
    chosen: tuple[str, ...],
    received_at: datetime,
) -> bool:
    """Stores a save of the page that opened the open attempt last, received in time, under a key of its own; else does nothing."""
    values = {
        "of_attempt": attempt_id,
        "of_person": person_id,
        "at_position": position,
        "of_epoch": key.epoch,
        "of_seq": key.client_seq,
        "chosen": list(chosen),
        "at": received_at,
    }
    return session.connection().execute(_SAVE[db.dialect()], values).first() is not None


_attempt = AttemptRow.__table__
_epoch, _at = bindparam("of_epoch", type_=Integer), bindparam("at", type_=Instant)
_VALUES = select(
    _attempt.c.id,
    bindparam("at_position", type_=Integer),
    _epoch,
    bindparam("of_seq", type_=BigInteger),
    bindparam("chosen", type_=Json),
    _at,
).where(
    _attempt.c.id == bindparam("of_attempt", type_=Uuid),
    _attempt.c.person_id == bindparam("of_person", type_=Uuid),
    _attempt.c.state == State.OPEN.value,
    _attempt.c.epoch == _epoch,
    _attempt.c.closes_at >= _at,
)
_COLUMNS = ["attempt_id", "position", "epoch", "client_seq", "value", "received_at"]
# On PostgreSQL the attempt is locked while its save is stored, so that a hand-in waits, and is looked at again after a wait.
_SAVE = {
    "sqlite": sqlite.insert(AnswerEventRow)
    .from_select(_COLUMNS, _VALUES)
    .on_conflict_do_nothing()
    .returning(AnswerEventRow.client_seq),
    "postgresql": postgresql.insert(AnswerEventRow)
    .from_select(_COLUMNS, _VALUES.with_for_update())
    .on_conflict_do_nothing()
    .returning(AnswerEventRow.client_seq),
}


def save_form(
    attempt_id: UUID, person_id: UUID, epoch: int, values: Mapping[int, object], *, received_at: datetime
) -> int:
    """Stores the whole paper as a page without scripts sends it; a position without a value is an answer taken back.

    Returns how many answers changed. Raises NotFound, Invalid, SaveRefused; then nothing is stored.
    """
    with unit_of_work() as session:
        found = queries.own_attempt(session, attempt_id, person_id, lock=True)
        if found.state is not State.OPEN:
            raise SaveRefused(SaveVerdict.CLOSED)
        if found.overdue(received_at):
            raise SaveRefused(SaveVerdict.LATE)
        if epoch != found.epoch:
            raise SaveRefused(SaveVerdict.OPENED_ELSEWHERE)
        saved = queries.answers(session, attempt_id)
        changes = []
        for entry in queries.paper(session, attempt_id).entries:
            value = values.get(entry.position)
            chosen = _normal(session, entry, value)
            if isinstance(chosen, answers.Invalid):
                raise Invalid(fields={str(entry.position): FAULTS[chosen.fault]})
            before = saved.get(entry.position)
            if chosen == (before.value if before else ()):
                continue
            following = before.key.client_seq + 1 if before and before.key.epoch == epoch else 1
            changes.append({"position": entry.position, "client_seq": following, "value": list(chosen)})
        if changes:
            common = {"attempt_id": attempt_id, "epoch": epoch, "received_at": received_at}
            session.execute(insert(AnswerEventRow), [common | change for change in changes])
    return len(changes)
