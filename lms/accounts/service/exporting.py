"""Makes the copy of their data that people take away: plain data in one document, keys and other people's data left out."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.accounts import queries
from lms.accounts.domain import fieldregister
from lms.accounts.events import personal_data
from lms.accounts.models import AccountRow, AuthSessionRow, PersonRow
from lms.accounts.queries.corrections import corrections_of
from lms.accounts.queries.oversight import reveals_of
from lms.accounts.queries.privacy import consents, own_id_number
from lms.audit import service as audit
from lms.infra import ratelimit
from lms.infra.db import reading, unit_of_work
from lms.infra.sealing import unseal
from lms.kernel.errors import N_, TooMany
from lms.notices import queries as notices
from lms.organisations import queries as organisations

FORMAT = "union-cadre-lms/personal-data/1"
COPIES_AN_HOUR = 10


class TooManyCopies(TooMany):
    """Gathering a copy costs more than a page."""

    code, title = "copies_limited", N_("下载过于频繁，请一小时后再试")


def copy_of(person_id: UUID, *, with_id_number: bool, now: datetime) -> bytes:
    """A JSON document of everything known of a person; their ID number, once it was compared, masked unless they ask for it.

    The caller has checked the password when `with_id_number`. Raises TooManyCopies.
    """
    if not ratelimit.hit("personal-data-copy", str(person_id), limit=COPIES_AN_HOUR, window_seconds=3600):
        raise TooManyCopies
    with reading() as session:
        document = _gathered(session, person_id, with_id_number=with_id_number, now=now)
    with unit_of_work() as session:
        audit.record(
            session,
            action="person.data_copied",
            object_type="person",
            object_id=person_id,
            actor_id=person_id,
            details={"id_number": with_id_number},
            now=now,
        )
    return msgspec.json.format(msgspec.json.encode(document), indent=2)


def _gathered(session: Session, person_id: UUID, *, with_id_number: bool, now: datetime) -> dict[str, Any]:
    sections = dict(found for _receiver, found in personal_data.send(None, session=session, person_id=person_id))
    one, *joined = queries.alias_ids(session, person_id)
    return {
        "format": FORMAT,
        "made_at": now,
        **_of_account(session, one, with_id_number=with_id_number),
        "joined_accounts": [_of_account(session, other, with_id_number=with_id_number) for other in joined],
        "notices": notices.all_of(session, person_id),
        **sections,
    }


def _of_account(session: Session, person_id: UUID, *, with_id_number: bool) -> dict[str, Any]:
    """What is known of a person under one of their accounts."""
    return {
        "person": _person(session, person_id, with_id_number=with_id_number),
        "account": _account(session, person_id),
        "memberships": [
            {"unit": one.unit_name, "primary": one.is_primary, "from": one.from_on, "until": one.until_on}
            for one in queries.memberships_of(session, person_id)
        ],
        "consents": [
            {"kind": one.kind, "version": one.version, "given_at": one.given_at, "withdrawn_at": one.withdrawn_at}
            for one in consents(session, person_id)
        ],
        "corrections": [
            {
                "field": one.field.value,
                "old": one.old,
                "new": one.new,
                "state": one.state,
                "asked_at": one.asked_at,
                "decided_at": one.decided_at,
                "comment": one.comment,
            }
            for one in corrections_of(session, person_id)
        ],
        "id_number_seen": [{"at": one.at, "purpose": one.purpose} for one in reveals_of(session, person_id)],
    }


def _person(session: Session, person_id: UUID, *, with_id_number: bool) -> dict[str, Any]:
    row = session.execute(select(PersonRow).where(PersonRow.id == person_id)).scalar_one()
    known = own_id_number(session, person_id)
    compared = known is not None and known.confirmed
    number = unseal(PersonRow.id_number_sealed, person_id, row.id_number_sealed) if compared else ""
    return {
        "id": row.id,
        "name": row.name,
        "sex": row.sex,
        "unit": organisations.unit(session, row.unit_id).name,
        "post": row.post,
        "category": row.category,
        "employment": row.employment,
        "appointed_on": row.appointed_on,
        "mobile": unseal(PersonRow.mobile_sealed, person_id, row.mobile_sealed),
        "mail": unseal(PersonRow.mail_sealed, person_id, row.mail_sealed) or None,
        "id_number": (number if with_id_number else fieldregister.mask("id_number", number)) or None,
        "id_number_given": known is not None,
        "identity_level": row.identity_level,
        "identity_at": row.identity_at,
        "registered_at": row.created_at,
    }


def _account(session: Session, person_id: UUID) -> dict[str, Any]:
    row = session.execute(select(AccountRow).where(AccountRow.person_id == person_id)).scalar_one()
    sessions = session.execute(
        select(AuthSessionRow)
        .where(AuthSessionRow.account_id == row.id)
        .order_by(AuthSessionRow.opened_at.desc())
        .limit(200)
    ).scalars()
    return {
        "username": row.username,
        "state": row.state,
        "created_at": row.created_at,
        "password_changed_at": row.password_at,
        "second_factor": row.totp_sealed is not None,
        "sign_ins": [
            {"from": one.opened_at, "until": one.ended_at, "address": one.address, "browser": one.browser}
            for one in sessions
        ],
    }
