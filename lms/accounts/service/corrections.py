"""Corrections of identity fields: people ask, staff of their unit or above decide, values are stored encrypted."""

from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms.accounts.domain.corrections import Identity
from lms.accounts.domain.particulars import LONGEST, TOO_LONG
from lms.accounts.domain.reach import Staff
from lms.accounts.domain.wording import SEXES
from lms.accounts.models import CorrectionRow, PersonRow
from lms.accounts.service import id_numbers, identity, memberships
from lms.accounts.service.holding import LONGEST_REASON, day_of, hold
from lms.audit import service as audit
from lms.infra.db import for_update, reading, unit_of_work
from lms.infra.sealing import seal, unseal
from lms.kernel import ids
from lms.kernel.errors import N_, Conflict, Forbidden, Invalid, NotFound
from lms.kernel.numbers import NO_NUMBERS, NO_NUMBERS_HERE, tells_a_number
from lms.organisations import queries as organisations

APPROVED = "更正申请"
"""Why a membership changed, where the approval says no more."""


class AskedAlready(Conflict):
    """One request for a field waits."""

    code, title = "correction_open", N_("这一项的更正申请正在处理，请等待结果或先撤回")


class Settled(Conflict):
    """Somebody decided it, or the person took it back."""

    code, title = "correction_settled", N_("这份更正申请已经办结")


class NoIdNumber(Conflict):
    """There is nothing to correct: a number that nobody compared yet is given again, with its own consent, not here."""

    code, title = "no_id_number", N_("您没有已核验的身份证号；未登记或未核验的号码，请在“身份证号”页面直接登记")


class UnitOutOfReach(Forbidden):
    """The unit that is asked for is somebody else's to fill."""

    code, title = "unit_out_of_reach", N_("申请的单位不在您的管理范围内，请由上级工会办理")


def ask(person_id: UUID, field: Identity, value: str, reason: str, *, now: datetime) -> UUID:
    """Files a request to correct a field. Returns its id.

    Raises Invalid, AskedAlready, NoIdNumber, PersonGone, and TooManyGiven: asking with one ID number after another would tell
    which are known as giving them would, and which is one's own.
    """
    if tells_a_number(reason):
        raise Invalid(fields={"reason": NO_NUMBERS})
    correction_id = ids.new_id(now)
    try:
        with unit_of_work() as session:
            hold(session, person_id, None)
            old = _present(session, person_id, field)
            new = _checked(session, field, value, now=now)
            # Before it is compared with one's own, which a stranger at the page might guess.
            if field is Identity.ID_NUMBER:
                id_numbers.count_given(person_id)
            if old == new:
                raise Invalid(fields={"value": N_("与现在登记的内容相同")})
            session.add(
                CorrectionRow(
                    id=correction_id,
                    person_id=person_id,
                    field=field.value,
                    old_sealed=seal(CorrectionRow.old_sealed, correction_id, old),
                    new_sealed=seal(CorrectionRow.new_sealed, correction_id, new),
                    reason=reason.strip()[:LONGEST_REASON],
                    state="open",
                    asked_at=now,
                )
            )
            session.flush()
            _note(session, "correction.asked", correction_id, person_id, field, now=now)
    except IntegrityError as error:
        if "correction" not in str(error.orig):
            raise
        raise AskedAlready from error
    return correction_id


def withdraw(correction_id: UUID, *, person_id: UUID, now: datetime) -> None:
    """Takes one's own request back. Raises NotFound, Settled."""
    with unit_of_work() as session:
        field = _open(session, correction_id, person_id)
        _settle(session, correction_id, "withdrawn", person_id, "", now=now)
        _note(session, "correction.withdrawn", correction_id, person_id, field, now=now)


def take_back_all(session: Session, person_id: UUID, *, by: UUID, now: datetime) -> None:
    """Takes back every request that waits, of a person who leaves or who turned out to be another one."""
    session.execute(
        update(CorrectionRow)
        .where(CorrectionRow.person_id == person_id, CorrectionRow.state == "open")
        .values(state="withdrawn", decided_at=now, decided_by=by)
    )


def decide(correction_id: UUID, *, approve: bool, comment: str, by: Staff, now: datetime) -> None:
    """Approves a request, which changes the field, or declines it, which needs a comment.

    An approval makes somebody of another name, so it asks for what every act on an account asks. An ID number that somebody
    else has is approved like any other and not kept: an answer of its own would tell of people in other unions. Raises
    NotFound (also outside `by`'s reach), Settled, OnOneself, PersonGone, MorePowerful, Invalid, UnitOutOfReach, NoConsent.
    """
    comment = comment.strip()[:LONGEST_REASON]
    if not approve and not comment:
        raise Invalid(fields={"comment": N_("不同意时请写明理由")})
    if tells_a_number(comment):
        raise Invalid(fields={"comment": NO_NUMBERS})
    with reading() as session:
        row = session.execute(
            select(CorrectionRow.person_id, CorrectionRow.field, CorrectionRow.new_sealed, PersonRow.unit_path)
            .join(PersonRow, PersonRow.id == CorrectionRow.person_id)
            .where(CorrectionRow.id == correction_id)
        ).first()
    if row is None or not by.reaches(row.unit_path):  # before anything is unsealed, or anybody locked
        raise NotFound
    field, value = Identity(row.field), unseal(CorrectionRow.new_sealed, correction_id, row.new_sealed)
    settle = partial(_decide, correction_id, row.person_id, field, approve=approve, comment=comment, by=by, now=now)
    if field is not Identity.ID_NUMBER:
        settle(value)
        return
    try:
        with id_numbers.remembering_clashes(row.person_id, value, now=now):
            settle(value)
    except id_numbers.CannotBeKept:
        settle(None)


def _decide(
    correction_id: UUID,
    person_id: UUID,
    field: Identity,
    value: str | None,
    *,
    approve: bool,
    comment: str,
    by: Staff,
    now: datetime,
) -> None:
    with unit_of_work() as session:
        person = hold(session, person_id, by, account=True)
        _open(session, correction_id, person_id)
        if approve and field is Identity.ID_NUMBER:
            id_numbers.correct(session, person_id, value, now=now)
        elif approve and value is not None:
            _apply(session, person_id, field, value, by=by, reason=comment or APPROVED, now=now)
        state = "approved" if approve else "declined"
        _settle(session, correction_id, state, by.person_id, comment, unit_id=person.unit_id, now=now)
        action = "correction.approved" if approve else "correction.declined"
        _note(session, action, correction_id, by.person_id, field, now=now)


def _open(session: Session, correction_id: UUID, person_id: UUID) -> str:
    """The field of a person's request that waits, which nobody else decides until the unit of work ends."""
    row = session.execute(
        for_update(
            select(CorrectionRow.field, CorrectionRow.state).where(
                CorrectionRow.id == correction_id, CorrectionRow.person_id == person_id
            )
        )
    ).first()
    if row is None:
        raise NotFound
    if row.state != "open":
        raise Settled
    return str(row.field)


def _settle(
    session: Session,
    correction_id: UUID,
    state: str,
    by: UUID,
    comment: str,
    *,
    unit_id: UUID | None = None,
    now: datetime,
) -> None:
    session.execute(
        update(CorrectionRow)
        .where(CorrectionRow.id == correction_id)
        .values(state=state, decided_at=now, decided_by=by, comment=comment, unit_id=unit_id)
    )
    session.execute(  # an ID number stands in one place only
        update(CorrectionRow)
        .where(CorrectionRow.id == correction_id, CorrectionRow.field == Identity.ID_NUMBER.value)
        .values(old_sealed="", new_sealed="")
    )


def _present(session: Session, person_id: UUID, field: Identity) -> str:
    row = session.execute(select(PersonRow).where(PersonRow.id == person_id)).scalar_one()
    if field is Identity.UNIT:
        return str(row.unit_id)
    if field is not Identity.ID_NUMBER:
        return str(row.name if field is Identity.NAME else row.sex)
    # Given or not: a page that told the two apart would tell which numbers are known.
    if row.identity_level != id_numbers.LEVEL:
        raise NoIdNumber
    return unseal(PersonRow.id_number_sealed, person_id, row.id_number_sealed)


def _checked(session: Session, field: Identity, value: str, *, now: datetime) -> str:
    value = value.strip()
    if field is Identity.ID_NUMBER:
        return id_numbers.checked(value, now=now, field="value")
    if field is Identity.SEX and value not in SEXES:
        raise Invalid(fields={"value": N_("请从列出的选项中选择")})
    if field is Identity.NAME and not 0 < len(value) <= LONGEST:
        raise Invalid(fields={"value": TOO_LONG if value else N_("请填写此项")})
    if field is Identity.NAME and tells_a_number(value):
        raise Invalid(fields={"value": NO_NUMBERS_HERE})
    if field is Identity.UNIT:
        try:
            unit = organisations.unit(session, UUID(value))
        except (ValueError, NotFound) as error:
            raise Invalid(fields={"value": N_("请选择单位")}) from error
        return str(unit.id)
    return value


def _apply(
    session: Session, person_id: UUID, field: Identity, value: str, *, by: Staff, reason: str, now: datetime
) -> None:
    """Writes what was approved of anything but an ID number."""
    if field is Identity.NAME:
        identity.rename(session, person_id, value, now=now)
        return
    if field is Identity.UNIT:
        if not by.reaches(organisations.unit(session, UUID(value)).path):
            raise UnitOutOfReach
        memberships.move(person_id, UUID(value), from_on=day_of(now), by=by, reason=reason, now=now)
        return
    session.execute(update(PersonRow).where(PersonRow.id == person_id).values({field.value: value}))


def _note(session: Session, action: str, correction_id: UUID, actor_id: UUID, field: str, *, now: datetime) -> None:
    audit.record(
        session,
        action=action,
        object_type="correction",
        object_id=correction_id,
        actor_id=actor_id,
        details={"field": str(field)},
        now=now,
    )
