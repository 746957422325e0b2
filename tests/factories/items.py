"""Own items of a bank, their authors and their reviewers."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lms.access.domain import roles
from lms.infra.db import reading
from lms.kernel.principal import Principal
from lms.moderation.domain.workflow import Level, State
from lms.questionbank import queries, service
from lms.questionbank.domain.exchange import ExchangeItem, Kind
from lms.questionbank.domain.typed import Typed, made
from tests.factories.people import NOW, Land, make_person

BANK = "B-ITEMS"


@dataclass(frozen=True)
class Desk:
    """A bank of a unit, who writes for it (two people), and who decides at each level."""

    author: Principal
    colleague: Principal
    province: Principal
    nation: Principal


def make_desk(land: Land, *, bank: str = BANK) -> Desk:
    service.ensure_bank(bank, "题库", unit_id=land.unit.id, now=NOW)
    return Desk(
        make_person(land.unit, "甲", grants={roles.UPLOADER: land.unit}),
        make_person(land.unit, "乙", grants={roles.UPLOADER: land.unit}),
        make_person(land.unit, "省审", grants={roles.PROVINCE_REVIEWER: land.province}),
        make_person(land.unit, "国审", grants={roles.NATIONAL_REVIEWER: land.national}),
    )


def typed_item(stem: str = "工会是？", **other: object) -> ExchangeItem:
    fields: dict[str, object] = {"options": (("群众组织", True), ("行政机关", False)), **other}
    done = made(Typed(Kind.SINGLE, stem, **fields))  # type: ignore[arg-type]  # a table of mixed values
    assert done.item is not None, done.problems
    return done.item


def version(version_id: UUID) -> queries.VersionOfItem:
    with reading() as session:
        return queries.version(session, version_id)


def decide(
    version_id: UUID,
    level: Level,
    reviewer: Principal,
    *,
    approves: bool = True,
    comment: str = "",
    now: datetime = NOW,
) -> State:
    return service.decide(
        version_id,
        level,
        approves=approves,
        comment=comment,
        token=version(version_id).token,
        reviewer=reviewer,
        now=now,
    )


def publish(desk: Desk, item: ExchangeItem, *, bank: str = BANK, now: datetime = NOW) -> UUID:
    """A new item that went the whole way."""
    version_id = service.create(bank, item, author_id=desk.author.person_id, now=now)
    go_through(desk, version_id, bank=bank, now=now)
    return version_id


def go_through(desk: Desk, version_id: UUID, *, bank: str = BANK, now: datetime = NOW) -> None:
    """Hands a draft in and decides at both levels."""
    service.hand_in([version_id], bank, actor_id=desk.author.person_id, now=now)
    decide(version_id, Level.PROVINCE, desk.province, now=now)
    assert decide(version_id, Level.NATIONAL, desk.nation, now=now) is State.PUBLISHED
