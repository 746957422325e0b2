"""Changes what people may correct of themselves at once: how they are reached, and what they do."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lms.accounts import queries
from lms.accounts.domain import mailaddresses, particulars as rules
from lms.accounts.domain.identity import DECLARED
from lms.accounts.domain.particulars import Particulars
from lms.accounts.models import PersonRow
from lms.accounts.service import codes
from lms.accounts.service.closing import check_password
from lms.accounts.service.holding import day_of, hold
from lms.audit import service as audit
from lms.infra import crypto, jobs
from lms.infra.db import reading, unit_of_work
from lms.infra.sealing import seal, unseal
from lms.kernel.errors import N_, Invalid
from lms.kernel.numbers import NO_ID_NUMBER_HERE, tells_an_id_number

LETTERS = ("mail", "sms")
"""The ways of codes that people send for themselves: they go to what is known of the person."""
CHANGED_JOB = "accounts.contact-changed"
SETTLED = frozenset({"category", "appointed_on"})
"""What targets of hours rest on: whoever has been confirmed by their unit has these changed there."""
SETTLED_BY_UNIT = N_("您的身份已经确认，干部类别和任职日期关系到学时任务，请联系单位管理员更改；其他内容没有保存")
PASSWORD_NEEDED = N_("更改邮箱或手机号码时，请输入登录密码；其他内容没有保存")


@dataclass(frozen=True)
class Contact:
    """What a person says of themselves; `mobile` "" leaves the stored number, `mail` "" removes the address."""

    mobile: str
    mail: str
    post: str
    category: str
    employment: str
    appointed_on: date | None


def update_own(person_id: UUID, given: Contact, *, password: str, now: datetime) -> tuple[str, ...]:
    """Writes changed facts. Returns the names of the fields that changed.

    Another mail address or mobile number lets in whoever reads there: it asks for the password, and the former one is
    told. Raises Invalid, PersonGone, TooManyTries.
    """
    with reading() as session:
        present = queries.contact(session, person_id)
    proved = _reaches_elsewhere(present, given)
    if proved:
        if not password:
            raise Invalid(fields={"password": PASSWORD_NEEDED})
        check_password(person_id, password, now=now)
    with unit_of_work() as session:
        hold(session, person_id, None)
        present = queries.contact(session, person_id)
        if _reaches_elsewhere(present, given) and not proved:
            raise Invalid(fields={"password": PASSWORD_NEEDED})
        row = session.execute(select(PersonRow).where(PersonRow.id == person_id)).scalar_one()
        old = Particulars(
            row.name,
            row.sex,
            row.post,
            unseal(PersonRow.mobile_sealed, person_id, row.mobile_sealed),
            row.category,
            row.employment,
            row.appointed_on,
        )
        new = replace(
            old,
            post=given.post,
            mobile=given.mobile,
            category=given.category,
            employment=given.employment,
            appointed_on=given.appointed_on,
        )
        problems = rules.problems(new, today=day_of(now), mobile_known=old.mobile != "")
        if given.mail and not mailaddresses.is_mail_address(given.mail):
            problems["mail"] = mailaddresses.WRONG
        elif tells_an_id_number(given.mail):
            problems["mail"] = NO_ID_NUMBER_HERE
        if problems:
            raise Invalid(fields=problems)
        change = rules.compare(old, new)
        held = [name for name in change.fields if name in settled(row.identity_level, row.appointed_on)]
        if held:
            raise Invalid(fields=dict.fromkeys(held, SETTLED_BY_UNIT))
        values: dict[str, object] = {name: getattr(new, name) for name in change.fields if name != "mobile"}
        if "mobile" in change.fields:
            values["mobile_sealed"], values["mobile_hash"] = (
                seal(PersonRow.mobile_sealed, person_id, new.mobile),
                crypto.mac("mobile", new.mobile),
            )
        changed = list(change.fields)
        if given.mail != unseal(PersonRow.mail_sealed, person_id, row.mail_sealed):
            values["mail_sealed"] = seal(PersonRow.mail_sealed, person_id, given.mail) or None
            changed.append("mail")
        if not changed:
            return ()
        session.execute(update(PersonRow).where(PersonRow.id == person_id).values(values))
        audit.record(
            session,
            action="person.edited",
            object_type="person",
            object_id=person_id,
            actor_id=person_id,
            details={"fields": changed, "before": dict(change.before), "after": dict(change.after)},
            now=now,
        )
        if _reaches_elsewhere(present, given):
            leave(session, present, person_id, mobile="mobile" in changed, now=now)
    return tuple(changed)


def settled(identity_level: str, appointed_on: date | None) -> frozenset[str]:
    """Which of their facts people no longer change by themselves; a date that was never given may still be."""
    if identity_level == DECLARED:
        return frozenset()
    return SETTLED if appointed_on else SETTLED - {"appointed_on"}


def leave(session: Session, former: queries.Contact, person_id: UUID, *, mobile: bool, now: datetime) -> None:
    """What somebody's address, or number if it changed, was until now opens nothing more, and is told so."""
    codes.end_all(session, queries.credentials_of_person(session, person_id).account_id, ways=LETTERS, now=now)
    sealed = {
        way: crypto.encrypt(to, CHANGED_JOB)
        for way, to in (("mail", former.mail), ("sms", former.mobile if mobile else ""))
        if to
    }
    for way, to in sealed.items():  # each by itself: a mail that can't be sent keeps no text message back
        jobs.enqueue(session, CHANGED_JOB, {way: to}, now=now)


def _reaches_elsewhere(present: queries.Contact, given: Contact) -> bool:
    return given.mail != present.mail or given.mobile not in {"", present.mobile}
