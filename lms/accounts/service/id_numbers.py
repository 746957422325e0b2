"""Keeps ID numbers: given with a consent of their own, withdrawn as easily, compared by staff without being shown."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms.accounts import queries
from lms.accounts.domain import idnumber, notice
from lms.accounts.domain.corrections import Identity
from lms.accounts.domain.identity import without_number
from lms.accounts.domain.reach import Staff
from lms.accounts.domain.reveals import PURPOSES
from lms.accounts.events import identity_confirmed
from lms.accounts.models import CorrectionRow, IdNumberClashRow, PersonRow, RevealRow
from lms.accounts.queries import privacy as consents
from lms.accounts.service import privacy
from lms.accounts.service.holding import day_of, hold, said
from lms.audit import service as audit
from lms.infra import crypto, ratelimit
from lms.infra.db import unit_of_work
from lms.infra.sealing import seal, unseal
from lms.kernel import ids
from lms.kernel.errors import N_, Conflict, Invalid, NotFound, TooMany
from lms.kernel.verdict import Denied

FIELD, LEVEL = "id_number", "id_number"
PROBLEMS = {
    "ruined": N_("号码已被电子表格改写（例如 4.4E+17 或末尾变成 000），请按证件重新输入全部 18 位"),
    "length": N_("身份证号应为 18 位"),
    "digits": N_("身份证号由 17 位数字和 1 位校验码（数字或 X）组成"),
    "region": N_("开头两位不是有效的地区代码"),
    "date": N_("第 7 至 14 位不是有效的出生日期"),
    "check": N_("校验码不正确，请核对输入"),
}
DIFFERS = N_("与本人登记的号码不一致，请核对档案；如本人填错，请其重新登记")
COMPARISONS_AN_HOUR = 30
GIVEN_A_DAY = 5
"""Who mistypes, or presses twice, needs a few; whoever looks which numbers are known needs many."""


class NotAsked(Conflict):
    """No class of the person needs the number: it must not be collected."""

    code, title = "id_number_not_asked", N_("您参加的培训班不需要身份证号，平台不收集")


class CannotBeKept(Conflict):
    """Another person has it; nothing of them is told."""

    code, title = "id_number_refused", N_("这个身份证号暂时无法登记，请联系您单位的管理员核实")


class NoConsent(Conflict):
    """The person took the consent back since they asked."""

    code, title = "id_number_without_consent", N_("本人没有同意平台保存身份证号，不能登记，请不予同意并说明理由")


class AlreadyConfirmed(Conflict):
    """A confirmed number changes only by review."""

    code, title = "id_number_confirmed", N_("身份证号已经核验，如有错误请提交更正申请")


class TooManyComparisons(TooMany):
    """Somebody tries numbers."""

    code, title = "comparisons_limited", N_("核对次数过多，请一小时后再试")


class TooManyGiven(TooMany):
    """Somebody gives one number after another."""

    code, title = "id_numbers_limited", N_("今天登记身份证号的次数已满，没有保存这一次；请明天再试，或请单位管理员协助")


def checked(text: str, *, now: datetime, field: str = FIELD) -> str:
    """The number as it is stored. Raises Invalid naming `field`; the message never repeats the number."""
    number = idnumber.normalised(text)
    verdict = idnumber.judge(number, today=day_of(now))
    if isinstance(verdict, Denied):
        raise Invalid(fields={field: PROBLEMS[verdict.reason]})
    return number


def give(person_id: UUID, text: str, *, version: str, asked: Callable[[Session, UUID], bool], now: datetime) -> None:
    """Stores the number that a person gives, with their consent to text `version`; the same again changes nothing.

    All that the person can see is the same for a number that another person has: the consent is kept, and each try counts,
    or their own pages would tell which numbers are known. `asked` says whether a class of theirs needs it. Raises Invalid,
    NotAsked, CannotBeKept, AlreadyConfirmed, privacy.NoticeChanged, PersonGone, TooManyGiven.
    """
    number = checked(text, now=now)
    count_given(person_id)
    try:
        with remembering_clashes(person_id, number, now=now), unit_of_work() as session:
            queries.lock_person(session, person_id)  # with the aliases, of which one may give the number up
            person = hold(session, person_id, None)
            if not asked(session, person_id):
                raise NotAsked
            held = _number(session, person_id)
            if held is not None and held != number and person.identity_level == LEVEL:
                raise AlreadyConfirmed
            privacy.give(person_id, notice.ID_NUMBER, version, now=now)
            _note(session, "person.id_number.given", person_id, person_id, now=now)
            if held != number:
                put(session, person_id, number, now=now)
    except CannotBeKept:  # took the consent back with it; who reads the record is told no more than who reads the page
        with unit_of_work() as session:
            privacy.give(person_id, notice.ID_NUMBER, version, now=now)
            _note(session, "person.id_number.given", person_id, person_id, now=now)
        raise


def count_given(person_id: UUID) -> None:
    """Counts a number that a person gives, or asks to have corrected to. Raises TooManyGiven."""
    if not ratelimit.hit("id-number-given", str(person_id), limit=GIVEN_A_DAY, window_seconds=86_400):
        raise TooManyGiven


@contextmanager
def remembering_clashes(person_id: UUID, number: str, *, now: datetime) -> Iterator[None]:
    """Goes around the unit of work that stores a number: a clash undoes that, and is kept for staff. Raises CannotBeKept."""
    try:
        yield
    except CannotBeKept:
        _remember(person_id, number, now=now)
        raise
    except IntegrityError as error:  # the other one gave it at the same moment
        if "id_number_hash" not in str(error.orig):
            raise
        _remember(person_id, number, now=now)
        raise CannotBeKept from error


def put(session: Session, person_id: UUID, number: str, *, now: datetime) -> None:
    """Writes number and hashes in the running unit of work; an alias gives it up, and is held with the person. Raises CannotBeKept."""
    other_id = _holder(session, person_id, number)
    if other_id is not None:
        if other_id not in queries.alias_ids(session, person_id):
            raise CannotBeKept
        erase(session, other_id, now=now)
    session.execute(
        update(PersonRow)
        .where(PersonRow.id == person_id)
        .values(
            id_number_sealed=seal(PersonRow.id_number_sealed, person_id, number),
            id_number_hash=crypto.mac(FIELD, number),
            id_number_hash_next=crypto.mac_next(FIELD, number),
        )
    )
    session.flush()


def withdraw(person_id: UUID, *, now: datetime) -> bool:
    """Takes the consent back and erases the number at once; consents stay as history. False when there was none."""
    with unit_of_work() as session:
        person = hold(session, person_id, None)
        ended = privacy.end(session, person_id, notice.ID_NUMBER, now=now)
        waits = consents.waits(session, person_id)
        if person.has_id_number or waits:
            erase(session, person_id, now=now)
            _note(session, "person.id_number.erased", person_id, person_id, now=now)
        return ended or person.has_id_number or waits


def correct(session: Session, person_id: UUID, number: str | None, *, now: datetime) -> None:
    """Writes a number that a review let pass; nobody compared it yet. Raises NoConsent, CannotBeKept.

    None for one that another person has: only the wrong one goes, and the answer is that to any other.
    """
    if not consents.stands(session, person_id, notice.ID_NUMBER):
        raise NoConsent
    if number is None:
        _remove(session, person_id)
    else:
        put(session, person_id, number, now=now)
    _fall_back(session, person_id)


def erase(session: Session, person_id: UUID, *, now: datetime) -> None:
    """Removes a number wherever it stands, requests to correct it with it.

    An identity confirmed by it stays confirmed by the unit, which looked at the person's file.
    """
    _fall_back(session, person_id)
    _remove(session, person_id)
    asked = (CorrectionRow.person_id == person_id) & (CorrectionRow.field == Identity.ID_NUMBER.value)
    session.execute(update(CorrectionRow).where(asked).values(old_sealed="", new_sealed=""))
    session.execute(
        update(CorrectionRow)
        .where(asked, CorrectionRow.state == "open")
        .values(state="withdrawn", decided_at=now, decided_by=person_id)
    )
    session.execute(
        delete(IdNumberClashRow).where(
            (IdNumberClashRow.person_id == person_id) | (IdNumberClashRow.other_id == person_id)
        )
    )


def _remove(session: Session, person_id: UUID) -> None:
    values = {"id_number_sealed": None, "id_number_hash": None, "id_number_hash_next": None}
    session.execute(update(PersonRow).where(PersonRow.id == person_id).values(**values))


def _fall_back(session: Session, person_id: UUID) -> None:
    """What the number proved is proved no more."""
    session.execute(
        update(PersonRow)
        .where(PersonRow.id == person_id, PersonRow.identity_level == LEVEL)
        .values(identity_level=without_number(LEVEL))
    )


def compare(person_id: UUID, text: str, *, by: Staff, now: datetime) -> bool:
    """Compares the number of the personnel file with the person's; alike, their identity counts as confirmed by it.

    Staff never see the stored one. Raises Invalid, NotFound (outside reach, or no number), OnOneself, PersonGone,
    MorePowerful, TooManyComparisons.
    """
    number = checked(text, now=now)
    limit, key = COMPARISONS_AN_HOUR, str(by.person_id)
    if not ratelimit.hit("id-number-comparison", key, limit=limit, window_seconds=3600):
        raise TooManyComparisons
    with unit_of_work() as session:
        hold(session, person_id, by, account=True)
        held = _number(session, person_id)
        if held is None:
            raise NotFound
        if held != number:
            _note(session, "person.id_number.differs", person_id, by.person_id, result="refused", now=now)
            return False
        confirm_level(session, person_id, actor_id=by.person_id, now=now)
    return True


def confirm_level(session: Session, person_id: UUID, *, actor_id: UUID, now: datetime) -> None:
    """Writes that staff compared the number; announces it."""
    session.execute(
        update(PersonRow)
        .where(PersonRow.id == person_id)
        .values(identity_level=LEVEL, identity_at=now, identity_by=actor_id)
    )
    _note(session, "person.id_number.confirmed", person_id, actor_id, now=now)
    identity_confirmed.send(person_id=person_id, at=now)


def reveal(person_id: UUID, *, purpose: str, reason: str, by: Staff, now: datetime) -> str:
    """The whole number, for a named purpose; who saw whose, when and what for is kept for good.

    Raises Invalid, NotFound (outside reach, or no number), OnOneself, PersonGone, MorePowerful.
    """
    if purpose not in PURPOSES:
        raise Invalid(fields={"purpose": N_("请选择用途")})
    reason = said(reason)
    with unit_of_work() as session:
        person = hold(session, person_id, by, account=True)
        number = _number(session, person_id)
        if number is None:
            raise NotFound
        session.add(
            RevealRow(
                id=ids.new_id(now),
                at=now,
                actor_id=by.person_id,
                person_id=person_id,
                field=FIELD,
                purpose=purpose,
                reason=reason,
                unit_path=person.unit_path,
                unit_id=person.unit_id,
            )
        )
        _note(session, "person.id_number.revealed", person_id, by.person_id, purpose=purpose, now=now)
    return number


def _number(session: Session, person_id: UUID) -> str | None:
    token = session.execute(select(PersonRow.id_number_sealed).where(PersonRow.id == person_id)).scalar_one()
    return unseal(PersonRow.id_number_sealed, person_id, token) or None


def _holder(session: Session, person_id: UUID, number: str) -> UUID | None:
    """Who else has the number, under whichever key: also in the second column, where the next one's hash still stands when that
    has become the current one and `lms keys reindex` has not gone over the row yet."""
    hashes = crypto.index_hashes(FIELD, number)
    stands = PersonRow.id_number_hash.in_(hashes) | PersonRow.id_number_hash_next.in_(hashes)
    return session.execute(select(PersonRow.id).where(stands, PersonRow.id != person_id)).scalar()


def _remember(person_id: UUID, number: str, *, now: datetime) -> None:
    with unit_of_work() as session:
        queries.lock_person(session, person_id)
        other_id = _holder(session, person_id, number)
        if other_id is None:
            return
        if session.get(IdNumberClashRow, (person_id, other_id)) is None:
            session.add(IdNumberClashRow(person_id=person_id, other_id=other_id, at=now))


def _note(
    session: Session, action: str, person_id: UUID, actor_id: UUID, *, result: str = "ok", now: datetime, **details: str
) -> None:
    audit.record(
        session,
        action=action,
        object_type="person",
        object_id=person_id,
        actor_id=actor_id,
        result=result,
        details=details,
        now=now,
    )
