"""Rules of exams: drafted by one person, published by another as the next version; attempts keep theirs. Requirements 30, 35."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from lms.accounts.domain.reach import Staff
from lms.audit.models import AuditEntryRow
from lms.classes import queries as known_classes, service as classes
from lms.exams import queries, service
from lms.exams.domain.blueprint import BlueprintInvalid, Section
from lms.exams.domain.plans import Settings
from lms.exams.models import AttemptRow, ExamRow, ExamRulesDraftRow, ExamRulesRow
from lms.exams.service import planning, planrefusals
from lms.infra.db import reading, unit_of_work
from lms.kernel.errors import Invalid, NotFound
from lms.kernel.principal import Principal
from lms.questionbank.models import BankRow, ItemVersionRow
from tests.factories.exams import NOW, Hall, enrol, make_candidate, own_banks
from tests.factories.people import make_person

LATER = NOW + timedelta(hours=1)
SETTINGS = Settings(total=100, minutes=90, pass_mark=70, max_attempts=2, partial="proportional")


def clerk(hall: Hall, name: str) -> Staff:
    person = make_person(hall.land.national, name)
    return Staff(person.person_id, (hall.land.national.path,))


@pytest.fixture
def one(hall: Hall) -> Staff:
    return clerk(hall, "拟定人")


@pytest.fixture
def other(hall: Hall) -> Staff:
    return clerk(hall, "发布人")


def proposed(hall: Hall, by: Staff, settings: Settings = SETTINGS) -> Any:
    draft_id = planning.draft_rules(hall.class_id, by=by, now=NOW)
    planning.set_rules(draft_id, "结业考试", settings, by=by, now=NOW)
    planning.propose_rules(draft_id, "延长时间", by=by, now=NOW)
    return draft_id


def draft_of(draft_id: Any) -> queries.planning.Draft:
    with reading() as session:
        return queries.planning.draft(session, draft_id)


def exam_of(hall: Hall) -> queries.Exam:
    with reading() as session:
        return queries.exam(session, hall.exam_id)


def start(hall: Hall, candidate: Principal, *, at=LATER) -> Any:
    return service.start_or_resume(hall.exam_id, candidate.person_id, now=at, seed=7)


def test_a_draft_begins_with_the_rules_that_hold(hall: Hall, one: Staff) -> None:
    found = draft_of(planning.draft_rules(hall.class_id, by=one, now=NOW))
    assert found.plan.sections == exam_of(hall).blueprint.sections
    assert found.plan.settings is not None and found.plan.settings.total == 100
    with pytest.raises(planrefusals.DraftOpen):
        planning.draft_rules(hall.class_id, by=one, now=NOW)


def test_a_second_person_publishes_the_next_version(hall: Hall, one: Staff, other: Staff) -> None:
    draft_id = proposed(hall, one)
    assert exam_of(hall).rules.version == 1, "a proposal changes nothing"
    assert planning.publish_rules(draft_id, by=other, now=LATER) == 2
    found = exam_of(hall)
    assert (found.rules.version, found.blueprint.minutes, found.blueprint.pass_mark) == (2, 90, 70)
    with reading() as session:
        row = session.get_one(ExamRulesRow, (hall.exam_id, 2))
        told = session.execute(select(AuditEntryRow).where(AuditEntryRow.action == "exam.rules_published")).scalar_one()
    assert (row.proposed_by, row.published_by) == (one.person_id, other.person_id)
    assert told.actor_id == other.person_id and told.details["reason"] == "延长时间"
    with pytest.raises(planrefusals.DraftSettled):
        planning.publish_rules(draft_id, by=other, now=LATER)


def test_nobody_publishes_or_declines_what_they_drafted(hall: Hall, one: Staff) -> None:
    draft_id = proposed(hall, one)
    with pytest.raises(planrefusals.PublisherIsDrafter):
        planning.publish_rules(draft_id, by=one, now=LATER)
    with pytest.raises(planrefusals.PublisherIsDrafter):
        planning.decline_rules(draft_id, "不妥", by=one, now=LATER)
    assert exam_of(hall).rules.version == 1


def test_rules_are_not_published_when_their_drafter_sits_the_exam_by_now(hall: Hall, one: Staff, other: Staff) -> None:
    draft_id = proposed(hall, one)
    enrol(hall, one.person_id)
    with pytest.raises(planrefusals.DrafterSits):
        planning.publish_rules(draft_id, by=other, now=LATER)
    assert exam_of(hall).rules.version == 1
    planning.decline_rules(draft_id, "拟定人已报名", by=other, now=LATER)
    assert draft_of(draft_id).state == "declined", "and the class is free for another draft"


def test_the_database_keeps_both_persons_apart(hall: Hall, one: Staff, other: Staff) -> None:
    draft_id = proposed(hall, one)
    with pytest.raises(IntegrityError), unit_of_work() as session:
        session.execute(
            update(ExamRulesDraftRow).values(state="published", decided_by=one.person_id, decided_at=LATER, version=2)
        )
    with pytest.raises(IntegrityError), unit_of_work() as session:
        session.execute(update(ExamRulesDraftRow).values(sections=[]))
    planning.publish_rules(draft_id, by=other, now=LATER)
    with pytest.raises(IntegrityError), unit_of_work() as session:
        session.execute(update(ExamRulesDraftRow).values(comment="改"))
    with pytest.raises(IntegrityError), unit_of_work() as session:
        session.delete(session.get_one(ExamRulesDraftRow, draft_id))


def test_an_attempt_keeps_the_rules_it_began_under(hall: Hall, one: Staff, other: Staff) -> None:
    early, late = make_candidate(hall, "甲"), make_candidate(hall, "乙")
    first = start(hall, early, at=NOW)
    draft_id = proposed(hall, one)
    with reading() as session:
        assert queries.planning.begun(session, hall.class_id) == (1, 1)
    planning.publish_rules(draft_id, by=other, now=NOW + timedelta(minutes=1))
    second = start(hall, late, at=NOW + timedelta(minutes=2))
    with reading() as session:
        kept, new = session.get_one(AttemptRow, first.attempt_id), session.get_one(AttemptRow, second.attempt_id)
        found = queries.planning.versions(session, hall.class_id, limit=5)
    assert (kept.rules_version, kept.deadline - kept.started_at) == (1, timedelta(minutes=60))
    assert (new.rules_version, new.deadline - new.started_at) == (2, timedelta(minutes=90))
    assert [(one.version, one.attempts, one.open_attempts) for one in found] == [(2, 1, 1), (1, 1, 1)]
    assert (found[0].proposer, found[0].publisher) == ("拟定人", "发布人")


def test_an_exam_without_rules_cannot_open(hall: Hall, one: Staff) -> None:
    """A class that had no exam: with a blueprint alone nothing can be proposed, and the class still has no exam."""
    with unit_of_work() as session:
        session.execute(update(ExamRow).values(class_id=_empty_class(hall)))
    draft_id = planning.draft_rules(hall.class_id, by=one, now=NOW)
    planning.add_section(draft_id, Section("single", 10, 10, hall.banks), by=one, now=NOW)
    with pytest.raises(BlueprintInvalid) as refusal:
        planning.propose_rules(draft_id, "首次", by=one, now=NOW)
    assert set(refusal.value.fields) == {"settings"}
    with reading() as session:
        assert queries.exam_of_class(session, hall.class_id) is None


def test_publishing_gives_a_class_its_exam(hall: Hall, one: Staff, other: Staff) -> None:
    with unit_of_work() as session:
        session.execute(update(ExamRow).values(class_id=_empty_class(hall)))
    draft_id = planning.draft_rules(hall.class_id, by=one, now=NOW)
    planning.add_section(draft_id, Section("single", 10, 10, hall.banks), by=one, now=NOW)
    planning.set_rules(draft_id, " 期中考试 ", SETTINGS, by=one, now=NOW)
    planning.propose_rules(draft_id, "首次", by=one, now=NOW)
    assert planning.publish_rules(draft_id, by=other, now=NOW) == 1
    with reading() as session:
        found = queries.exam_of_class(session, hall.class_id)
    assert found is not None and (found.title, found.open, found.rules.version) == ("期中考试", True, 1)


def _empty_class(hall: Hall) -> Any:
    with reading() as session:
        facts = known_classes.class_facts(session, hall.class_id)
    plan = classes.ClassPlan(
        name="另一个班",
        target_group="工会干部",
        kind="centralized",
        enrolment="open",
        starts_on=facts.starts_on,
        ends_on=facts.ends_on,
        certificate_name="证书",
        certificate_kind="SG",
        unit_id=facts.unit_id,
        course_ids=facts.course_ids,
        demo=False,
    )
    return classes.create_class(plan, actor_id=None, now=NOW)


def test_an_impossible_draw_is_refused_when_it_is_proposed_and_when_it_is_published(
    hall: Hall, one: Staff, other: Staff
) -> None:
    draft_id = proposed(hall, one)
    with unit_of_work() as session:
        session.execute(
            update(ItemVersionRow)
            .where(ItemVersionRow.bank_code == "C3", ItemVersionRow.type == "multiple")
            .values(state="withdrawn")
        )
    with pytest.raises(planrefusals.PlanImpossible) as refusal:
        planning.publish_rules(draft_id, by=other, now=LATER)
    assert refusal.value.extra == {"cells": [{"section": 2, "banks": ["C3"], "draws": 2, "have": 0}]}
    assert exam_of(hall).rules.version == 1
    again = planning.reopen_draft(draft_id, by=one, now=LATER)
    with pytest.raises(planrefusals.PlanImpossible):
        planning.propose_rules(again, "再来", by=one, now=LATER)


def test_who_opened_the_page_before_a_proposal_was_taken_back_publishes_nothing_else(
    hall: Hall, one: Staff, other: Staff
) -> None:
    seen = proposed(hall, one)
    again = planning.reopen_draft(seen, by=one, now=LATER)
    assert draft_of(again).plan == draft_of(seen).plan
    planning.set_rules(again, "结业考试", replace(SETTINGS, pass_mark=1, max_attempts=20), by=one, now=LATER)
    planning.propose_rules(again, "延长时间", by=one, now=LATER)
    with pytest.raises(planrefusals.DraftSettled):
        planning.publish_rules(seen, by=other, now=LATER)
    with pytest.raises(planrefusals.DraftSettled):
        planning.decline_rules(seen, "不妥", by=other, now=LATER)
    assert (exam_of(hall).rules.version, draft_of(seen).state) == (1, "withdrawn")
    assert planning.publish_rules(again, by=other, now=LATER) == 2


def test_a_thin_cell_is_named_and_may_be_published(hall: Hall, one: Staff) -> None:
    draft_id = proposed(hall, one)
    with reading() as session:
        found = queries.planning.plan_cells(session, draft_of(draft_id).plan.sections)
    assert len(found) == 24 and not any(cell.short for cell in found)
    assert all(cell.thin for cell in found), "two of three items: another paper is almost the same"
    assert {(cell.draws, cell.have) for cell in found} == {(2, 3)}


def test_another_total_is_refused(hall: Hall, one: Staff) -> None:
    draft_id = planning.draft_rules(hall.class_id, by=one, now=NOW)
    planning.remove_section(draft_id, 3, by=one, now=NOW)
    with pytest.raises(BlueprintInvalid) as refusal:
        planning.propose_rules(draft_id, "少一部分", by=one, now=NOW)
    assert refusal.value.extra == {"maximum": 80, "total": 100}


@pytest.mark.parametrize(
    ("section", "fields"),
    [
        pytest.param(Section("single", 1, 1, ("C1",)), {"banks"}, id="MAY_BE_DRAWN_TWICE"),
        pytest.param(Section("case", 1, 1, ("X9",)), {"banks"}, id="FOREIGN_BANK"),
        pytest.param(
            Section("case", 1, 1, ("C1",), knowledge_points=("没有",)), {"knowledge_points"}, id="UNKNOWN_POINT"
        ),
    ],
)
def test_a_section_that_cannot_be_is_refused(hall: Hall, one: Staff, section: Section, fields: set[str]) -> None:
    draft_id = planning.draft_rules(hall.class_id, by=one, now=NOW)
    with pytest.raises(Invalid) as refusal:
        planning.add_section(draft_id, section, by=one, now=NOW)
    assert set(refusal.value.fields) == fields
    assert len(draft_of(draft_id).plan.sections) == 3


def test_no_exam_draws_from_a_practice_bank(hall: Hall, one: Staff, other: Staff) -> None:
    with unit_of_work() as session:
        session.add(BankRow(code="P1", title="练习", kind="practice", unit_id=hall.land.national.id, created_at=NOW))
    draft_id = planning.draft_rules(hall.class_id, by=one, now=NOW)
    with pytest.raises(Invalid):
        planning.add_section(draft_id, Section("case", 1, 1, ("P1",)), by=one, now=NOW)


def test_only_who_drafts_changes_the_draft(hall: Hall, one: Staff, other: Staff) -> None:
    draft_id = planning.draft_rules(hall.class_id, by=one, now=NOW)
    with pytest.raises(planrefusals.NotYours):
        planning.set_rules(draft_id, "结业考试", SETTINGS, by=other, now=NOW)
    with pytest.raises(planrefusals.NotYours):
        planning.propose_rules(draft_id, "理由", by=other, now=NOW)
    planning.propose_rules(draft_id, "理由", by=one, now=NOW)
    with pytest.raises(planrefusals.DraftSettled):
        planning.remove_section(draft_id, 1, by=one, now=NOW)
    with pytest.raises(planrefusals.NotYours):
        planning.reopen_draft(draft_id, by=other, now=NOW)
    planning.decline_rules(draft_id, "不妥", by=other, now=NOW)
    assert draft_of(draft_id).state == "declined"
    assert planning.draft_rules(hall.class_id, by=other, now=NOW) != draft_id


def test_another_may_clear_a_draft_that_was_left_behind(hall: Hall, one: Staff, other: Staff) -> None:
    draft_id = planning.draft_rules(hall.class_id, by=one, now=NOW)
    planning.drop_draft(draft_id, by=other, now=LATER)
    assert draft_of(draft_id).state == "withdrawn"
    planning.draft_rules(hall.class_id, by=other, now=LATER)


def test_the_class_of_another_province_looks_absent(hall: Hall, one: Staff) -> None:
    draft_id = planning.draft_rules(hall.class_id, by=one, now=NOW)
    stranger = Staff(make_person(hall.land.other_unit).person_id, (hall.land.other_province.path,))
    with pytest.raises(NotFound):
        planning.draft_rules(hall.class_id, by=stranger, now=NOW)
    for act in (
        lambda: planning.drop_draft(draft_id, by=stranger, now=NOW),
        lambda: planning.sample_paper(draft_id, by=stranger, seed=1, now=NOW),
        lambda: planning.set_rules(draft_id, "x", SETTINGS, by=stranger, now=NOW),
    ):
        with pytest.raises(NotFound):
            act()


def test_a_sample_paper_needs_all_banks_in_sight_and_leaves_a_trace(hall: Hall, one: Staff) -> None:
    draft_id = planning.draft_rules(hall.class_id, by=one, now=NOW)
    own_banks(hall, banks=hall.banks[1:])
    with pytest.raises(planrefusals.BanksOutOfSight):
        planning.sample_paper(draft_id, by=one, seed=3, now=NOW)
    own_banks(hall)
    found = planning.sample_paper(draft_id, by=one, seed=3, now=NOW)
    assert (len(found.questions), found.points) == (30, 100)
    with reading() as session:
        told = session.execute(select(AuditEntryRow).where(AuditEntryRow.action == "exam.paper_previewed")).scalar_one()
        assert session.query(AttemptRow).count() == 0
    assert (told.actor_id, told.details["seed"]) == (one.person_id, 3)


def test_a_fixed_paper_is_the_same_for_everybody(hall: Hall, one: Staff, other: Staff) -> None:
    own_banks(hall)
    draft_id = planning.draft_rules(hall.class_id, by=one, now=NOW)
    with reading() as session:
        section = draft_of(draft_id).plan.sections[0]
        chosen = [item.id for item in queries.planning.item_choices(session, section, limit=10)]
        (foreign,) = queries.planning.item_choices(session, replace(section, type="multiple"), limit=1)
    with pytest.raises(NotFound):
        planning.fix_items(draft_id, 1, add=[foreign.id], drop=[], by=one, now=NOW)
    planning.fix_items(draft_id, 1, add=chosen[:3], drop=[], by=one, now=NOW)
    planning.fix_items(draft_id, 1, add=chosen[3:], drop=chosen[:1], by=one, now=NOW)
    assert draft_of(draft_id).plan.sections[0].fixed == tuple(chosen[1:])
    assert draft_of(draft_id).plan.sections[0].count == 9
    planning.fix_items(draft_id, 1, add=chosen[:1], drop=[], by=one, now=NOW)
    planning.propose_rules(draft_id, "固定试卷", by=one, now=NOW)
    planning.publish_rules(draft_id, by=other, now=NOW)
    papers = []
    for name in ("甲", "乙"):
        opened = start(hall, make_candidate(hall, name), at=NOW)
        with reading() as session:
            papers.append(
                {e.version_id for e in queries.paper(session, opened.attempt_id).entries if e.type == "single"}
            )
    assert papers[0] == papers[1] == set(chosen)


def test_no_number_of_anybody_stands_in_the_title(hall: Hall, one: Staff) -> None:
    draft_id = planning.draft_rules(hall.class_id, by=one, now=NOW)
    with pytest.raises(Invalid) as refusal:
        planning.set_rules(draft_id, "身份证 11010519491231002X 的补考", SETTINGS, by=one, now=NOW)
    assert refusal.value.fields == {"title": "此项不能填写手机号码或身份证号"}
