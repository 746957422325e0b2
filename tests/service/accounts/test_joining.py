"""Two accounts of one person are joined for good: no record is rewritten, reads use both, nothing counts twice."""

from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import DBAPIError

from lms.accounts import queries
from lms.accounts.domain.corrections import Identity
from lms.accounts.domain.notice import ID_NUMBER
from lms.accounts.domain.reach import Staff
from lms.accounts.models import (
    AccountRow,
    AuthSessionRow,
    CorrectionRow,
    JoinProposalRow,
    MembershipRow,
    PersonRow,
)
from lms.accounts.queries import privacy as consents
from lms.accounts.service import corrections, id_numbers, identity, joining, people
from lms.accounts.service.holding import OnOneself, PersonGone
from lms.accounts.service.reaching import MorePowerful
from lms.certificates import queries as certificates, service as issuing
from lms.classes import queries as classes
from lms.classes.models import EnrolmentRow
from lms.exams import queries as exam_queries, service as exams
from lms.exams.listeners import ExamUnderWay
from lms.hours import queries as hours
from lms.hours.models import CreditEntryRow
from lms.infra.db import reading, unit_of_work
from lms.kernel import ids
from lms.kernel.errors import Conflict, Invalid, NotFound
from lms.learning import queries as learning
from tests.factories.cadres import at_work, make_admin, make_facts, stored
from tests.factories.certificates import NOW, Class, Land, MakePerson, land, make_learner, make_person, training
from tests.factories.exams import make_candidate, make_hall, right_answers
from tests.factories.joining import join_by_two
from tests.factories.people import make_land, make_person as make_principal
from tests.factories.qualification import give_number, id_number_of
from tests.service.certificates.test_identity import pass_exam

__all__ = ["land", "make_learner", "make_person", "training"]
LATER = NOW + timedelta(days=1)


@pytest.fixture
def by(make_person: MakePerson, land: Land) -> Staff:
    return Staff(make_person("管理员"), (land.national.path,))


def year(person_id: UUID) -> hours.Year:
    with reading() as session:
        return hours.year_of(session, person_id, NOW.year)


def test_hours_of_both_count_once(make_learner: MakePerson, by: Staff, training: Class) -> None:
    kept, gone = make_learner("甲", done=1), make_learner("甲", done=2)
    before = year(kept).centralized.earned
    with reading() as session:
        rows_before = session.execute(select(CreditEntryRow.id, CreditEntryRow.person_id, CreditEntryRow.hours)).all()
    join_by_two(kept, gone, by=by, reason="同一人两个账号", now=LATER)
    assert before == 400
    assert year(kept).centralized.earned == 800
    with reading() as session:
        rows_after = session.execute(select(CreditEntryRow.id, CreditEntryRow.person_id, CreditEntryRow.hours)).all()
        assert set(rows_before) < set(rows_after)
        assert len(rows_after) == len(rows_before) + 1
        assert hours.hours_of_courses(session, kept, training.course_ids) == 800
        assert hours.overview(session, kept, 2026).years == (NOW.year,)


def test_courses_enrolments_and_the_list_of_the_class_know_one_person(
    make_learner: MakePerson, make_person: MakePerson, by: Staff, training: Class
) -> None:
    kept, gone = make_person("甲"), make_learner("甲", done=2)
    join_by_two(kept, gone, by=by, reason="同一人", now=LATER)
    with reading() as session:
        assert set(learning.completions(session, kept, training.course_ids)) == set(training.course_ids)
        assert learning.completed_counts(session, training.course_ids, [kept]) == {kept: 2}
        enrolment = classes.enrolment(session, training.id, kept)
        assert enrolment is not None and enrolment.active
        assert [one.id for one, _e in classes.classes_of(session, kept)] == [training.id]
        assert [member.person_id for member in classes.members(session, training.id)] == [kept]
        assert queries.alias_ids(session, kept) == (kept, gone)


def test_who_was_enrolled_twice_stands_in_the_list_once(make_learner: MakePerson, by: Staff, training: Class) -> None:
    kept, gone = make_learner("甲", done=1), make_learner("甲", done=2)
    join_by_two(kept, gone, by=by, reason="同一人", now=LATER)
    with reading() as session:
        assert [member.person_id for member in classes.members(session, training.id)] == [kept]
        assert learning.completed_counts(session, training.course_ids, [kept]) == {kept: 2}


def test_who_was_enrolled_only_under_accounts_that_are_gone_stands_in_the_list_once(
    make_learner: MakePerson, make_person: MakePerson, by: Staff, training: Class
) -> None:
    kept, first, second = make_person("甲"), make_learner("甲", done=1), make_learner("甲", done=1)
    for gone in (second, first):
        join_by_two(kept, gone, by=by, reason="同一人", now=LATER)
    with unit_of_work() as session:
        session.execute(update(EnrolmentRow).where(EnrolmentRow.person_id == first).values(state="declined"))
    with reading() as session:
        (member,) = classes.members(session, training.id)
        enrolment = classes.enrolment(session, training.id, kept)
        assert (member.person_id, member.state) == (kept, "approved"), "the place they study by, not the first one"
        assert enrolment is not None and enrolment.person_id == second


def test_the_gone_account_is_signed_out_and_signs_in_no_more(make_person: MakePerson, by: Staff, clean: Flask) -> None:
    kept, gone = make_person("甲"), make_person("甲")
    with unit_of_work() as session:
        account = session.execute(select(AccountRow).where(AccountRow.person_id == gone)).scalar_one()
        session.add(
            AuthSessionRow(
                id=gone, account_id=account.id, opened_at=NOW, seen_at=NOW, expires_at=LATER, address="", browser=""
            )
        )
    join_by_two(kept, gone, by=by, reason="同一人", now=NOW)
    with reading() as session:
        known = queries.credentials(session, account.username)
        assert known is not None and not known.active
        assert session.get_one(AuthSessionRow, gone).ended_at == NOW
        open_ones = session.execute(
            select(func.count()).where(MembershipRow.person_id == gone, MembershipRow.until_on.is_(None))
        )
        assert open_ones.scalar_one() == 0
    assert stored(gone).merged_into == kept


def test_joined_accounts_joined_again_all_lead_to_the_last(make_person: MakePerson, by: Staff) -> None:
    first, second, third = make_person("甲"), make_person("甲"), make_person("甲")
    join_by_two(second, first, by=by, reason="同一人", now=NOW)
    join_by_two(third, second, by=by, reason="同一人", now=NOW)
    with reading() as session:
        assert set(queries.alias_ids(session, third)) == {first, second, third}


def test_an_id_number_and_what_it_proved_stay_with_no_one(make_person: MakePerson, by: Staff) -> None:
    kept, gone, other = make_person("甲"), make_person("甲"), make_person("甲")
    give_number(gone, id_number_of(1))
    assert id_numbers.compare(gone, id_number_of(1), by=by, now=NOW)
    asked = corrections.ask(gone, Identity.ID_NUMBER, id_number_of(3), "输错", now=NOW)
    join_by_two(kept, gone, by=by, reason="同一人", now=NOW)
    assert (stored(kept).id_number_hash, stored(kept).identity_level) == (None, "unit"), "as before"
    assert (stored(gone).id_number_hash, stored(gone).identity_level) == (None, "unit")
    with reading() as session:
        assert not consents.stands(session, gone, ID_NUMBER)
        row = session.get_one(CorrectionRow, asked)
        assert (row.state, row.new_sealed) == ("withdrawn", "")
    give_number(kept, id_number_of(1))
    give_number(other, id_number_of(2))
    with pytest.raises(joining.TwoPeople):
        join_by_two(kept, other, by=by, reason="不是", now=NOW)


def test_other_names_are_never_joined_and_what_is_known_of_who_stays_never_changes(
    make_person: MakePerson, by: Staff
) -> None:
    kept, gone, other = make_person("甲"), make_person("甲"), make_person("乙")
    give_number(gone, id_number_of(1))
    identity.confirm(kept, by=by, reason="核对证件", now=NOW)
    with pytest.raises(joining.OtherName):
        join_by_two(other, gone, by=by, reason="x", now=NOW)
    assert stored(gone).id_number_hash
    join_by_two(kept, gone, by=by, reason="同一人", now=NOW)
    assert stored(kept).identity_level == "unit"


def test_a_name_that_was_made_to_fit_joins_nothing(make_person: MakePerson, by: Staff, land: Land) -> None:
    thief, victim = make_person("甲"), make_person("乙")
    give_number(victim, id_number_of(8))
    assert id_numbers.compare(victim, id_number_of(8), by=by, now=NOW)
    people.edit(thief, make_facts("乙", mobile=""), by=by, naming=by.scopes, now=NOW)
    for kept, gone in ((thief, victim), (victim, thief)):
        with pytest.raises(joining.RenamedLately):
            join_by_two(kept, gone, by=by, reason="同一人", now=NOW + timedelta(days=29))
    assert stored(victim).merged_into is None and stored(victim).identity_level == "id_number"
    join_by_two(thief, victim, by=by, reason="同一人", now=NOW + timedelta(days=31))
    row = stored(thief)
    assert (row.id_number_hash, row.identity_level) == (None, "declared"), "the proof of another name passes to nobody"


def test_a_new_name_loses_what_was_proved_of_the_old_one(make_person: MakePerson, by: Staff) -> None:
    person = make_person("甲")
    give_number(person, id_number_of(1))
    assert id_numbers.compare(person, id_number_of(1), by=by, now=NOW)
    people.edit(person, make_facts("甲", mobile=""), by=by, naming=by.scopes, now=NOW)
    assert stored(person).identity_level == "id_number", "other facts leave it"
    with pytest.raises(Invalid) as caught:
        people.edit(person, make_facts("丙", mobile=""), by=by, naming=("/elsewhere/",), now=NOW)
    assert list(caught.value.fields) == ["name"] and stored(person).name == "甲"
    people.edit(person, make_facts("丙", mobile=""), by=by, naming=by.scopes, now=LATER)
    row = stored(person)
    assert (row.identity_level, row.identity_at, row.identity_by, row.named_at) == ("declared", None, None, LATER)
    identity.confirm(person, by=by, reason="核对证件", now=LATER)
    with pytest.raises(DBAPIError, match="confirmed anew"), unit_of_work() as session:
        session.execute(update(PersonRow).where(PersonRow.id == person).values(name="丁"))


def test_it_takes_two_who_are_neither_of_the_two(make_person: MakePerson, by: Staff) -> None:
    kept, gone = make_person("甲"), make_person("甲")
    proposal_id = joining.propose(kept, gone, by=by, reason="同一人", now=NOW)
    assert stored(gone).merged_into is None
    with pytest.raises(joining.ProposedAlready):
        joining.propose(kept, gone, by=by, reason="第二次点击", now=NOW)
    with pytest.raises(joining.AnotherPersonNeeded):
        joining.confirm(proposal_id, by=by, now=NOW)
    for one in (kept, gone):
        with pytest.raises(OnOneself):
            joining.confirm(proposal_id, by=Staff(one, by.scopes), now=NOW)
    second = make_person("乙")
    with pytest.raises(NotFound):
        joining.confirm(proposal_id, by=Staff(second, ("/elsewhere/",)), now=NOW)
    with pytest.raises(MorePowerful):
        joining.confirm(proposal_id, by=Staff(second, by.scopes, lambda _one, _other: False), now=NOW)
    assert stored(gone).merged_into is None
    joining.confirm(proposal_id, by=Staff(second, by.scopes), now=LATER)
    assert stored(gone).merged_into == kept
    for act in (joining.confirm, joining.refuse):
        with pytest.raises(joining.ProposalSettled):
            act(proposal_id, by=Staff(second, by.scopes), now=LATER)


def test_what_changed_since_the_proposal_is_judged_anew(make_person: MakePerson, by: Staff) -> None:
    kept, gone, second = make_person("甲"), make_person("甲"), Staff(make_person("乙"), by.scopes)
    proposal_id = joining.propose(kept, gone, by=by, reason="同一人", now=NOW)
    give_number(kept, id_number_of(1))
    give_number(gone, id_number_of(2))
    with pytest.raises(joining.TwoPeople):
        joining.confirm(proposal_id, by=second, now=LATER)
    assert joining.refuse(proposal_id, by=second, now=LATER) == "declined"
    assert stored(gone).merged_into is None


def test_the_database_joins_nobody_without_a_second_person(make_person: MakePerson, by: Staff) -> None:
    kept, gone = make_person("甲"), make_person("甲")
    proposal_id = joining.propose(kept, gone, by=by, reason="同一人", now=NOW)
    for change in (
        update(PersonRow).where(PersonRow.id == gone).values(merged_into=kept),
        update(JoinProposalRow).values(state="confirmed", decided_by=by.person_id, decided_at=NOW),
        update(JoinProposalRow).values(reason="x"),
        delete(JoinProposalRow),
    ):
        with pytest.raises(DBAPIError), unit_of_work() as session:
            session.execute(change)
    assert joining.refuse(proposal_id, by=by, now=NOW) == "withdrawn"
    with pytest.raises(DBAPIError), unit_of_work() as session:
        session.execute(update(PersonRow).where(PersonRow.id == gone).values(merged_into=kept))


def test_joining_is_refused_whole(make_person: MakePerson, by: Staff, land: Land) -> None:
    kept, gone, foreign = make_person("甲"), make_person("甲"), make_person("乙", unit=land.national)
    province = Staff(by.person_id, (land.province.path,))
    weak = Staff(by.person_id, by.scopes, lambda _one, _other: False)
    cases = (
        (kept, kept, by, joining.SamePerson),
        (kept, foreign, province, NotFound),
        (foreign, kept, province, NotFound),
        (kept, gone, Staff(gone, by.scopes), OnOneself),
        (kept, gone, weak, MorePowerful),
    )
    for one, other, who, error in cases:
        with pytest.raises(error):
            join_by_two(one, other, by=who, reason="x", now=NOW)
    with pytest.raises(Invalid):
        join_by_two(kept, gone, by=by, reason=" ", now=NOW)
    join_by_two(kept, gone, by=by, reason="同一人", now=NOW)
    with pytest.raises(PersonGone):
        join_by_two(kept, gone, by=by, reason="第二次点击", now=NOW)
    with pytest.raises(PersonGone):
        join_by_two(gone, kept, by=by, reason="反过来", now=NOW)


def test_the_attempts_of_both_are_counted_together_and_can_be_read(clean: Flask) -> None:
    hall = make_hall(max_attempts=2, now=NOW)
    one, other = make_candidate(hall, now=NOW), make_candidate(hall, now=NOW)
    staff = at_work(make_admin(hall.land.national), hall.land.national)
    attempts = []
    for candidate in (one, other):
        opened = exams.start_or_resume(hall.exam_id, candidate.person_id, now=NOW, seed=1)
        if candidate is other:
            with pytest.raises(ExamUnderWay):
                join_by_two(one.person_id, other.person_id, by=staff, reason="同一人", now=NOW)
        answers = right_answers(opened.attempt_id)
        exams.save_form(opened.attempt_id, candidate.person_id, 1, answers, received_at=NOW)
        exams.submit(opened.attempt_id, candidate.person_id, now=NOW)
        attempts.append(opened.attempt_id)
    join_by_two(one.person_id, other.person_id, by=staff, reason="同一人", now=NOW)
    with reading() as session:
        exam = exam_queries.exam(session, hall.exam_id)
        standing = exam_queries.standing(session, exam, one.person_id, enrolled=True, now=NOW)
        assert (standing.attempts_used, standing.attempts_left, standing.passed) == (2, 0, True)
        assert exam_queries.own_attempt(session, attempts[1], one.person_id).person_id == other.person_id
        with pytest.raises(NotFound):
            exam_queries.own_attempt(session, attempts[0], staff.person_id)
    with pytest.raises(Conflict):
        exams.start_or_resume(hall.exam_id, one.person_id, now=NOW, seed=2)


def test_likely_pairs_are_those_of_one_scope(clean: Flask) -> None:
    land = make_land()
    one, twin, namesake = (
        make_principal(land.unit, "李明"),
        make_principal(land.province, "王芳"),
        make_principal(land.unit, "李明"),
    )
    make_principal(land.other_unit, "李明")
    with unit_of_work() as session:
        session.execute(update(PersonRow).where(PersonRow.id == namesake.person_id).values(mobile_hash="0" * 64))
    with reading() as session:
        pairs = queries.likely_pairs(session, (land.province.path,), asker_id=ids.new_id(NOW))
        found = {(frozenset((pair.one.id, pair.other.id)), pair.why) for pair in pairs}
        assert found == {
            (frozenset((one.person_id, twin.person_id)), "mobile"),
            (frozenset((one.person_id, namesake.person_id)), "name"),
        }
        first, rest = (
            pairs[0],
            queries.likely_pairs(
                session, (land.province.path,), asker_id=ids.new_id(NOW), after=(pairs[0].one.id, pairs[0].other.id)
            ),
        )
        assert (first, *rest) == pairs
        assert queries.likely_pairs(session, (), asker_id=ids.new_id(NOW)) == ()


def test_certificates_of_the_gone_account_are_the_person_s(
    make_learner: MakePerson, make_person: MakePerson, by: Staff, training: Class
) -> None:
    kept, gone = make_person("甲"), make_learner("甲")
    pass_exam(gone, training)
    with unit_of_work():
        issued = issuing.issue(issuing.Passed(gone, training.id, 86), issuer="x", demo=False, now=NOW)
    join_by_two(kept, gone, by=by, reason="同一人", now=NOW)
    with reading() as session:
        assert [one.id for one in certificates.of_person(session, kept)] == [issued]
        found = certificates.of_class(session, kept, training.id)
        assert found is not None and found.id == issued
