"""Who moved since, or turned out to be another on the list: whose unit is told, and whose hours they are."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from lms.accounts import queries as accounts
from lms.accounts.models import PersonRow
from lms.accounts.service import memberships
from lms.infra.db import reading, unit_of_work
from lms.kernel.errors import Invalid
from lms.kernel.scope import EVERYWHERE
from lms.offline import queries, service
from lms.offline.domain.people import Listed, Named
from lms.offline.models import OutsideTraineeRow
from lms.organisations import service as organisations
from tests.factories.cadres import at_work, make_admin
from tests.factories.joining import join_by_two
from tests.factories.outside import FACTS, LONG_AGO, PDF, Office, approve, draft, submitted
from tests.factories.people import NOW, make_person
from tests.service.offline.test_entering_and_deciding import entries, trainees


def test_the_list_shows_the_unit_of_that_time_and_no_later_post(office: Office) -> None:
    training_id = submitted(office)
    with unit_of_work() as session:
        session.execute(update(PersonRow).values(post="工会主席"))
    with reading() as session:
        assert [one.post for one in trainees(session, training_id)] == ["工会主席"] * 2
    mover, elsewhere = office.one.person_id, office.land.other_province
    memberships.move(
        mover,
        elsewhere.id,
        from_on=NOW.date() + timedelta(days=1),
        by=at_work(office.nation, office.land.national),
        reason="调动",
        now=NOW + timedelta(days=1),
    )
    with reading() as session:
        listed = trainees(session, training_id)
    assert {one.unit_name for one in listed} == {office.land.unit.name}
    assert {one.person_id: one.post for one in listed} == {mover: "", office.two.person_id: "工会主席"}


def moved_away(office: Office, from_on: date) -> UUID:
    """The first of the list belongs to another province from a day on."""
    memberships.move(
        office.one.person_id,
        office.land.other_province.id,
        from_on=from_on,
        by=at_work(office.nation, office.land.national),
        reason="调动",
        now=NOW,
    )
    return office.one.person_id


def test_a_draft_follows_nobody_to_another_union(office: Office) -> None:
    training_id = draft(office, facts=replace(FACTS, until_on=date(2026, 11, 2), hours=800))
    moved_away(office, date(2026, 11, 4))
    with pytest.raises(Invalid) as refused:
        service.edit(training_id, FACTS, by=office.entering, now=NOW)
    assert (set(refused.value.fields), refused.value.extra) == ({"until_on"}, {"names": "王建国"})
    with reading() as session:
        assert {one.unit_name for one in trainees(session, training_id)} == {office.land.unit.name}
    service.submit(training_id, by=office.entering, now=NOW)
    approve(office, training_id)
    assert [entry.unit_id for entry in entries(office.one.person_id)] == [office.land.unit.id]


@pytest.mark.parametrize("handed_in", [False, True])
def test_who_turns_out_to_have_left_before_the_last_day_is_no_longer_this_unions(
    office: Office, handed_in: bool
) -> None:
    training_id = submitted(office) if handed_in else draft(office)
    gone = moved_away(office, date(2026, 11, 3))
    with reading() as session:
        assert {one.person_id: one.unit_name for one in trainees(session, training_id)}[gone] == ""
        found = queries.training(session, training_id, ("/",))
        seen_above = queries.trainees(session, found, [office.land.national.path], today=NOW.date(), limit=9)
    assert {one.person_id: one.unit_name for one in seen_above}[gone] == office.land.other_province.name
    with pytest.raises(Invalid) as refused:
        if handed_in:
            approve(office, training_id)
        else:
            service.submit(training_id, by=office.entering, now=NOW)
    assert refused.value.extra == {"names": "王建国"}
    assert not entries(gone)


@pytest.fixture
def newcomer(office: Office) -> UUID:
    """Somebody of another province."""
    return make_person(office.land.other_province, "新来的", now=LONG_AGO).person_id


def came(office: Office, newcomer: UUID) -> None:
    """They belong to the office's unit from today on."""
    nation = at_work(office.nation, office.land.national)
    memberships.move(newcomer, office.land.unit.id, from_on=NOW.date(), by=nation, reason="调动", now=NOW)


def test_who_came_after_a_training_may_be_listed_and_their_unit_of_that_day_has_the_hours(
    office: Office, newcomer: UUID
) -> None:
    came(office, newcomer)
    approve(office, submitted(office, "新来的"))
    assert [entry.unit_id for entry in entries(newcomer)] == [office.land.other_province.id]


def test_a_training_of_another_union_on_the_same_days_is_told_without_its_title(office: Office, newcomer: UUID) -> None:
    other = make_admin(office.land.other_province, "外省")
    away = at_work(other, office.land.other_province)
    theirs = service.create(replace(FACTS, title="外省的培训"), office.land.other_province.id, by=away, now=NOW)
    service.add_people(theirs, Listed((Named(1, name="新来的", hours=800),), ()), by=away, now=NOW)
    service.put_proof(theirs, PDF, "证明.pdf", by=away, now=NOW)
    service.submit(theirs, by=away, now=NOW)
    came(office, newcomer)
    training_id = submitted(office, "新来的")
    with reading() as session:
        found = queries.training(session, training_id, (office.land.province.path,))
        province = service.look(session, found, office.deciding, now=NOW)
        nation = service.look(session, found, at_work(office.nation, office.land.national), now=NOW)
    assert [one.other.training_id for one in province.clashes] == [theirs] and province.named == frozenset()
    assert nation.named == {theirs}


def test_two_accounts_on_a_list_that_turn_out_to_be_one_person_are_credited_once(office: Office) -> None:
    training_id = draft(office, "王建国")
    with unit_of_work() as session:
        session.execute(update(PersonRow).where(PersonRow.id == office.two.person_id).values(name="王建国"))
        session.add(OutsideTraineeRow(training_id=training_id, person_id=office.two.person_id, hours=1600))
    service.submit(training_id, by=office.entering, now=NOW)
    by = at_work(office.nation, office.land.national)
    join_by_two(office.two.person_id, office.one.person_id, by=by, reason="同一人", now=NOW)
    approve(office, training_id)
    assert [one.hours for person in (office.one, office.two) for one in entries(person.person_id)] == [2400]


@pytest.mark.parametrize("mergers", [1, 2])
def test_who_left_after_a_training_keeps_the_hours_when_its_unit_merges(office: Office, mergers: int) -> None:
    training_id, land = submitted(office), office.land
    moved_away(office, NOW.date())
    gone = land.unit.id
    for number in range(mergers):
        into = organisations.add_unit(
            parent_id=land.province.id, name=f"集团工会{number}", kind="unit", reach=EVERYWHERE, now=NOW
        )
        organisations.merge(gone, into.id, organisations.Act(None, "合并", NOW, EVERYWHERE))
        gone = into.id
    with reading() as session:
        assert {one.unit_name for one in trainees(session, training_id)} == {land.unit.name}
    approve(office, training_id)
    assert [len(entries(one.person_id)) for one in (office.one, office.two)] == [1, 1]


def test_hours_of_who_left_since_are_of_the_last_unit_before_that_day(office: Office, newcomer: UUID) -> None:
    came(office, newcomer)
    by = at_work(office.nation, office.land.national)
    stays = make_person(office.land.unit, "新来的", now=LONG_AGO)
    later = NOW + timedelta(days=9)
    join_by_two(stays.person_id, newcomer, by=by, reason="同一人", now=later)
    days = [date(2026, 11, 4), NOW.date(), later.date(), later.date() + timedelta(days=3)]
    with reading() as session:
        units = [accounts.units_on(session, [newcomer], day)[newcomer][0] for day in days]
    assert units == [office.land.other_province.id, *[office.land.unit.id] * 3]
