"""Own items are published by two people who did not write them; versions stay, the newest published one is drawn."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from lms.audit.models import AuditEntryRow
from lms.infra.db import reading, unit_of_work
from lms.kernel import ids
from lms.kernel.errors import Invalid, NotFound
from lms.moderation.domain.workflow import Level, State, TransitionRefused
from lms.moderation.service import ContentChanged, MayNotReview
from lms.questionbank import queries, service
from lms.questionbank.domain.exchange import ExchangeItem, Kind, Picture
from lms.questionbank.models import BankRow, ItemEventRow, ItemVersionRow
from lms.questionbank.service import NotHandedIn
from tests.factories.items import BANK, Desk, decide, go_through, make_desk, publish, typed_item, version
from tests.factories.people import NOW, make_land, make_person


@pytest.fixture
def desk(clean: Flask) -> Desk:
    return make_desk(make_land())


def drawn() -> set[UUID]:
    with reading() as session:
        return {one.version_id for one in queries.drawable_items(session, [BANK])}


def draft(desk: Desk, stem: str = "工会是？") -> UUID:
    return service.create(BANK, typed_item(stem), author_id=desk.author.person_id, now=NOW)


def test_an_item_is_drawn_after_both_levels_and_not_before(desk: Desk) -> None:
    version_id = draft(desk)
    assert not drawn()
    service.hand_in([version_id], BANK, actor_id=desk.author.person_id, now=NOW)
    assert not drawn()
    assert decide(version_id, Level.PROVINCE, desk.province) is State.NATIONAL_REVIEW
    assert not drawn()
    assert decide(version_id, Level.NATIONAL, desk.nation) is State.PUBLISHED
    assert drawn() == {version_id}
    with reading() as session:
        actions = session.execute(select(AuditEntryRow.action).order_by(AuditEntryRow.at)).scalars().all()
        events = [one.action for one in queries.events(session, version_id)]
    assert {"item.written", "item.handed_in", "item.approved"} <= set(actions)
    assert sorted(events) == ["approved", "approved", "handed_in", "written"]


def test_a_new_version_takes_the_place_of_the_old_one_when_it_is_published(desk: Desk) -> None:
    first = publish(desk, typed_item())
    second = service.save(
        first,
        BANK,
        typed_item("工会是什么组织？"),
        token=version(first).token,
        author_id=desk.author.person_id,
        now=NOW + timedelta(days=1),
    )
    assert drawn() == {first} and version(first).item.stem == "工会是？"
    go_through(desk, second, now=NOW + timedelta(days=1))
    assert drawn() == {second}
    assert (version(first).state, version(second).version_no) == ("withdrawn", 2)
    with reading() as session:
        assert [one.id for one in queries.versions(session, first)] == [second, first]


def test_who_wrote_or_handed_in_decides_nothing_and_nobody_decides_twice(clean: Flask) -> None:
    land = make_land()
    desk = make_desk(land)
    both = {"uploader": land.unit, "province_reviewer": land.province, "national_reviewer": land.national}
    many = make_person(land.unit, "多职", grants=both)
    other = make_person(land.unit, "另一", grants={k: v for k, v in both.items() if k != "uploader"})
    own = service.create(BANK, typed_item("甲"), author_id=many.person_id, now=NOW)
    service.hand_in([own], BANK, actor_id=desk.author.person_id, now=NOW)
    with pytest.raises(MayNotReview):
        decide(own, Level.PROVINCE, many)
    handed = draft(desk)
    service.hand_in([handed], BANK, actor_id=many.person_id, now=NOW)
    with pytest.raises(MayNotReview):
        decide(handed, Level.PROVINCE, many)
    decide(handed, Level.PROVINCE, other)
    with pytest.raises(MayNotReview):
        decide(handed, Level.NATIONAL, other)
    with pytest.raises(TransitionRefused):
        decide(handed, Level.PROVINCE, desk.province)
    decide(handed, Level.NATIONAL, desk.nation)
    assert drawn() == {handed}


def test_a_return_needs_a_reason_and_gives_the_item_back_to_its_author(desk: Desk) -> None:
    version_id = draft(desk)
    service.hand_in([version_id], BANK, actor_id=desk.author.person_id, now=NOW)
    with pytest.raises(Invalid):
        decide(version_id, Level.PROVINCE, desk.province, approves=False, comment=" ")
    with pytest.raises(service.UnderReview):
        service.save(
            version_id,
            BANK,
            typed_item("别的"),
            token=version(version_id).token,
            author_id=desk.author.person_id,
            now=NOW,
        )
    assert decide(version_id, Level.PROVINCE, desk.province, approves=False, comment="选项太短") is State.RETURNED
    again = service.save(
        version_id,
        BANK,
        typed_item("工会是哪种组织？"),
        token=version(version_id).token,
        author_id=desk.author.person_id,
        now=NOW,
    )
    assert again == version_id and version(version_id).state == "draft"
    go_through(desk, version_id)
    assert drawn() == {version_id}


def test_a_decision_is_on_what_the_reviewer_saw(desk: Desk) -> None:
    version_id = draft(desk)
    service.hand_in([version_id], BANK, actor_id=desk.author.person_id, now=NOW)
    with pytest.raises(ContentChanged):
        service.decide(
            version_id, Level.PROVINCE, approves=True, comment="", token="0" * 64, reviewer=desk.province, now=NOW
        )
    with pytest.raises(NotFound):
        decide(version_id, Level.PROVINCE, desk.author)


def test_the_second_of_two_pages_is_told_and_saves_nothing(desk: Desk) -> None:
    version_id = draft(desk)
    seen = version(version_id).token
    service.save(version_id, BANK, typed_item("先保存"), token=seen, author_id=desk.author.person_id, now=NOW)
    with pytest.raises(service.ChangedElsewhere) as refusal:
        service.save(version_id, BANK, typed_item("后保存"), token=seen, author_id=desk.colleague.person_id, now=NOW)
    assert refusal.value.newer.item.stem == "先保存" and version(version_id).item.stem == "先保存"
    published = publish(desk, typed_item("另一题"))
    seen = version(published).token
    service.save(published, BANK, typed_item("新版"), token=seen, author_id=desk.author.person_id, now=NOW)
    with pytest.raises(service.ChangedElsewhere):
        service.save(published, BANK, typed_item("再新"), token=seen, author_id=desk.colleague.person_id, now=NOW)


@pytest.mark.parametrize(
    "item",
    [
        ExchangeItem(Kind.SINGLE, "没有选项"),
        ExchangeItem(Kind.SHORT_ANSWER, "看图", pictures=(Picture("a.png", b"x"),)),
        ExchangeItem(Kind.CASE, "案例", children=(typed_item(),)),
        typed_item(valid_until=NOW.date() - timedelta(days=2)),
    ],
    ids=["unsound", "picture", "choices in a case", "no longer valid"],
)
def test_what_an_exam_can_not_ask_is_not_handed_in_and_neither_is_the_rest(desk: Desk, item: ExchangeItem) -> None:
    good = draft(desk, "好题")
    bad = service.create(BANK, item, author_id=desk.author.person_id, now=NOW)
    with pytest.raises(service.NotHandedIn):
        service.hand_in([good, bad], BANK, actor_id=desk.author.person_id, now=NOW)
    assert version(good).state == version(bad).state == "draft"


def test_a_stopped_item_is_drawn_no_more(desk: Desk) -> None:
    version_id = publish(desk, typed_item())
    with pytest.raises(NotFound):
        service.stop(version_id, reason="法规废止", actor=desk.province, now=NOW)
    with pytest.raises(Invalid):
        service.stop(version_id, reason=" ", actor=desk.nation, now=NOW)
    service.stop(version_id, reason="法规废止", actor=desk.nation, now=NOW)
    assert not drawn()


def test_the_database_keeps_the_rules_of_review(desk: Desk) -> None:
    version_id = draft(desk)
    with pytest.raises(IntegrityError), unit_of_work() as session:
        session.execute(update(ItemVersionRow).where(ItemVersionRow.id == version_id).values(state="published"))
    service.hand_in([version_id], BANK, actor_id=desk.author.person_id, now=NOW)
    decide(version_id, Level.PROVINCE, desk.province)
    with pytest.raises(IntegrityError), unit_of_work() as session:
        session.execute(update(ItemVersionRow).where(ItemVersionRow.id == version_id).values(state="published"))
    with pytest.raises(IntegrityError), unit_of_work() as session:
        session.execute(update(ItemVersionRow).where(ItemVersionRow.id == version_id).values(stem="别的"))
    base: dict[str, Any] = {
        "item_id": version_id,
        "version_id": version_id,
        "action": "approved",
        "round": 1,
        "content_hash": "",
    }
    for level, actor in (("national", desk.author), ("national", desk.province), ("province", desk.nation)):
        with pytest.raises(IntegrityError), unit_of_work() as session:
            row = ItemEventRow(id=ids.new_id(NOW), level=level, actor_id=actor.person_id, comment="", at=NOW, **base)
            session.add(row)
            session.flush()


@pytest.mark.parametrize("kinds", [("exam", "practice"), ("practice", "exam")], ids="-".join)
def test_what_an_exam_asks_is_not_practised_and_the_other_way_round(desk: Desk, kinds: tuple[str, str]) -> None:
    first, second = (f"B-{kind}" for kind in kinds)
    with reading() as session:
        unit_id = session.get_one(BankRow, BANK).unit_id
    for code, kind in zip((first, second), kinds, strict=True):
        service.ensure_bank(code, kind, kind=kind, unit_id=unit_id, now=NOW)
    published = publish(desk, typed_item(), bank=first)
    again = service.create(
        second, typed_item(options=(("甲", True), ("乙", False))), author_id=desk.author.person_id, now=NOW
    )
    with pytest.raises(NotHandedIn) as told:
        service.hand_in([again], second, actor_id=desk.author.person_id, now=NOW)
    assert told.value.extra["ref"] == version(again).ref
    assert version(again).state == "draft"
    service.stop(published, reason="换题", actor=desk.nation, now=NOW)
    assert service.hand_in([again], second, actor_id=desk.author.person_id, now=NOW) == 1
