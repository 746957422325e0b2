"""Rules of exams on their way: one person drafts and proposes them, another one publishes them as the next version."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms import settings as settings_module
from lms.access import service as access
from lms.accounts.domain.reach import Staff
from lms.accounts.queries import own_among
from lms.accounts.service.second_person import require_another
from lms.audit import service as audit
from lms.classes import queries as classes
from lms.exams import queries
from lms.exams.domain import attempts
from lms.exams.domain.blueprint import BlueprintInvalid, Section
from lms.exams.domain.plans import MOST_SECTIONS, Days, Plan, Settings, settings_data, settings_faults, settings_of
from lms.exams.domain.terms import Rules
from lms.exams.models import ExamRow, ExamRulesDraftRow, ExamRulesRow
from lms.exams.queries.kept import section_data
from lms.exams.queries.planning import Draft
from lms.exams.queries.view import Question
from lms.exams.service import papers
from lms.exams.service.own_exam import reach_banks, refuse_candidates, refuse_own
from lms.exams.service.planrefusals import (
    BanksOutOfSight,
    DrafterSits,
    DraftOpen,
    DraftSettled,
    NotYours,
    PlanImpossible,
    PublisherIsDrafter,
)
from lms.infra.db import reading, unit_of_work
from lms.kernel import ids
from lms.kernel.errors import N_, Invalid, NotFound
from lms.kernel.numbers import NO_NUMBERS_HERE, refuse_numbers, tells_a_number, without_numbers
from lms.kernel.permissions import Permission
from lms.organisations import queries as organisations

LONGEST_REASON = 500
LONGEST_TITLE = 120
FIRST_TITLE = "结业考试"


@dataclass(frozen=True)
class Sample:
    """A paper as a learner would see it."""

    questions: tuple[Question, ...]
    points: int
    version_ids: Mapping[int, UUID]


def draft_rules(class_id: UUID, *, by: Staff, now: datetime) -> UUID:
    """Begins a draft for a class's exam, from the rules that hold now if there are any. Returns its id.

    Raises NotFound (also outside of `by`'s reach), OwnExam, DraftOpen.
    """
    try:
        with unit_of_work() as session:
            training = _class(session, class_id, by)
            refuse_own(session, class_id, by.person_id)
            if queries.planning.open_draft(session, class_id) is not None:
                raise DraftOpen
            found = queries.exam_of_class(session, class_id)
            plan = Plan(FIRST_TITLE)
            if found is not None:
                plan = Plan(found.title, found.blueprint.sections, settings_of(found.rules))
            return _begin(session, training.id, plan, by, now=now)
    except IntegrityError as error:  # two at the same moment
        raise DraftOpen from error


def add_section(draft_id: UUID, section: Section, *, by: Staff, now: datetime) -> None:
    """Adds a section. Raises NotFound, NotYours, OwnExam, DraftSettled, Invalid, which names the field that is wrong."""
    with unit_of_work() as session:
        found, row = _mine(session, draft_id, by)
        if len(found.plan.sections) >= MOST_SECTIONS:
            raise Invalid(fields={"type": N_("部分太多，请合并")})
        _check_section(session, found, section, by)
        _put_sections(row, (*found.plan.sections, section))
        _note(session, "exam.rules_changed", draft_id, by, now=now, section=section_data(section))


def remove_section(draft_id: UUID, number: int, *, by: Staff, now: datetime) -> None:
    """Removes the section with a number (1, 2, …). Raises NotFound, NotYours, OwnExam, DraftSettled."""
    with unit_of_work() as session:
        found, row = _mine(session, draft_id, by)
        gone = _section(found, number)
        kept = [one for place, one in enumerate(found.plan.sections, start=1) if place != number]
        _put_sections(row, kept)
        _note(session, "exam.rules_changed", draft_id, by, now=now, removed=section_data(gone))


def fix_items(
    draft_id: UUID, number: int, *, add: Sequence[UUID], drop: Sequence[UUID], by: Staff, now: datetime
) -> None:
    """Chooses items of a section by hand, so that all papers have the same; its count follows. Without any it is drawn again.

    Raises NotFound (also for an item that the section may not have), NotYours, DraftSettled, OwnExam, BanksOutOfSight.
    """
    with unit_of_work() as session:
        found, row = _mine(session, draft_id, by)
        section = _section(found, number)
        see_banks(session, found.class_id, section.banks, by, now=now)
        fixed = tuple(dict.fromkeys([one for one in section.fixed if one not in drop] + list(add)))
        wanted = replace(section, fixed=fixed, count=len(fixed) or section.count)
        if set(add) - set(queries.planning.fitting(session, wanted, add)):
            raise NotFound
        others = list(found.plan.sections)
        others[number - 1] = wanted
        _put_sections(row, others)
        _note(session, "exam.rules_changed", draft_id, by, now=now, section=section_data(wanted))


def set_rules(draft_id: UUID, title: str, settings: Settings, *, by: Staff, now: datetime) -> None:
    """Sets title, limits and terms. Raises NotFound, NotYours, OwnExam, DraftSettled, Invalid."""
    with unit_of_work() as session:
        found, row = _mine(session, draft_id, by)
        faults = dict(settings_faults(settings, _days(session, found)))
        if not title.strip():
            faults["title"] = N_("请填写考试名称")
        elif tells_a_number(title):
            faults["title"] = NO_NUMBERS_HERE
        if faults:
            raise Invalid(fields=faults)
        row.title = title.strip()[:LONGEST_TITLE]
        row.settings = settings_data(settings)
        _note(session, "exam.rules_changed", draft_id, by, now=now, settings=settings_data(settings))


def propose_rules(draft_id: UUID, reason: str, *, by: Staff, now: datetime) -> None:
    """Proposes the draft to a second person.

    Raises NotFound, NotYours, OwnExam, DraftSettled, Invalid, BlueprintInvalid, PlanImpossible.
    """
    if not reason.strip():
        raise Invalid(fields={"reason": N_("请写明理由")})
    refuse_numbers(reason=reason)
    with unit_of_work() as session:
        found, row = _mine(session, draft_id, by)
        _check_plan(session, found, by.reaches)
        row.state, row.reason = "proposed", reason.strip()[:LONGEST_REASON]
        _note(session, "exam.rules_proposed", draft_id, by, now=now, reason=row.reason)


def publish_rules(draft_id: UUID, *, by: Staff, comment: str = "", now: datetime) -> int:
    """Publishes a proposed draft as the next version, which attempts that begin from now on are held by. Returns its number.

    Banks are counted again. Attempts that were begun keep their version. A class without an exam gets one by this.
    Raises NotFound, PublisherIsDrafter, OwnExam, DrafterSits, DraftSettled, BlueprintInvalid, PlanImpossible, Invalid.
    """
    refuse_numbers(comment=comment)
    with unit_of_work() as session:
        found, row = _proposed(session, draft_id, by, now=now)
        if queries.sits(session, found.class_id, found.drafted_by):
            raise DrafterSits
        _check_plan(session, found, partial(access.could, found.drafted_by, Permission.EXAM_SET, now=now))
        kept, still_open = queries.planning.begun(session, found.class_id)
        exam_id = _exam(session, found, now=now)
        version = _store(session, exam_id, found, published_by=by.person_id, now=now)
        _decide(row, "published", by, comment, now=now)
        row.version = version
        session.flush()
        _note(
            session,
            "exam.rules_published",
            draft_id,
            by,
            now=now,
            exam=str(exam_id),
            version=version,
            proposed_by=str(found.drafted_by),
            reason=found.reason,
            attempts_kept=kept,
            open_attempts=still_open,
        )
    return version


def decline_rules(draft_id: UUID, comment: str, *, by: Staff, now: datetime) -> None:
    """Declines a proposed draft with a reason. Raises NotFound, PublisherIsDrafter, OwnExam, DraftSettled, Invalid."""
    if not comment.strip():
        raise Invalid(fields={"comment": N_("请写明理由")})
    refuse_numbers(comment=comment)
    with unit_of_work() as session:
        _found, row = _proposed(session, draft_id, by, now=now)
        _decide(row, "declined", by, comment, now=now)
        _note(session, "exam.rules_declined", draft_id, by, now=now, reason=row.comment)


def reopen_draft(draft_id: UUID, *, by: Staff, now: datetime) -> UUID:
    """Takes one's own proposal back and begins another draft like it, whose id is returned: who decides on a page that they
    opened before decides about what it showed, and what was proposed never turns into something else.

    Raises NotFound, NotYours, OwnExam, DraftSettled.
    """
    with unit_of_work() as session:
        found, row = _held(session, draft_id, by)
        if found.drafted_by != by.person_id:
            raise NotYours
        if found.state != "proposed":
            raise DraftSettled
        refuse_own(session, found.class_id, by.person_id)
        _decide(row, "withdrawn", by, "", now=now)
        _note(session, "exam.rules_taken_back", draft_id, by, now=now)
        return _begin(session, found.class_id, found.plan, by, now=now)


def drop_draft(draft_id: UUID, *, by: Staff, now: datetime) -> None:
    """Gives a draft up, one's own or that of somebody who is gone; nothing changes for the exam.

    Who sits it may give up their own: those of others keep them out of the banks. Raises NotFound, DraftSettled, OwnExam.
    """
    with unit_of_work() as session:
        found, row = _held(session, draft_id, by)
        if found.state != "draft":
            raise DraftSettled
        if not own_among(session, by.person_id, [found.drafted_by]):
            refuse_own(session, found.class_id, by.person_id)
        _decide(row, "withdrawn", by, "", now=now)
        _note(session, "exam.rules_withdrawn", draft_id, by, now=now, drafted_by=str(found.drafted_by))


def sample_paper(draft_id: UUID, *, by: Staff, seed: int, now: datetime) -> Sample:
    """A paper drawn by the draft as a learner would see it, without keys; the audit keeps who looked.

    Raises NotFound, OwnExam, BanksOutOfSight, BlueprintInvalid, PoolTooSmall.
    """
    with reading() as session:
        found = queries.planning.draft(session, draft_id)
        _class(session, found.class_id, by, held=False)
        banks = [bank for one in found.plan.sections for bank in one.banks]
        see_banks(session, found.class_id, banks, by, now=now)
        blueprint = found.plan.blueprint()
        drawn = papers.draw(session, Rules(1, blueprint, attempts.GRACE, "score"), seed)
        questions = queries.questions(session, drawn.paper.entries)
    with unit_of_work() as session:
        _note(session, "exam.paper_previewed", draft_id, by, now=now, banks=sorted(blueprint.banks), seed=seed)
    return Sample(questions, blueprint.maximum, {entry.position: entry.version_id for entry in drawn.paper.entries})


def see_banks(session: Session, class_id: UUID, banks: Sequence[str], by: Staff, *, now: datetime) -> None:
    """Asked before items of some banks are shown for the exam of a class: a bank of no unit is shown to nobody.

    Raises OwnExam for who sits it, or another one on these banks, BanksOutOfSight unless all banks are of units in `by`'s reach.
    """
    refuse_own(session, class_id, by.person_id)
    refuse_candidates(session, banks, by.person_id, now=now)
    if not reach_banks(session, banks, by):
        raise BanksOutOfSight


def _begin(session: Session, class_id: UUID, plan: Plan, by: Staff, *, now: datetime) -> UUID:
    """Stores a draft that begins as `plan`. Returns its id."""
    draft_id = ids.new_id(now)
    session.add(
        ExamRulesDraftRow(
            id=draft_id,
            class_id=class_id,
            state="draft",
            title=plan.title,
            sections=[section_data(one) for one in plan.sections],
            settings=settings_data(plan.settings) if plan.settings else {},
            reason="",
            drafted_by=by.person_id,
            drafted_at=now,
            comment="",
        )
    )
    _note(session, "exam.rules_drafted", draft_id, by, now=now, class_id=str(class_id))
    return draft_id


def _class(session: Session, class_id: UUID, by: Staff, *, held: bool = True) -> classes.TrainingClass:
    """A class in reach; `held`, for an act: its unit stays where it is until the unit of work ends. Raises NotFound."""
    training = classes.class_facts(session, class_id)
    path = organisations.held_place(session, training.unit_id).path if held else training.unit_path
    if not by.reaches(path):
        raise NotFound
    return training


def _held(session: Session, draft_id: UUID, by: Staff) -> tuple[Draft, ExamRulesDraftRow]:
    """A draft in reach, locked, and its row."""
    found = queries.planning.draft(session, draft_id, lock=True)
    _class(session, found.class_id, by)
    return found, session.get_one(ExamRulesDraftRow, draft_id)


def _mine(session: Session, draft_id: UUID, by: Staff) -> tuple[Draft, ExamRulesDraftRow]:
    """A draft that `by` works on, for an exam that they do not sit."""
    found, row = _held(session, draft_id, by)
    if found.state != "draft":
        raise DraftSettled
    if found.drafted_by != by.person_id:
        raise NotYours
    refuse_own(session, found.class_id, by.person_id)
    return found, row


def _proposed(session: Session, draft_id: UUID, by: Staff, *, now: datetime) -> tuple[Draft, ExamRulesDraftRow]:
    """A draft that `by` decides as the second person, for an exam that they do not sit."""
    found, row = _held(session, draft_id, by)
    if found.state != "proposed":
        raise DraftSettled
    refuse_own(session, found.class_id, by.person_id)
    require_another(session, by.person_id, [found.drafted_by], own=PublisherIsDrafter, now=now)
    return found, row


def _section(found: Draft, number: int) -> Section:
    if not 1 <= number <= len(found.plan.sections):
        raise NotFound
    return found.plan.sections[number - 1]


def _days(session: Session, found: Draft) -> Days:
    training = classes.class_facts(session, found.class_id)
    return Days(training.starts_on, training.ends_on)


def _check_section(session: Session, found: Draft, section: Section, by: Staff) -> None:
    offered = {one.code for one in queries.planning.choices(session, found.class_id, by.scopes)}
    if not set(section.banks) <= offered:
        raise Invalid(fields={"banks": N_("所选题库中有不能使用的题库")})
    unknown = set(section.knowledge_points) - queries.planning.known_points(
        session, section.banks, section.knowledge_points
    )
    if unknown:
        facts = {"points": without_numbers("、".join(sorted(unknown)))}
        raise Invalid(fields={"knowledge_points": N_("所选题库中没有这些知识点的试题：%(points)s")}, extra=facts)
    if any(section.overlaps(one) for one in found.plan.sections):
        raise Invalid(fields={"banks": N_("与已有部分重复：同一道题可能被抽到两次。请换题型、题库、知识点或难度")})


def _check_plan(session: Session, found: Draft, reaches: Callable[[str], bool]) -> None:
    """`reaches`: whether who drafted it reaches the unit at a path, as they stand now: they may have left since they chose a
    bank. Banks of the class's courses, and those of the rules that hold, may stay in any case."""
    faults = found.plan.faults(_days(session, found))
    if faults:
        facts = {"maximum": found.plan.points, "total": found.plan.settings.total if found.plan.settings else 0}
        raise BlueprintInvalid(fields=faults, extra=facts)
    allowed = queries.planning.bank_paths(session, found.plan.blueprint().banks)
    if set(found.plan.blueprint().banks) - set(allowed):
        raise BlueprintInvalid(fields={"sections": N_("考试只能使用考试题库")})
    known = queries.planning.known_banks(session, found.class_id)
    beyond = sorted(code for code, path in allowed.items() if code not in known and (path is None or not reaches(path)))
    if beyond:
        raise BlueprintInvalid(
            fields={"sections": N_("题库 %(banks)s 已不在拟定人的管理范围内，请删去或改用其他题库")},
            extra={"banks": "、".join(beyond)},
        )
    short = [one for one in queries.planning.plan_cells(session, found.plan.sections) if one.short]
    if short:
        raise PlanImpossible(short)


def _put_sections(row: ExamRulesDraftRow, sections: Sequence[Section]) -> None:
    row.sections = [section_data(one) for one in sections]


def _decide(row: ExamRulesDraftRow, state: str, by: Staff, comment: str, *, now: datetime) -> None:
    row.state, row.decided_by, row.decided_at = state, by.person_id, now
    row.comment = comment.strip()[:LONGEST_REASON]


def _exam(session: Session, found: Draft, *, now: datetime) -> UUID:
    """The exam of the draft's class under the draft's title, made if there is none."""
    row = session.execute(select(ExamRow).where(ExamRow.class_id == found.class_id)).scalar_one_or_none()
    if row is None:
        row = ExamRow(id=ids.new_id(now), class_id=found.class_id, title=found.plan.title, state="open", created_at=now)
        session.add(row)
    row.title = found.plan.title
    session.flush()
    return row.id


def _store(session: Session, exam_id: UUID, found: Draft, *, published_by: UUID, now: datetime) -> int:
    settings = found.plan.settings
    if settings is None:
        raise BlueprintInvalid
    newest = session.execute(select(func.max(ExamRulesRow.version)).where(ExamRulesRow.exam_id == exam_id)).scalar()
    version = (newest or 0) + 1
    session.add(
        ExamRulesRow(
            exam_id=exam_id,
            version=version,
            sections=[section_data(one) for one in found.plan.sections],
            minutes=settings.minutes,
            pass_mark=settings.pass_mark,
            max_attempts=settings.max_attempts,
            grace_seconds=settings_module.current().exam_grace_seconds,
            review=settings.review,
            created_at=now,
            limits=settings.limits,
            opens_at=settings.opens_at,
            closes_at=settings.closes_at,
            late_entry_minutes=settings.late_entry_minutes,
            wait_minutes=settings.wait_minutes,
            counts=settings.counts,
            partial=settings.partial,
            shuffle_items=settings.shuffle_items,
            shuffle_options=settings.shuffle_options,
            review_from=settings.review_from,
            proposed_by=found.drafted_by,
            published_by=published_by,
        )
    )
    session.flush()
    return version


def _note(session: Session, action: str, draft_id: UUID, by: Staff, *, now: datetime, **details: object) -> None:
    session.flush()
    audit.record(
        session,
        action=action,
        object_type="exam_rules_draft",
        object_id=draft_id,
        actor_id=by.person_id,
        details=details,
        now=now,
    )
