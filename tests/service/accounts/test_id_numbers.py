"""An ID number is kept only when a class asks, with its own consent, once; staff compare it and see it for a purpose."""

import threading
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from lms.access import service as access
from lms.access.domain import roles
from lms.accounts.domain.notice import CURRENT, ID_NUMBER
from lms.accounts.domain.reach import Staff
from lms.accounts.models import ConsentRow, IdNumberClashRow, PersonRow, RevealRow
from lms.accounts.queries import privacy as queries
from lms.accounts.service import id_numbers, privacy
from lms.accounts.service.holding import OnOneself
from lms.accounts.service.reaching import MorePowerful
from lms.audit.models import AuditEntryRow
from lms.classes import queries as classes
from lms.infra.db import reading, unit_of_work
from lms.kernel import clock, ids
from lms.kernel.errors import Conflict, Invalid, NotFound
from tests.factories.cadres import at_work, make_admin, stored
from tests.factories.joining import confirmed_proposal
from tests.factories.people import NOW, Land, make_land, make_person
from tests.factories.qualification import add_qualification, give_number, id_number_of

NUMBER, OTHER = id_number_of(1), id_number_of(2)


@pytest.fixture
def land(clean: Flask) -> Land:
    return make_land()


@pytest.fixture
def person_id(land: Land) -> UUID:
    return make_person(land.unit).person_id


def actions() -> list[str]:
    with reading() as session:
        rows = session.execute(select(AuditEntryRow.action, AuditEntryRow.details).order_by(AuditEntryRow.id)).all()
    assert NUMBER not in repr(rows) and OTHER not in repr(rows)
    return [row.action for row in rows if "id_number" in row.action]


def consents() -> list[tuple[str, bool]]:
    with reading() as session:
        rows = session.execute(select(ConsentRow.version, ConsentRow.withdrawn_at).where(ConsentRow.kind == ID_NUMBER))
        return [(row.version, row.withdrawn_at is None) for row in rows]


def test_only_a_qualification_class_asks(land: Land, person_id: UUID) -> None:
    def asked() -> tuple[str, ...]:
        with reading() as session:
            return classes.asks_id_number(session, person_id)

    add_qualification(land.unit, person_id, kind="JX")
    add_qualification(land.unit)
    assert asked() == ()
    with pytest.raises(id_numbers.NotAsked):
        id_numbers.give(
            person_id,
            NUMBER,
            version=CURRENT[ID_NUMBER],
            asked=lambda session, one: bool(classes.asks_id_number(session, one)),
            now=NOW,
        )
    assert stored(person_id).id_number_sealed is None and consents() == []
    add_qualification(land.unit, person_id)
    assert asked() == ("工会主席上岗培训班",)


def test_a_number_is_stored_sealed_with_a_consent_of_its_own(person_id: UUID) -> None:
    give_number(person_id, f" {NUMBER[:6]} {NUMBER[6:].lower()} ")
    give_number(person_id, NUMBER)
    row = stored(person_id)
    assert row.id_number_sealed and NUMBER not in row.id_number_sealed and row.id_number_hash != NUMBER
    assert row.identity_level == "declared"
    assert consents() == [(CURRENT[ID_NUMBER], True)]
    assert actions() == ["person.id_number.given"] * 2


def test_a_consent_to_an_older_text_is_none(person_id: UUID) -> None:
    with pytest.raises(privacy.NoticeChanged):
        id_numbers.give(person_id, NUMBER, version="2020.1", asked=lambda *_: True, now=NOW)
    assert stored(person_id).id_number_sealed is None


def test_a_ruined_number_is_refused_without_being_repeated(person_id: UUID) -> None:
    with pytest.raises(Invalid) as caught:
        give_number(person_id, "4.4E+17")
    assert "电子表格" in caught.value.fields["id_number"] and "4.4E+17 或" in caught.value.fields["id_number"]


def test_a_number_that_another_has_is_refused_and_staff_see_the_pair(land: Land, person_id: UUID) -> None:
    other_id = make_person(land.unit, "李四").person_id
    give_number(person_id, NUMBER)
    for _ in range(2):
        with pytest.raises(id_numbers.CannotBeKept) as caught:
            give_number(other_id, NUMBER)
        assert "李四" not in str(caught.value) and "张三" not in str(caught.value)
    assert stored(other_id).id_number_sealed is None
    assert consents() == [(CURRENT[ID_NUMBER], True)] * 2, "the other one's too: it shows on their own pages"
    with reading() as session:
        pairs = queries.clashes(session, (land.province.path,), asker_id=ids.new_id(NOW), limit=10)
        assert [(one.one.person_id, one.other.person_id) for one in pairs] == [(other_id, person_id)]
        assert queries.clashes(session, (land.other_province.path,), asker_id=ids.new_id(NOW), limit=10) == ()
    assert actions() == ["person.id_number.given"] * 3, (
        "nor does the record tell it, which its readers search for themselves"
    )


def test_two_who_give_the_same_number_at_once(land: Land, person_id: UUID) -> None:
    people = [person_id, make_person(land.unit, "李四").person_id]
    said: list[str] = []
    barrier = threading.Barrier(2)

    def go(one: UUID) -> None:
        barrier.wait()
        try:
            give_number(one, NUMBER)
            said.append("stored")
        except id_numbers.CannotBeKept:
            said.append("refused")

    threads = [threading.Thread(target=go, args=(one,)) for one in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["refused", "stored"]
    assert sorted(stored(one).id_number_sealed is not None for one in people) == [False, True]
    with reading() as session:
        assert len(session.execute(select(IdNumberClashRow.person_id)).all()) == 1


def test_withdrawing_erases_at_once_and_keeps_the_history(land: Land, person_id: UUID) -> None:
    give_number(person_id, NUMBER)
    admin = make_admin(land.province)
    assert id_numbers.compare(person_id, NUMBER, by=at_work(admin, land.province), now=NOW)
    assert id_numbers.withdraw(person_id, now=NOW)
    assert not id_numbers.withdraw(person_id, now=NOW)
    row = stored(person_id)
    assert (row.id_number_sealed, row.id_number_hash, row.id_number_hash_next) == (None, None, None)
    assert row.identity_level == "unit"
    assert consents() == [(CURRENT[ID_NUMBER], False)]
    give_number(person_id, OTHER)
    assert sorted(consents()) == [(CURRENT[ID_NUMBER], False), (CURRENT[ID_NUMBER], True)]


def test_comparing_confirms_or_says_only_that_it_differs(land: Land, person_id: UUID) -> None:
    give_number(person_id, NUMBER)
    admin = make_admin(land.province)
    by = at_work(admin, land.province)
    assert not id_numbers.compare(person_id, OTHER, by=by, now=NOW)
    assert stored(person_id).identity_level == "declared"
    assert id_numbers.compare(person_id, NUMBER, by=by, now=NOW)
    row = stored(person_id)
    assert (row.identity_level, row.identity_by, row.identity_at) == ("id_number", admin.person_id, NOW)
    assert {"person.id_number.differs", "person.id_number.confirmed"} <= set(actions())
    with pytest.raises(id_numbers.AlreadyConfirmed):
        give_number(person_id, OTHER)


def test_trying_numbers_is_limited(land: Land, person_id: UUID) -> None:
    give_number(person_id, NUMBER)
    by = at_work(make_admin(land.province), land.province)
    for _ in range(id_numbers.COMPARISONS_AN_HOUR):
        id_numbers.compare(person_id, OTHER, by=by, now=NOW)
    with pytest.raises(id_numbers.TooManyComparisons):
        id_numbers.compare(person_id, NUMBER, by=by, now=NOW)


def test_a_reveal_names_its_purpose_and_is_kept(land: Land, person_id: UUID) -> None:
    give_number(person_id, NUMBER)
    admin = make_admin(land.province)
    by = at_work(admin, land.province)
    assert id_numbers.reveal(person_id, purpose="file", reason="核对档案", by=by, now=NOW) == NUMBER
    with reading() as session:
        kept = session.execute(select(RevealRow)).scalar_one()
        assert (kept.actor_id, kept.person_id, kept.purpose, kept.reason, kept.unit_path) == (
            admin.person_id, person_id, "file", "核对档案", land.unit.path,
        )  # fmt: skip
    assert "person.id_number.revealed" in actions()
    with pytest.raises(Exception, match="append-only"), unit_of_work() as session:
        session.query(RevealRow).update({"reason": "x"})


@pytest.mark.parametrize(
    ("purpose", "reason", "field"),
    [("", "核对", "purpose"), ("curiosity", "核对", "purpose"), ("file", " ", "reason"), ("file", NUMBER, "reason")],
)
def test_a_reveal_without_a_good_purpose_is_none(
    land: Land, person_id: UUID, purpose: str, reason: str, field: str
) -> None:
    give_number(person_id, NUMBER)
    by = at_work(make_admin(land.province), land.province)
    with pytest.raises(Invalid) as caught:
        id_numbers.reveal(person_id, purpose=purpose, reason=reason, by=by, now=NOW)
    assert list(caught.value.fields) == [field]
    assert "person.id_number.revealed" not in actions()


def test_staff_elsewhere_and_staff_on_themselves(land: Land, person_id: UUID) -> None:
    give_number(person_id, NUMBER)
    elsewhere = at_work(make_admin(land.other_province), land.other_province)
    admin = make_admin(land.province)
    give_number(admin.person_id, OTHER)
    here = at_work(admin, land.province)
    nobody = make_person(land.unit, "无号").person_id
    for one, by, refused in (
        (person_id, elsewhere, NotFound),
        (nobody, here, NotFound),
        (admin.person_id, here, OnOneself),
    ):
        with pytest.raises(refused):
            id_numbers.reveal(one, purpose="file", reason="核对", by=by, now=clock.now())
        with pytest.raises(refused):
            id_numbers.compare(one, NUMBER, by=by, now=clock.now())


def test_the_database_refuses_half_a_number(person_id: UUID) -> None:
    with pytest.raises(Exception, match="id_number"), unit_of_work() as session:
        session.query(PersonRow).filter_by(id=person_id).update({"id_number_hash": "x"})


def test_a_joined_account_gives_its_number_up(land: Land, person_id: UUID) -> None:
    alias_id, admin = make_person(land.unit, "张三").person_id, make_admin(land.province)
    give_number(alias_id, NUMBER)
    with unit_of_work() as session:
        session.add(confirmed_proposal(person_id, alias_id, make_person(land.unit).person_id, admin.person_id))
        session.flush()
        session.query(PersonRow).filter_by(id=alias_id).update({"merged_into": person_id})
    give_number(person_id, NUMBER)
    assert stored(person_id).id_number_sealed and stored(alias_id).id_number_sealed is None


def test_an_error_of_another_constraint_is_not_taken_for_a_clash(person_id: UUID) -> None:
    with pytest.raises(Conflict), id_numbers.remembering_clashes(person_id, NUMBER, now=NOW):
        raise id_numbers.CannotBeKept
    with reading() as session:
        assert session.execute(select(IdNumberClashRow.person_id)).all() == []


def test_numbers_of_more_powerful_people_are_neither_seen_nor_compared(land: Land, person_id: UUID) -> None:
    chief = make_person(land.unit, "上级管理员", grants={roles.UNIT_ADMIN: land.national})
    for one, number in ((chief.person_id, NUMBER), (person_id, OTHER)):
        give_number(one, number)
    admin = make_admin(land.province)
    by = Staff(admin.person_id, (land.province.path,), lambda one, other: access.outranks(one, other, NOW))
    with pytest.raises(MorePowerful):
        id_numbers.reveal(chief.person_id, purpose="file", reason="核对", by=by, now=NOW)
    with pytest.raises(MorePowerful):
        id_numbers.compare(chief.person_id, NUMBER, by=by, now=NOW)
    assert id_numbers.compare(person_id, OTHER, by=by, now=NOW)
    assert id_numbers.reveal(person_id, purpose="file", reason="核对", by=by, now=NOW) == OTHER
    assert stored(chief.person_id).identity_level == "declared"
