"""Registers people: a person under their real name, where they belong, and their account."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from lms.accounts import queries
from lms.accounts.domain import mailaddresses
from lms.accounts.models import AccountRow, MembershipRow, PersonRow
from lms.accounts.service import privacy
from lms.accounts.service.passwords import hash_password, refuse_weak
from lms.accounts.service.policy import Policy, TooManyHere
from lms.audit import service as audit
from lms.infra import crypto, pinyin, ratelimit
from lms.infra.db import unit_of_work
from lms.infra.sealing import seal
from lms.kernel import ids
from lms.kernel.clock import SHANGHAI
from lms.kernel.errors import N_, Invalid
from lms.kernel.numbers import NO_ID_NUMBER_HERE, NO_NUMBERS_HERE, tells_a_number, tells_an_id_number
from lms.organisations import queries as organisations, service as units
from lms.organisations.domain import picking

FIRST_DAY = date(1949, 1, 1)
APPOINTED_WRONG = N_("任职日期须是过去的日期")
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
    mail: str = ""
    accepted_version: str = ""  # of the privacy notice
    unlisted_name: str = ""  # the unit they meant, when it is not listed and `unit_id` is the nearest union


def register(form: Registration, *, policy: Policy, address: str, now: datetime) -> UUID:
    """Makes person, account and their consent. Returns the person's id. Raises Invalid naming the field, TooManyHere,
    NoticeChanged."""
    if not ratelimit.hit("register", address, limit=policy.registrations_per_address, window_seconds=3600):
        raise TooManyHere
    if form.appointed_on is None or not FIRST_DAY <= form.appointed_on <= now.astimezone(SHANGHAI).date():
        raise Invalid(fields={"appointed_on": APPOINTED_WRONG})
    if told := [field for field in ("name", "post") if tells_a_number(getattr(form, field))]:
        raise Invalid(fields=dict.fromkeys(told, NO_NUMBERS_HERE))
    if form.mail and not mailaddresses.is_mail_address(form.mail):
        raise Invalid(fields={"mail": mailaddresses.WRONG})
    if tells_an_id_number(form.mail):
        raise Invalid(fields={"mail": NO_ID_NUMBER_HERE})
    refuse_weak(form.password, queries.personal_of(form.name, form.username, [form.mobile]), policy=policy)
    password_hash = hash_password(form.password)
    with unit_of_work():
        person_id = create_person(form, password_hash=password_hash, totp_secret=None, now=now)
        privacy.accept(person_id, form.accepted_version, now)
    return person_id


def create_person(
    form: Registration, *, password_hash: str, totp_secret: str | None, duty_password: bool = False, now: datetime
) -> UUID:
    """Stores a person and their account with a finished hash. Returns the person's id. Raises Invalid, NotFound.

    `duty_password`: somebody else knows the password, so that it is changed at the first sign-in.
    """
    person_id, account_id = ids.new_id(now), ids.new_id(now)
    if tells_a_number(form.username):
        raise Invalid(fields={"username": NO_NUMBERS_HERE})
    try:
        with unit_of_work() as session:
            unit = organisations.held_unit(session, form.unit_id)
            if unit.state != "open":
                raise Invalid(fields={"unit_id": picking.NOT_TO_CHOOSE})
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
                    mobile_sealed=seal(PersonRow.mobile_sealed, person_id, form.mobile),
                    mail_sealed=seal(PersonRow.mail_sealed, person_id, form.mail) or None,
                    mobile_hash=crypto.mac("mobile", form.mobile) if form.mobile else "",
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
                    id=account_id,
                    person_id=person_id,
                    username=form.username.lower(),
                    password_hash=password_hash,
                    password_at=now,
                    duty_password=duty_password,
                    totp_sealed=seal(AccountRow.totp_sealed, account_id, totp_secret or "") or None,
                    state="active",
                    created_at=now,
                )
            )
            session.flush()
            audit.record(session, action="account.created", object_type="person", object_id=person_id, now=now)
            if form.unlisted_name:
                units.ask(person_id, unit.id, form.unlisted_name, now=now)
    except IntegrityError as error:
        if "username" not in str(error.orig):
            raise
        raise Invalid(fields={"username": USERNAME_TAKEN}) from error
    return person_id
