"""Reads what people agreed to, and what is known of their ID numbers; numbers leave here masked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from lms.accounts.domain import fieldregister, notice
from lms.accounts.models import ConsentRow, IdNumberClashRow, PersonRow
from lms.infra.sealing import unseal
from lms.infra.subtrees import within
from lms.kernel.errors import NotFound
from lms.organisations.models import UnitRow


@dataclass(frozen=True)
class Consent:
    """What was agreed to, and when that ended."""

    kind: str
    version: str
    given_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True)
class IdNumber:
    """What pages may know of a stored ID number."""

    masked: str
    confirmed: bool


@dataclass(frozen=True)
class Holder:
    """Somebody who gave an ID number, as the list of staff shows them."""

    person_id: UUID
    name: str
    unit_name: str


@dataclass(frozen=True)
class Clash:
    """`one` gave the ID number that `other` has: very likely one human with two accounts."""

    one: Holder
    other: Holder
    at: datetime


def consents(session: Session, person_id: UUID) -> tuple[Consent, ...]:
    """Everything a person ever agreed to, the newest first."""
    rows = session.execute(
        select(ConsentRow.kind, ConsentRow.version, ConsentRow.given_at, ConsentRow.withdrawn_at)
        .where(ConsentRow.person_id == person_id)
        .order_by(ConsentRow.given_at.desc(), ConsentRow.id.desc())
    )
    return tuple(Consent(*row) for row in rows)


def stands(session: Session, person_id: UUID, kind: str) -> bool:
    """Whether a person agrees to something, in whatever version, and did not take it back."""
    standing = select(ConsentRow.id).where(
        ConsentRow.person_id == person_id, ConsentRow.kind == kind, ConsentRow.withdrawn_at.is_(None)
    )
    return session.execute(standing).first() is not None


def waits(session: Session, person_id: UUID) -> bool:
    """Whether a person gave a number that somebody else has, and staff are to look into it."""
    return (
        session.execute(select(IdNumberClashRow.at).where(IdNumberClashRow.person_id == person_id)).first() is not None
    )


def own_id_number(session: Session, person_id: UUID) -> IdNumber | None:
    """A person's number as their own pages show it; None when they gave none. Raises NotFound for nobody.

    Nothing of it shows before it was compared: a number that was not kept, for somebody else has it, looks alike. That one
    was given is told by the consent that stands, whatever becomes of who has it.
    """
    known = id_number(session, person_id)
    if known is not None and known.confirmed:
        return known
    given = known is not None or stands(session, person_id, notice.ID_NUMBER)
    return IdNumber("", confirmed=False) if given else None


def id_number(session: Session, person_id: UUID) -> IdNumber | None:
    """A person's number, masked; None when none is stored. Raises NotFound for nobody."""
    row = session.execute(
        select(PersonRow.id_number_sealed, PersonRow.identity_level).where(PersonRow.id == person_id)
    ).first()
    if row is None:
        raise NotFound
    if row.id_number_sealed is None:
        return None
    return IdNumber(
        fieldregister.mask("id_number", unseal(PersonRow.id_number_sealed, person_id, row.id_number_sealed)),
        row.identity_level == "id_number",
    )


def id_number_holder(session: Session, person_id: UUID, scopes: Sequence[str], *, asker_id: UUID) -> Holder:
    """Somebody in the scopes who has a number. Raises NotFound, alike elsewhere, without a number and for nobody.

    So it does for who asks: whether a number that they gave was kept tells whether somebody else has it.
    """
    row = session.execute(
        select(PersonRow.id, PersonRow.name, UnitRow.name)
        .join(UnitRow, UnitRow.id == PersonRow.unit_id)
        .where(
            PersonRow.id == person_id,
            PersonRow.id_number_hash.is_not(None),
            within(PersonRow.unit_path, scopes),
            PersonRow.id != asker_id,
        )
    ).first()
    if row is None:
        raise NotFound
    return Holder(*row)


def unconfirmed_holders(
    session: Session, scopes: Sequence[str], *, asker_id: UUID, after: UUID | None = None, limit: int
) -> tuple[Holder, ...]:
    """People in the scopes, but who asks, whose number nobody compared yet, by name; `after` is the last one of the page
    before."""
    statement = (
        select(PersonRow.id, PersonRow.name, UnitRow.name)
        .join(UnitRow, UnitRow.id == PersonRow.unit_id)
        .where(
            PersonRow.id_number_hash.is_not(None),
            PersonRow.identity_level != "id_number",
            within(PersonRow.unit_path, scopes),
            PersonRow.id != asker_id,
        )
    )
    if after is not None:
        last = aliased(PersonRow)
        key = select(last.name_key).where(last.id == after, within(last.unit_path, scopes)).scalar_subquery()
        statement = statement.where(or_(PersonRow.name_key > key, (PersonRow.name_key == key) & (PersonRow.id > after)))
    rows = session.execute(statement.order_by(PersonRow.name_key, PersonRow.id).limit(limit))
    return tuple(Holder(row[0], row[1], row[2]) for row in rows)


def clashes(session: Session, scopes: Sequence[str], *, asker_id: UUID, limit: int) -> tuple[Clash, ...]:
    """Pairs whose halves both lie in the scopes, the newest first, but those of who asks."""
    one, other = aliased(PersonRow), aliased(PersonRow)
    one_unit, other_unit = aliased(UnitRow), aliased(UnitRow)
    rows = session.execute(
        select(one.id, one.name, one_unit.name, other.id, other.name, other_unit.name, IdNumberClashRow.at)
        .select_from(IdNumberClashRow)
        .join(one, one.id == IdNumberClashRow.person_id)
        .join(other, other.id == IdNumberClashRow.other_id)
        .join(one_unit, one_unit.id == one.unit_id)
        .join(other_unit, other_unit.id == other.unit_id)
        .where(
            one.merged_into.is_(None),
            other.merged_into.is_(None),
            within(one.unit_path, scopes),
            within(other.unit_path, scopes),
            one.id != asker_id,
            other.id != asker_id,
        )
        .order_by(IdNumberClashRow.at.desc())
        .limit(limit)
    )
    return tuple(Clash(Holder(*row[:3]), Holder(*row[3:6]), row[6]) for row in rows)
