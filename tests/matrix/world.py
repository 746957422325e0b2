"""A small nation in which everybody has one of everything: units of two provinces, a person for each role, things with canaries.

Each person's things carry a word of their own (the canary) wherever a person could write one, so that a word that turns up
in somebody else's answer tells from whom it leaked.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from random import Random
from uuid import UUID

from sqlalchemy import select, update

from lms.access.domain import roles
from lms.access.models import JointHelpRow, RoleGrantRow
from lms.accommodations import service as accommodations
from lms.accounts.domain import reach
from lms.accounts.domain.corrections import Identity
from lms.accounts.domain.reach import Staff as Worker
from lms.accounts.models import AccountRow, AuthSessionRow, JoinProposalRow, MembershipRow
from lms.accounts.service import corrections, id_numbers, identity
from lms.catalogue.models import LectureVersionRow
from lms.certificates.models import CertificateRow
from lms.classes import service as classes
from lms.classes.models import TrainingClassRow
from lms.exams import service as exams
from lms.exams.service import planning as exam_plans, sittings
from lms.hours import queries as hours_queries, service as hours
from lms.infra.db import reading, unit_of_work
from lms.infra.storage import storage
from lms.kernel import ids
from lms.kernel.principal import Principal
from lms.kernel.scope import EVERYWHERE
from lms.learning import service as learning
from lms.learning.models import ClassroomPhotoRow, WatchFlagRow
from lms.learning.service import classroom, flags
from lms.learning.service.classroom.people import CodePolicy
from lms.notices import queries as messages, service as notices
from lms.notices.domain.messages import Message
from lms.organisations import service as organisations
from lms.organisations.queries import Unit
from lms.questionbank import service as questionbank
from tests.factories import content
from tests.factories.accommodations import proposal
from tests.factories.learning import open_lease
from tests.factories.people import Staff, make_person, make_staff
from tests.matrix.exams import answer_all, banked, blueprint, copied, illustrate, practised, regrade, to_mark
from tests.matrix.notation import COLUMNS
from tests.matrix.people import ONLY_OWN, Actor, Holder, World

_numbers = count(1)


def build(now: datetime) -> World:
    """Builds everything through the services."""
    staff = make_staff(now - timedelta(days=2))
    land = staff.land
    add = partial(organisations.add_unit, now=now - timedelta(days=2))
    near_city = add(parent_id=land.province.id, name="杭州市总工会", kind="city", reach=EVERYWHERE)
    far_city = add(parent_id=land.province.id, name="宁波市总工会", kind="city", reach=EVERYWHERE)
    home = add(parent_id=near_city.id, name="杭州本单位工会", kind="unit", reach=EVERYWHERE)
    other = add(parent_id=far_city.id, name="宁波另一单位工会", kind="unit", reach=EVERYWHERE)
    items = questionbank.read_items(content.PRACTICE_ITEMS)
    lesson = content.publish(staff, title="公开的一讲", practice_items=items, now=now - timedelta(days=1))
    illustrate()
    provinces = [
        make_person(one, "省级题目审核", grants={roles.PROVINCE_REVIEWER: one})
        for one in (land.province, land.other_province)
    ]
    teach = partial(
        _holder,
        staff=staff,
        reviewers=(*provinces, staff.national_reviewer),
        course_id=lesson.course_id,
        bank=lesson.bank_code,
        lecture_id=lesson.lecture_id,
        now=now,
    )
    witnesses = {
        "same unit": teach(home, roles.UPLOADER, home),
        "other unit": teach(other, roles.UPLOADER, other),
        "other province": teach(land.other_unit, roles.UPLOADER, land.other_unit),
    }
    columns: tuple[tuple[str, str | None, Unit, Unit], ...] = (
        ("learner", None, home, home),
        ("uploader", roles.UPLOADER, home, home),
        ("reviewer-p", roles.PROVINCE_REVIEWER, land.province, land.province),
        ("reviewer-n", roles.NATIONAL_REVIEWER, land.national, land.national),
        ("manager", roles.CLASS_MANAGER, land.province, land.province),
        ("tutor", roles.CLASS_TUTOR, home, home),
        ("unit", roles.UNIT_ADMIN, home, home),
        ("city", roles.UNIT_ADMIN, near_city, near_city),
        ("province", roles.UNIT_ADMIN, land.province, land.province),
        ("nation", roles.UNIT_ADMIN, land.national, land.national),
        ("editor", roles.TEACHER_POOL_EDITOR, land.province, land.province),
        ("system", roles.SYSTEM_ADMIN, land.national, land.national),
        ("security", roles.SECURITY_ADMIN, land.national, land.national),
        ("audit", roles.AUDIT_ADMIN, land.national, land.national),
        ("disabled", roles.UNIT_ADMIN, land.province, land.province),
        ("expired", roles.UNIT_ADMIN, land.province, land.province),
    )
    actors = [Actor("anonymous", None)]
    for name, role, where, over in columns:
        holder = teach(where, role, over)
        reach = (over.path,) if role and name not in ONLY_OWN else ()
        holder.things["shown_lecture_id"] = lesson.lecture_id
        actors.append(Actor(name, holder, reach, _sign_in(holder.person, now, expired=name == "expired")))
    disabled = next(actor.holder for actor in actors if actor.name == "disabled")
    assert disabled
    with unit_of_work() as session:
        session.execute(update(AccountRow).where(AccountRow.id == disabled.person.account_id).values(state="disabled"))
        session.connection().exec_driver_sql(
            "DROP TRIGGER role_grant_last"
        )  # the survey takes everybody's roles in turn
    assert tuple(actor.name for actor in actors) == COLUMNS
    return World(tuple(actors), witnesses)


def _holder(
    where: Unit,
    role: str | None,
    over: Unit,
    *,
    staff: Staff,
    reviewers: Sequence[Principal],
    course_id: UUID,
    bank: str,
    lecture_id: UUID,
    now: datetime,
) -> Holder:
    """A person at a unit with one of everything."""
    number = next(_numbers)
    canary = f"zq{number:02}zq"
    grants = {role: over} if role else None
    person = make_person(where, f"金丝雀{canary}", grants=grants, second_factor=True, now=now - timedelta(days=1))
    identity.vouch(person.person_id, actor_id=None, reason=f"核实{canary}", now=now - timedelta(days=1))
    holder = Holder(person, where, canary, _id_number(number))
    with unit_of_work() as session:
        id_numbers.put(session, person.person_id, holder.id_number, now=now)
    class_id = _class(where, course_id, canary, now)
    own_bank = copied(bank, f"{bank[:12]}-{number:02}", now)
    exam_id = exams.create_exam(class_id, "结业考试", blueprint(own_bank), actor_id=None, now=now)
    enrolment_id = classes.enrol(class_id, person.person_id, now=now)
    with unit_of_work() as session:  # nobody else finds it
        session.execute(update(TrainingClassRow).where(TrainingClassRow.id == class_id).values(enrolment="closed"))
    learning.import_progress(person.person_id, lecture_id, enrolment_id=enrolment_id, now=now)
    first = exams.start_or_resume(exam_id, person.person_id, now=now, seed=number).attempt_id
    answer_all(first, person, now)
    exams.submit(first, person.person_id, now=now + timedelta(seconds=1))
    second = exams.start_or_resume(exam_id, person.person_id, now=now + timedelta(seconds=2), seed=number).attempt_id
    parent_id = where.parent_id if where.kind == "unit" else where.id
    assert parent_id
    holder.things |= {
        "person_id": person.person_id,
        "unit_id": where.id,
        "class_id": class_id,
        "exam_id": exam_id,
        "graded_id": first,
        "attempt_id": second,
        "session_id": _sign_in(person, now),
        "lease_id": open_lease(lecture_id, person.person_id, enrolment_id=enrolment_id, now=now).lease_id,
        "request_id": organisations.ask(person.person_id, parent_id, f"没有列出的单位{canary}", now=now),
        "correction_id": corrections.ask(person.person_id, Identity.NAME, f"更正{canary}", f"理由{canary}", now=now),
    }
    holder.things |= to_mark(holder, exam_id, first, now)
    holder.things["regrade_id"] = regrade(holder, staff, now)
    holder.things |= banked(where, holder, reviewers, now)
    holder.things |= practised(class_id, course_id, person, now)
    holder.things["help_id"] = _help_asked(holder, staff, now)
    asked_at, by = now + timedelta(seconds=3), staff.uploader.person_id
    holder.things["more_time_id"] = exams.ask_more_time(
        exam_id, second, 5, f"停电{canary}", by=by, reach=EVERYWHERE, now=asked_at
    )
    exams.tell(exam_id, second, f"请注意{canary}", by=by, reach=EVERYWHERE, now=asked_at)
    clerk = reach.Staff(staff.uploader.person_id, (where.path,))
    holder.things["exam_draft_id"] = exam_plans.draft_rules(class_id, by=clerk, now=now)
    holder.things["sitting_request_id"] = sittings.ask_sitting(
        exam_id, person.person_id, sittings.Asked(1), f"生病{canary}", by=clerk, now=now
    )
    holder.things |= _classroom(holder, lecture_id, now)
    holder.things["gone_id"] = make_person(where, f"同一人{canary}", now=now - timedelta(days=1)).person_id
    holder.things["proposal_id"] = _join_proposed(holder, staff, now)
    holder.things |= _found(person.person_id)
    notices.send({person.person_id: Message("matrix", f"消息{canary}", f"内容{canary}")}, now=now)
    with reading() as session:
        holder.things["notice_id"] = messages.page(session, person.person_id, limit=1).notices[0].id
    holder.things |= _ledger(holder, staff, now)
    holder.things["accommodation_id"] = _accommodation(holder, staff, now)
    if role == roles.UPLOADER:
        holder.things |= _authored(holder, now)
    return holder


def _help_asked(holder: Holder, staff: Staff, now: datetime) -> UUID:
    """A request for help that takes two, also for people who would need none: what counts is whose it is."""
    request_id = ids.new_id(now)
    with unit_of_work() as session:
        session.add(
            JointHelpRow(
                id=request_id,
                person_id=holder.person.person_id,
                help="sign_in_code",
                reason=f"帮助{holder.canary}",
                asked_by=staff.uploader.person_id,
                asked_at=now,
                state="open",
            )
        )
    return request_id


def _join_proposed(holder: Holder, staff: Staff, now: datetime) -> UUID:
    """That somebody of theirs has a second account."""
    proposal_id, twin = ids.new_id(now), make_person(holder.unit, f"同一人{holder.canary}", now=now - timedelta(days=1))
    with unit_of_work() as session:
        session.add(
            JoinProposalRow(
                id=proposal_id,
                kept_id=holder.things["gone_id"],
                gone_id=twin.person_id,
                reason=f"同一人{holder.canary}",
                proposed_by=staff.uploader.person_id,
                proposed_at=now,
                state="open",
            )
        )
    return proposal_id


def _classroom(holder: Holder, lecture_id: UUID, now: datetime) -> dict[str, UUID]:
    """A running classroom of theirs with a photo and somebody in it, the end of one with a correction, and a flag on them."""
    by = reach.Staff(holder.person.person_id, (holder.unit.path,))
    plan = classroom.RoomPlan(lecture_id, None, holder.unit.id, f"会议室{holder.canary}", 60)
    guest = make_person(holder.unit, f"到场{holder.canary}", now=now - timedelta(days=1)).person_id
    over_id = classroom.open_room(plan, by=by, now=now - timedelta(hours=2))
    classroom.end_room(over_id, by=by, now=now - timedelta(hours=1))
    stay = (now - timedelta(minutes=90), now - timedelta(minutes=70))
    amendment_id = classroom.propose(over_id, guest, stay=stay, reason=f"漏签{holder.canary}", by=by, now=now)
    classroom_id = classroom.open_room(plan, by=by, now=now)
    policy = CodePolicy(60)
    digits = classroom.code_shown(classroom_id, policy, now=now).digits
    attendance_id = classroom.sign_in_by_code(digits, person_id=by.person_id, policy=policy, now=now)
    own_id, sha256 = ids.new_id(now), f"{holder.canary:0>64}"
    storage().put_bytes(classroom.photo_key(classroom_id, sha256), b"photo")
    with unit_of_work() as session:
        session.add(
            ClassroomPhotoRow(
                id=own_id,
                session_id=classroom_id,
                sha256=sha256,
                size_bytes=1,
                uploaded_by=by.person_id,
                uploaded_at=now,
            )
        )
    screen = classroom.open_screen(classroom_id, by=by, rng=Random(1), now=now)
    flag_id, objection_id = _flagged(holder, now)
    return {
        "classroom_id": classroom_id,
        "attendance_id": attendance_id,
        "photo_id": own_id,
        "screen_id": screen.id,
        "amendment_id": amendment_id,
        "flag_id": flag_id,
        "objection_id": objection_id,
    }


def _flagged(holder: Holder, now: datetime) -> tuple[UUID, UUID]:
    flag_id = ids.new_id(now)
    with unit_of_work() as session:
        session.add(
            WatchFlagRow(
                id=flag_id,
                person_id=holder.person.person_id,
                kind="long_day",
                day=now.date(),
                evidence={"hours": 17.5},
                raised_at=now,
                reason="",
            )
        )
    text = f"说明{holder.canary}"
    return flag_id, flags.object_to(flag_id, person_id=holder.person.person_id, text=text, now=now)


def _ledger(holder: Holder, staff: Staff, now: datetime) -> dict[str, UUID]:
    """The entry of the completed course, a proposal to take it back, and a dispute about it."""
    with reading() as session:
        (entry,) = hours_queries.entries_of(session, holder.person.person_id)
    by = Worker(staff.national_reviewer.person_id, (staff.land.national.path,))
    reason = f"更正{holder.canary}"
    return {
        "entry_id": entry.id,
        "hours_correction_id": hours.propose(entry.id, hours.Correction.REVERSAL, by=by, reason=reason, now=now),
        "dispute_id": hours.file_dispute(
            holder.person.person_id, entry_id=entry.id, about="", text=f"少了{holder.canary}", now=now
        ),
    }


def _accommodation(holder: Holder, staff: Staff, now: datetime) -> UUID:
    """More time that waits for its second person."""
    by = Worker(staff.national_reviewer.person_id, (staff.land.national.path,))
    wanted = proposal(from_on=now.date())
    return accommodations.propose(holder.person.person_id, wanted, by=by, now=now)


def _authored(holder: Holder, now: datetime) -> dict[str, UUID]:
    """A lecture that is still a draft, with its video, and one that was handed in."""
    draft_id = content.make_lecture(holder.person, title=f"草稿{holder.canary}", now=now)
    submitted_id = content.hand_in(holder.person, title=f"送审{holder.canary}", now=now)
    with reading() as session:
        version = session.execute(
            select(LectureVersionRow.asset_id, LectureVersionRow.lecture_id).where(
                LectureVersionRow.revision_id == draft_id
            )
        ).one()
    return {
        "draft_id": draft_id,
        "submitted_id": submitted_id,
        "asset_id": version.asset_id,
        "shown_lecture_id": version.lecture_id,
    }


def _found(person_id: UUID) -> dict[str, UUID]:
    """Ids of what came about by itself: the certificate and the grant."""
    with reading() as session:
        certificate = session.execute(
            select(CertificateRow.id, CertificateRow.verify_token).where(CertificateRow.person_id == person_id)
        ).one()
        membership = session.execute(select(MembershipRow.id).where(MembershipRow.person_id == person_id)).scalar_one()
        grant = session.execute(select(RoleGrantRow.id).where(RoleGrantRow.person_id == person_id)).scalar()
    found = {
        "certificate_id": certificate.id,
        "token": certificate.verify_token,
        "membership_id": membership,
    }
    return found | ({"grant_id": grant} if grant else {})


def _class(where: Unit, course_id: UUID, canary: str, now: datetime) -> UUID:
    plan = classes.ClassPlan(
        name=f"不公开的培训班{canary}",
        target_group="工会干部",
        kind="centralized",
        enrolment="open",
        starts_on=(now - timedelta(days=9)).date(),
        ends_on=(now + timedelta(days=90)).date(),
        certificate_name="工会干部上岗资格培训证书",
        certificate_kind="SG",
        unit_id=where.id,
        course_ids=(course_id,),
        demo=False,
    )
    class_id = classes.create_class(plan, actor_id=None, now=now)
    classes.advance_phase(class_id, "implement", actor_id=None, now=now)
    return class_id


def _sign_in(person: Principal, now: datetime, *, expired: bool = False) -> UUID:
    session_id = ids.new_secret_id()
    with unit_of_work() as session:
        session.add(
            AuthSessionRow(
                id=session_id,
                account_id=person.account_id,
                opened_at=now - timedelta(minutes=5),
                seen_at=now,
                expires_at=now - timedelta(minutes=1) if expired else now + timedelta(hours=8),
                address="127.0.0.1",
                browser="matrix",
            )
        )
    return session_id


def _id_number(number: int) -> str:
    """A valid 18-digit number that nobody else has."""
    body = f"33010619800101{number:03}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11]
