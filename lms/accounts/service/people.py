"""What staff write of people: new people without a password, and changed facts."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lms.accounts import queries
from lms.accounts.domain import hands, particulars as rules
from lms.accounts.domain.particulars import Particulars
from lms.accounts.domain.reach import Staff
from lms.accounts.models import AccountRow, PersonRow
from lms.accounts.service import asking, contacts, identity
from lms.accounts.service.holding import day_of, hold
from lms.accounts.service.registering import Registration, create_person
from lms.audit import service as audit
from lms.infra import crypto, db, pinyin
from lms.infra.db import unit_of_work
from lms.infra.sealing import seal, unseal
from lms.infra.subtrees import within
from lms.kernel.errors import N_, Conflict, Invalid, NotFound
from lms.kernel.scope import covers
from lms.organisations import queries as organisations

LETTERS, DIGITS = 4, 6
TURN = 23  # of PostgreSQL's advisory locks
NOT_YOURS_TO_NAME = N_("姓名由其单位管理员更改，其他资料可以在这里改")


class KnownAlready(Conflict):
    """Somebody of this name and mobile is there."""

    code, title = "person_known", N_("已有姓名和手机号码都相同的人员，没有重复添加")


@dataclass(frozen=True)
class NewPerson:
    """A person whom staff add; `username` "" has one made up."""

    facts: Particulars
    unit_id: UUID
    username: str


def create(given: NewPerson, *, by: Staff, now: datetime) -> UUID:
    """Adds a person whose account has no password yet: a one-time code lets them set one. Returns the person's id.

    Each try counts: it tells whether a mobile number is somebody's, and whether a user name is taken. Raises Invalid naming
    the field, NotFound (a unit outside `by`'s reach), KnownAlready, TooManyGuesses.
    """
    found = rules.problems(given.facts, today=day_of(now), mobile_known=False)
    if found:
        raise Invalid(fields=found)
    asking.count(asking.Guess.MOBILE, by=by.person_id, now=now)
    asking.count(asking.Guess.USERNAME, by=by.person_id, times=bool(given.username), now=now)
    with unit_of_work() as session:
        take_turn(session)
        unit = organisations.held_unit(session, given.unit_id)
        if not by.reaches(unit.path):
            raise NotFound
        if unit.state != "open":
            raise Invalid(fields={"unit": N_("这个单位已撤销或已合并，不能加入")})
        if known_ids(session, [(given.facts.name, given.facts.mobile)], by.scopes):
            raise KnownAlready
        username = given.username or make_username(session, given.facts.name, set())
        return add(session, given, username=username, by=by, now=now)


def take_turn(session: Session) -> None:
    """Lets people be added by staff one after the other: two clicks, or two imports of one file, would both find nobody."""
    db.take_turn(session, TURN)


def add(session: Session, given: NewPerson, *, username: str, by: Staff, now: datetime) -> UUID:
    """Stores a person whose facts and unit were checked, under a user name. Returns the id. Raises Invalid (name taken).

    Their number is one that staff gave: who gets in by a code that goes there was let in by them.
    """
    facts = given.facts
    registration = Registration(
        name=facts.name,
        sex=facts.sex,
        unit_id=given.unit_id,
        post=facts.post,
        mobile=facts.mobile,
        username=username,
        password="",
        category=facts.category,
        employment=facts.employment,
        appointed_on=facts.appointed_on,
    )
    person_id = create_person(registration, password_hash="", totp_secret=None, now=now)
    _note_number(session, person_id, by=by, now=now)
    return person_id


def _note_number(session: Session, person_id: UUID, *, by: Staff, now: datetime) -> None:
    audit.record(
        session,
        action=hands.MOBILE_CHANGED,
        object_type="person",
        object_id=person_id,
        actor_id=by.person_id,
        now=now,
    )


def edit(person_id: UUID, given: Particulars, *, by: Staff, naming: tuple[str, ...], now: datetime) -> tuple[str, ...]:
    """Writes changed facts; the audit record names the fields, never what stands in them. Returns the names of changed fields.

    `naming`: the subtrees in which `by` answers for who people are; elsewhere the name stays. A new name has to be
    confirmed anew. A mobile number counts as a guess: the list of likely pairs tells whose it is besides. Raises NotFound,
    OnOneself, PersonGone, MorePowerful (another name, or any mobile), Invalid, TooManyGuesses.
    """
    found = rules.problems(given, today=day_of(now), mobile_known=True)
    if found:
        raise Invalid(fields=found)
    asking.count(asking.Guess.MOBILE, by=by.person_id, times=bool(given.mobile), now=now)
    with unit_of_work() as session:
        queries.lock_person(session, by.person_id, person_id)  # at once: whether it touches their account is seen later
        person = hold(session, person_id, by)
        change = rules.compare(_stored(session, person_id), given)
        if "name" in change.fields and not any(covers(scope, person.unit_path) for scope in naming):
            raise Invalid(fields={"name": NOT_YOURS_TO_NAME})
        if given.mobile or "name" in change.fields:
            # One-time codes may go there, and a refusal of only other numbers would tell which is theirs; a name says who
            # holds a role.
            hold(session, person_id, by, account=True)
        if not change.fields:
            return ()
        if "name" in change.fields:
            identity.rename(session, person_id, given.name, now=now)
        if "mobile" in change.fields:
            contacts.leave(session, queries.contact(session, person_id), person_id, mobile=True, now=now)
        if values := _values(person_id, given, change.fields):
            session.execute(update(PersonRow).where(PersonRow.id == person_id).values(values))
        audit.record(
            session,
            action="person.edited",
            object_type="person",
            object_id=person_id,
            actor_id=by.person_id,
            details={"fields": list(change.fields), "before": dict(change.before), "after": dict(change.after)},
            now=now,
        )
        if "mobile" in change.fields:
            _note_number(session, person_id, by=by, now=now)
        return change.fields


def known_ids(
    session: Session, named: Iterable[tuple[str, str]], scopes: tuple[str, ...]
) -> dict[tuple[str, str], UUID]:
    """People in the scopes by (name, mobile), for those of the given pairs who are there. One statement."""
    hashes = {(name, mobile): crypto.index_hashes("mobile", mobile) for name, mobile in named}
    rows = session.execute(
        select(PersonRow.name, PersonRow.mobile_hash, PersonRow.id).where(
            PersonRow.mobile_hash.in_({one for either in hashes.values() for one in either}),
            PersonRow.merged_into.is_(None),
            PersonRow.closed_at.is_(None),
            within(PersonRow.unit_path, scopes),
        )
    )
    ids_by_hash = {(row.name, row.mobile_hash): row.id for row in rows}
    return {
        (name, mobile): ids_by_hash[name, hashed]
        for (name, mobile), either in hashes.items()
        for hashed in either
        if (name, hashed) in ids_by_hash
    }


def make_username(session: Session, name: str, taken: set[str]) -> str:
    """A user name that nobody has: the initials of the name and digits; it is added to `taken`."""
    letters = "".join(c for c in pinyin.initials_of(name, person=True) if "a" <= c <= "z")[:LETTERS] or "user"
    while True:
        drawn = f"{letters}{secrets.randbelow(10**DIGITS):0{DIGITS}}"
        known = session.execute(select(AccountRow.id).where(AccountRow.username == drawn)).first()
        if drawn not in taken and known is None:
            taken.add(drawn)
            return drawn


def _stored(session: Session, person_id: UUID) -> Particulars:
    row = session.execute(select(PersonRow).where(PersonRow.id == person_id)).scalar_one()
    return Particulars(
        row.name,
        row.sex,
        row.post,
        unseal(PersonRow.mobile_sealed, person_id, row.mobile_sealed),
        row.category,
        row.employment,
        row.appointed_on,
    )


def _values(person_id: UUID, given: Particulars, fields: tuple[str, ...]) -> dict[str, object]:
    values: dict[str, object] = {field: getattr(given, field) for field in fields if field not in {"mobile", "name"}}
    if "mobile" in fields:
        values["mobile_sealed"] = seal(PersonRow.mobile_sealed, person_id, given.mobile)
        values["mobile_hash"] = crypto.mac("mobile", given.mobile)
    return values
