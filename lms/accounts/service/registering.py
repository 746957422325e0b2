"""Registers people: a person under their real name, where they belong, and their account."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from lms.accounts.domain import passwords as rules
from lms.accounts.models import AccountRow, MembershipRow, PersonRow
from lms.accounts.service.passwords import PASSWORD_PROBLEMS, hash_password
from lms.accounts.service.policy import Policy, TooManyHere
from lms.audit import service as audit
from lms.infra import crypto, pinyin, ratelimit
from lms.infra.db import unit_of_work
from lms.kernel import ids
from lms.kernel.clock import SHANGHAI
from lms.kernel.errors import N_, Invalid
from lms.kernel.verdict import Denied
from lms.organisations import queries as organisations

USERNAME_TAKEN = N_("此用户名已被使用，请换一个")


@dataclass(frozen=True)
class Registration:
    """What a person tells of themselves; every field is compulsory (L1)."""

    name: str
    sex: str
    unit_id: UUID
    post: str
    mobile: str
    username: str
    password: str
    category: str = "other"
    employment: str = "full_time"
    appointed_on: date | None = None


def register(form: Registration, *, policy: Policy, address: str, now: datetime) -> UUID:
    """Makes person and account. Returns the person's id. Raises Invalid naming the field, TooManyHere."""
    if not ratelimit.hit("register", address, limit=policy.registrations_per_address, window_seconds=3600):
        raise TooManyHere
    verdict = rules.judge(form.password, minimum_length=policy.password_min_length, forbidden=(form.username,))
    if isinstance(verdict, Denied):
        raise Invalid(fields={"password": PASSWORD_PROBLEMS[verdict.reason]})
    return create_person(form, password_hash=hash_password(form.password), totp_secret=None, now=now)


def create_person(form: Registration, *, password_hash: str, totp_secret: str | None, now: datetime) -> UUID:
    """Stores a person and their account with a finished hash. Returns the person's id. Raises Invalid, NotFound."""
    person_id = ids.new_id(now)
    try:
        with unit_of_work() as session:
            unit = organisations.unit(session, form.unit_id)
            session.add(
                PersonRow(
                    id=person_id,
                    name=form.name,
                    name_key=pinyin.key_of(form.name, person=True),
                    initials=pinyin.initials_of(form.name, person=True),
                    sex=form.sex,
                    unit_id=unit.id,
                    unit_path=unit.path,
                    post=form.post,
                    category=form.category,
                    employment=form.employment,
                    appointed_on=form.appointed_on,
                    mobile_sealed=crypto.encrypt(form.mobile),
                    mobile_hash=crypto.mac("mobile", form.mobile),
                    created_at=now,
                )
            )
            session.flush()
            session.add(
                MembershipRow(
                    id=ids.new_id(now),
                    person_id=person_id,
                    unit_id=unit.id,
                    is_primary=True,
                    from_on=now.astimezone(SHANGHAI).date(),
                    recorded_at=now,
                )
            )
            session.add(
                AccountRow(
                    id=ids.new_id(now),
                    person_id=person_id,
                    username=form.username.lower(),
                    password_hash=password_hash,
                    password_at=now,
                    totp_sealed=crypto.encrypt(totp_secret) if totp_secret else None,
                    state="active",
                    created_at=now,
                )
            )
            session.flush()
            audit.record(session, action="account.created", object_type="person", object_id=person_id, now=now)
    except IntegrityError as error:
        if "username" not in str(error.orig):
            raise
        raise Invalid(fields={"username": USERNAME_TAKEN}) from error
    return person_id
