"""Changes what people may correct of themselves at once: how they are reached, and what they do."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select, update

from lms.accounts.domain import particulars as rules
from lms.accounts.domain.particulars import Particulars
from lms.accounts.models import PersonRow
from lms.accounts.service.holding import day_of, hold
from lms.audit import service as audit
from lms.infra import crypto
from lms.infra.db import unit_of_work
from lms.infra.sealing import seal, unseal
from lms.kernel.errors import N_, Invalid

_MAIL = re.compile(r"[^@\s<>\"',;]{1,64}@[A-Za-z0-9.-]{1,185}\.[A-Za-z]{2,}", re.ASCII)


@dataclass(frozen=True)
class Contact:
    """What a person says of themselves; `mobile` "" leaves the stored number, `mail` "" removes the address."""

    mobile: str
    mail: str
    post: str
    category: str
    employment: str
    appointed_on: date | None


def update_own(person_id: UUID, given: Contact, *, now: datetime) -> tuple[str, ...]:
    """Writes changed facts. Returns the names of the fields that changed. Raises Invalid, PersonGone."""
    with unit_of_work() as session:
        hold(session, person_id, None)
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
        if given.mail and not _MAIL.fullmatch(given.mail):
            problems["mail"] = N_("请填写有效的邮箱地址")
        if problems:
            raise Invalid(fields=problems)
        change = rules.compare(old, new)
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
    return tuple(changed)
