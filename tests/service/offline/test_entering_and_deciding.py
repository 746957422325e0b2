"""What a unit enters counts once it is approved one level up, once, and in one transaction."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.accounts.service import asking
from lms.audit import service as audit
from lms.hours import service as hours
from lms.hours.models import CreditEntryRow
from lms.infra.db import reading
from lms.infra.storage import storage
from lms.kernel.errors import Invalid, NotFound
from lms.kernel.scope import EVERYWHERE
from lms.notices import queries as messages
from lms.offline import queries, service
from lms.offline.domain.people import Listed, Named
from lms.offline.domain.workflow import Act, State
from lms.offline.models import OutsideTrainingRow
from lms.organisations import service as units
from lms.settings import Settings
from tests.factories.cadres import at_work, make_admin
from tests.factories.joining import join_by_two
from tests.factories.outside import FACTS, PDF, Office, approve, draft, submitted
from tests.factories.people import NOW, make_person


def entries(person_id: UUID) -> list[CreditEntryRow]:
    with reading() as session:
        statement = select(CreditEntryRow).where(CreditEntryRow.person_id == person_id).order_by(CreditEntryRow.id)
        found = list(session.execute(statement).scalars())
        session.expunge_all()
    return found


def state_of(training_id: UUID) -> str:
    with reading() as session:
        return session.execute(
            select(OutsideTrainingRow.state).where(OutsideTrainingRow.id == training_id)
        ).scalar_one()


def trainees(session: Session, training_id: UUID) -> tuple[queries.Trainee, ...]:
    found = queries.training(session, training_id, ("/",))
    return queries.trainees(session, found, (found.unit_path,), today=NOW.date(), limit=9)


def test_an_approved_training_credits_everybody_it_lists(office: Office) -> None:
    training_id = submitted(office)
    assert not entries(office.one.person_id)
    approve(office, training_id)
    [entry] = entries(office.one.person_id)
    assert (entry.ledger, entry.source, entry.source_id, entry.hours) == ("centralized", "offline", training_id, 2400)
    assert (entry.count_year, entry.unit_path, entry.rule_id) == (2026, office.land.unit.path, None)
    assert len(entries(office.two.person_id)) == 1


def test_own_hours_of_a_row_count(office: Office) -> None:
    training_id = draft(office, "王建国")
    listed = Listed((Named(1, name="李四", hours=400),), ())
    service.add_people(training_id, listed, by=office.entering, now=NOW)
    service.submit(training_id, by=office.entering, now=NOW)
    approve(office, training_id)
    assert [entry.hours for entry in entries(office.two.person_id)] == [400]


@pytest.mark.parametrize("who", ["clerk", "unit", "other", "trainee"])
def test_who_has_a_part_in_it_or_no_level_above_does_not_approve(office: Office, who: str) -> None:
    land = office.land
    by = {
        "clerk": at_work(office.clerk, land.province),
        "unit": at_work(make_admin(land.unit), land.unit),
        "other": at_work(make_admin(land.other_province), land.other_province),
        "trainee": at_work(office.one, land.province),
    }[who]
    training_id = submitted(office)
    with pytest.raises(NotFound if who == "other" else service.MayNotDecide):
        service.decide(training_id, Act.APPROVE, "", by=by, now=NOW)
    assert state_of(training_id) == State.SUBMITTED
    assert not entries(office.one.person_id)


def test_who_enters_and_who_hands_in_may_be_two_and_neither_decides(office: Office) -> None:
    training_id = draft(office)
    service.submit(training_id, by=office.deciding, now=NOW)
    with pytest.raises(service.MayNotDecide):
        approve(office, training_id)
    by = at_work(office.nation, office.land.national)
    service.decide(training_id, Act.APPROVE, "", by=by, now=NOW)
    assert entries(office.one.person_id)


def test_the_nation_decides_its_own_by_another_person(office: Office) -> None:
    land = office.land
    make_person(land.national, "全国干部")
    entering = at_work(office.nation, land.national)
    training_id = service.create(FACTS, land.national.id, by=entering, now=NOW)
    service.add_people(training_id, Listed((Named(1, name="全国干部"),), ()), by=entering, now=NOW)
    service.put_proof(training_id, PDF, "a.pdf", by=entering, now=NOW)
    service.submit(training_id, by=entering, now=NOW)
    with pytest.raises(service.MayNotDecide):
        service.decide(training_id, Act.APPROVE, "", by=entering, now=NOW)
    service.decide(training_id, Act.APPROVE, "", by=at_work(make_admin(land.national), land.national), now=NOW)
    assert state_of(training_id) == State.APPROVED


def test_a_returned_one_is_mended_and_handed_in_again(office: Office) -> None:
    training_id = submitted(office)
    service.decide(training_id, Act.RETURN, "请补充李四的签到", by=office.deciding, now=NOW)
    assert state_of(training_id) == State.RETURNED
    service.remove_person(training_id, office.two.person_id, by=office.entering, now=NOW)
    service.submit(training_id, by=office.entering, now=NOW)
    approve(office, training_id)
    assert entries(office.one.person_id)
    assert not entries(office.two.person_id)


@pytest.mark.parametrize("act", [Act.RETURN, Act.DECLINE])
def test_a_refusal_needs_words(office: Office, act: Act) -> None:
    training_id = submitted(office)
    with pytest.raises(Invalid):
        service.decide(training_id, act, "  ", by=office.deciding, now=NOW)


def test_a_second_decision_is_refused(office: Office) -> None:
    training_id = submitted(office)
    approve(office, training_id)
    with pytest.raises(service.NotNow):
        approve(office, training_id)
    assert len(entries(office.one.person_id)) == 1


@pytest.mark.parametrize("what", ["people", "file"])
def test_what_is_missing_is_said_before_it_is_handed_in(office: Office, what: str) -> None:
    training_id = draft(office, proof=what != "file")
    if what == "people":
        for one in (office.one, office.two):
            service.remove_person(training_id, one.person_id, by=office.entering, now=NOW)
    with pytest.raises(Invalid) as refused:
        service.submit(training_id, by=office.entering, now=NOW)
    assert list(refused.value.fields) == [what]


def test_nothing_changes_while_it_waits(office: Office) -> None:
    training_id = submitted(office)
    for act in (
        lambda: service.edit(training_id, FACTS, by=office.entering, now=NOW),
        lambda: service.add_people(training_id, Listed((Named(1, name="李四"),), ()), by=office.entering, now=NOW),
        lambda: service.remove_person(training_id, office.one.person_id, by=office.entering, now=NOW),
        lambda: service.put_proof(training_id, PDF, "a.pdf", by=office.entering, now=NOW),
        lambda: service.submit(training_id, by=office.entering, now=NOW),
    ):
        with pytest.raises(service.NotNow):
            act()


def test_new_hours_reach_those_who_attended_all_of_it(office: Office) -> None:
    training_id = draft(office)
    listed = Listed((Named(1, name="李四", hours=400),), ())
    service.add_people(training_id, listed, by=office.entering, now=NOW)
    service.edit(training_id, replace(FACTS, hours=1600), by=office.entering, now=NOW)
    with reading() as session:
        found = {one.name: one.hours for one in trainees(session, training_id)}
    assert found == {"王建国": 1600, "李四": 400}


def test_the_same_training_is_not_credited_twice(office: Office) -> None:
    approve(office, submitted(office, "王建国"))
    again = draft(office, "王建国", facts=replace(FACTS, title="工会干部 培训班（）"))
    with pytest.raises(service.CountsAlready):
        service.submit(again, by=office.entering, now=NOW)


def test_the_same_training_is_not_credited_in_the_other_kind(office: Office) -> None:
    approve(office, submitted(office, "王建国"))
    again = draft(office, "王建国", facts=replace(FACTS, source="elsewhere", ledger="self_study"))
    with pytest.raises(service.CountsAlready):
        service.submit(again, by=office.entering, now=NOW)


def test_of_two_that_wait_only_one_is_handed_in(office: Office) -> None:
    submitted(office, "王建国")
    with pytest.raises(service.CountsAlready):
        service.submit(draft(office, "王建国"), by=office.entering, now=NOW)


def test_what_was_taken_back_may_be_entered_again(office: Office) -> None:
    approve(office, submitted(office, "王建国"))
    [entry] = entries(office.one.person_id)
    hours.reverse(
        entry.id,
        actor_id=office.nation.person_id,
        second_id=office.province.person_id,
        reason="学时有误",
        now=NOW,
    )
    approve(office, submitted(office, "王建国", facts=replace(FACTS, hours=1600)))
    assert sum(one.hours for one in entries(office.one.person_id)) == 1600


def test_days_that_overlap_have_to_be_seen(office: Office) -> None:
    approve(office, submitted(office, "王建国"))
    other = submitted(office, "王建国", facts=replace(FACTS, title="财务培训", hours=400))
    with pytest.raises(service.OverlapUnseen):
        approve(office, other)
    approve(office, other, seen_overlaps=True)
    assert sum(one.hours for one in entries(office.one.person_id)) == 2800


def test_two_accounts_of_one_human_are_one(office: Office) -> None:
    gone = make_person(office.land.unit, "王建国")
    training_id = service.create(FACTS, office.land.unit.id, by=office.entering, now=NOW)
    service.add_people(training_id, Listed((Named(1, username=gone.username),), ()), by=office.entering, now=NOW)
    service.put_proof(training_id, PDF, "a.pdf", by=office.entering, now=NOW)
    service.submit(training_id, by=office.entering, now=NOW)
    approve(office, training_id)
    join_by_two(office.one.person_id, gone.person_id, by=office.deciding, reason="同一人", now=NOW)
    with pytest.raises(service.CountsAlready):
        service.submit(draft(office, "王建国"), by=office.entering, now=NOW)


def test_a_list_with_a_fault_stores_nobody(office: Office) -> None:
    make_person(office.land.unit, "李四")
    make_person(office.land.other_unit, "外省人")
    training_id = draft(office, "王建国")
    rows = (
        Named(2, name="李四"),
        Named(3, name="外省人"),
        Named(4, name="没有这个人"),
        Named(5, username=office.one.username, name="别名"),
    )
    with pytest.raises(service.ListRefused) as refused:
        service.add_people(training_id, Listed(rows, ()), by=office.entering, now=NOW)
    assert [one.row for one in refused.value.problems] == [2, 3, 4, 5]
    with reading() as session:
        assert [one.name for one in trainees(session, training_id)] == ["王建国"]


def test_namesakes_are_told_apart_by_user_name(office: Office) -> None:
    other = make_person(office.land.unit, "李四")
    training_id = draft(office, "王建国")
    listed = Listed((Named(2, username=other.username),), ())
    service.add_people(training_id, listed, by=office.entering, now=NOW)
    with reading() as session:
        listed_ids = {one.person_id for one in trainees(session, training_id)}
    assert listed_ids == {office.one.person_id, other.person_id}


@pytest.mark.parametrize("content", [b"<html></html>", b"x" * (10 * 1024 * 1024 + 1), b""])
def test_a_file_that_is_no_proof_is_not_taken(office: Office, content: bytes) -> None:
    training_id = draft(office, proof=False)
    with pytest.raises(service.ProofRefused):
        service.put_proof(training_id, content, "a.pdf", by=office.entering, now=NOW)
    assert storage().names(f"proofs/{training_id}") == []


def test_those_concerned_are_told(office: Office) -> None:
    approve(office, submitted(office))
    with reading() as session:
        [learner] = messages.page(session, office.one.person_id).notices
        [clerk] = messages.page(session, office.clerk.person_id).notices
    assert (learner.kind, learner.facts["hours"]) == ("hours.credited", "24")
    assert (clerk.kind, clerk.facts["count"]) == ("hours.training", "2")


def test_a_person_sees_what_was_entered_of_them(office: Office) -> None:
    training_id = submitted(office)
    draft(office, "李四", facts=replace(FACTS, title="草稿", from_on=date(2026, 10, 1), until_on=date(2026, 10, 3)))
    approve(office, training_id)
    with reading() as session:
        [mine] = queries.of_person(session, office.two.person_id)
    assert (mine.title, mine.proof_name, mine.decided_by) == ("工会干部培训班", "签到表.pdf", "省管理员")


def test_the_record_vouches_for_it(office: Office, settings: Settings) -> None:
    approve(office, submitted(office))
    assert audit.verify(settings.seal_log_path, now=NOW).ok


def test_waiting_counts_what_stands_below(office: Office) -> None:
    submitted(office)
    land = office.land
    with reading() as session:
        found = [
            queries.waiting(session, [unit.path], limit=9)
            for unit in (land.national, land.province, land.unit, land.other_province)
        ]
    assert found == [1, 1, 0, 0]


def test_an_old_training_is_not_handed_in(office: Office) -> None:
    training_id = draft(office)
    with pytest.raises(Invalid):
        service.submit(training_id, by=office.entering, now=NOW + timedelta(days=400))


HANDS: dict[str, Callable[[UUID, Office], object]] = {
    "facts": lambda one, office: service.edit(one, replace(FACTS, hours=800), by=office.deciding, now=NOW),
    "people": lambda one, office: service.add_people(
        one, Listed((Named(1, name="李四"),), ()), by=office.deciding, now=NOW
    ),
    "removed": lambda one, office: service.remove_person(one, office.two.person_id, by=office.deciding, now=NOW),
    "proof": lambda one, office: service.put_proof(one, PDF, "新的.pdf", by=office.deciding, now=NOW),
}


@pytest.mark.parametrize("hand", HANDS.values(), ids=HANDS)
def test_who_changed_a_draft_of_another_does_not_decide_it(
    office: Office, hand: Callable[[UUID, Office], object]
) -> None:
    training_id = draft(office)
    hand(training_id, office)
    service.submit(training_id, by=office.entering, now=NOW)
    for act in (Act.APPROVE, Act.RETURN, Act.DECLINE):
        with pytest.raises(service.MayNotDecide, match="修改"):
            service.decide(training_id, act, "理由", by=office.deciding, now=NOW)
    assert not entries(office.one.person_id)
    service.decide(training_id, Act.APPROVE, "", by=at_work(office.nation, office.land.national), now=NOW)
    assert entries(office.one.person_id)


def test_who_handed_it_in_before_it_was_returned_does_not_decide_it_later(office: Office) -> None:
    training_id = draft(office)
    service.submit(training_id, by=office.deciding, now=NOW)
    nation = at_work(office.nation, office.land.national)
    service.decide(training_id, Act.RETURN, "请补充", by=nation, now=NOW)
    service.submit(training_id, by=office.entering, now=NOW)
    with pytest.raises(service.MayNotDecide):
        approve(office, training_id)


def test_mobile_numbers_of_a_list_that_fit_nobody_are_counted(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(asking.A_DAY, asking.Guess.MOBILE, 5)
    training_id = draft(office, "李四")

    def guess(first: int, many: int) -> list[int]:
        rows = tuple(Named(number, name="王建国", mobile=f"1390000{first + number:04}") for number in range(many))
        with pytest.raises(service.ListRefused) as refused:
            service.add_people(training_id, Listed(rows, ()), by=office.entering, now=NOW)
        return [one.row for one in refused.value.problems]

    assert len(guess(0, 3)) == 3
    rows = tuple(Named(number, name="王建国", mobile=f"13900010{number:03}") for number in range(3))
    with pytest.raises(asking.TooManyGuesses):
        service.add_people(training_id, Listed(rows, ()), by=office.entering, now=NOW)
    assert service.add_people(training_id, Listed((Named(1, name="王建国"),), ()), by=office.entering, now=NOW) == 1


def test_what_was_handed_in_anew_is_not_decided_by_a_page_of_before(office: Office) -> None:
    training_id = submitted(office, "王建国")
    with reading() as session:
        seen = queries.training(session, training_id, ("/",)).submitted_at
    service.decide(training_id, Act.RETURN, "请补充", by=office.deciding, handed_in=seen, now=NOW)
    later = NOW + timedelta(hours=1)
    service.add_people(training_id, Listed((Named(1, name="李四"),), ()), by=office.entering, now=later)
    service.submit(training_id, by=office.entering, now=later)
    with pytest.raises(service.NotNow):
        service.decide(training_id, Act.APPROVE, "", by=office.deciding, handed_in=seen, now=later)
    assert not entries(office.two.person_id)
    service.decide(training_id, Act.APPROVE, "", by=office.deciding, handed_in=later, now=later)
    assert entries(office.two.person_id)


def test_nothing_is_entered_for_a_unit_that_is_no_more(office: Office) -> None:
    land = office.land
    units.merge(land.unit.id, land.other_unit.id, units.Act(None, "合并", NOW, reach=EVERYWHERE))
    with pytest.raises(Invalid) as caught:
        service.create(FACTS, land.unit.id, by=office.deciding, now=NOW)
    assert set(caught.value.fields) == {"unit"}


def test_nobody_keeps_hours_of_their_own_beyond_the_days_of_a_shorter_training(office: Office) -> None:
    training_id = draft(office, "李四")  # three days, eight hours a day at the most
    service.add_people(training_id, Listed((Named(1, name="王建国", hours=2000),), ()), by=office.entering, now=NOW)
    shorter = replace(FACTS, from_on=FACTS.until_on, hours=800)
    with pytest.raises(Invalid) as refused:
        service.edit(training_id, shorter, by=office.entering, now=NOW)
    assert (list(refused.value.fields), refused.value.extra) == (["hours"], {"people": 1})
    with reading() as session:
        kept = queries.training(session, training_id, EVERYWHERE)
    assert (kept.from_on, kept.hours) == (FACTS.from_on, FACTS.hours), "nothing was changed"
    service.add_people(training_id, Listed((Named(1, name="王建国", hours=800),), ()), by=office.entering, now=NOW)
    service.edit(training_id, shorter, by=office.entering, now=NOW)
