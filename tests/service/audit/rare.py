"""What seldom happens, once each as rows: help by two, data seen and given away, a classroom, training elsewhere, exams corrected."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update

from lms.access.models import JointHelpRow
from lms.accounts.models import DisclosureRow, RevealRow
from lms.audit import service as audit
from lms.catalogue.models import LectureRow, LectureVersionRow
from lms.exams import service as exams
from lms.exams.models import (
    AllowanceRow,
    AttemptQuestionRow,
    AttemptRow,
    MarkingPieceRow,
    MarkingPlanRow,
    MarkRow,
    RegradeRow,
    ScoreAdjustmentRow,
    SittingRow,
)
from lms.infra.db import unit_of_work
from lms.kernel import ids
from lms.learning.models import ClassroomSessionRow, ClassroomSheetRow, ClassroomSignatureRow, WatchPolicyRow
from lms.offline.models import OutsideTrainingRow
from lms.questionbank.models import ItemEventRow, ItemVersionRow
from tests.factories.accommodations import grant, proposal
from tests.factories.exams import Hall, make_candidate
from tests.factories.joining import confirmed_proposal
from tests.factories.people import Land, Staff, make_person


def add_rare(staff: Staff, learner_id: UUID, one: UUID, other: UUID, *, at: datetime) -> None:
    """One row of each, `one` and `other` being the two persons that most of them need."""
    _help_and_training(staff, learner_id, one, at)
    see_and_give_away(staff.land, learner_id, one, at=at)
    _classroom(staff, one, at)
    _exam(learner_id, one, other, at)
    wanted = proposal(from_on=at.date())
    grant(learner_id, wanted, path=staff.land.national.path, one=one, other=other, now=at)


def allow_more_time(attempt_id: UUID, one: UUID, other: UUID, *, at: datetime) -> None:
    """Five more minutes for an open attempt."""
    with unit_of_work() as session:
        until = session.execute(select(AttemptRow.deadline).where(AttemptRow.id == attempt_id)).scalar_one()
        session.add(
            AllowanceRow(
                id=ids.new_id(at),
                attempt_id=attempt_id,
                ran_until=until,
                deadline=until + timedelta(minutes=5),
                reason="停电",
                by_id=one,
                second_by_id=other,
                allowed_at=at,
            )
        )


def mark_an_answer(hall: Hall, marker_id: UUID, one: UUID, *, at: datetime) -> None:
    """An attempt that waits for people, one mark of it, how its exam is marked, a key that is to be put right, and who wrote the item."""
    candidate = make_candidate(hall, "待评考生", now=at)
    attempt_id = exams.start_or_resume(hall.exam_id, candidate.person_id, now=at, seed=9).attempt_id
    piece_id = ids.new_id(at)
    with unit_of_work() as session:
        version_id = session.get_one(AttemptQuestionRow, (attempt_id, 1)).item_version_id
        handed_in = {"state": "submitted", "submitted_at": at, "submitted_by": "learner"}
        session.execute(update(AttemptRow).where(AttemptRow.id == attempt_id).values(handed_in))
        audit.mark_again(session, AttemptRow, attempt_id)
        session.add(
            MarkingPieceRow(
                id=piece_id,
                attempt_id=attempt_id,
                position=1,
                exam_id=hall.exam_id,
                item_version_id=version_id,
                points=4,
                rank=1,
                wanted=2,
                state="waiting",
                created_at=at,
            )
        )
        session.flush()
        session.add(
            MarkRow(
                id=ids.new_id(at),
                piece_id=piece_id,
                no=1,
                marker_id=marker_id,
                earned=300,
                parts=[300],
                comment="",
                marked_at=at,
            )
        )
        item_id = session.execute(select(ItemVersionRow.item_id).where(ItemVersionRow.id == version_id)).scalar_one()
        session.add(
            ItemEventRow(
                id=ids.new_id(at),
                item_id=item_id,
                version_id=version_id,
                action="written",
                level=None,
                round=1,
                actor_id=one,
                content_hash="",
                comment="",
                at=at,
            )
        )
        session.add(MarkingPlanRow(exam_id=hall.exam_id, no=1, markers=2, threshold=20, by_id=one, set_at=at))
        session.add(
            RegradeRow(
                id=ids.new_id(at),
                exam_id=hall.exam_id,
                item_version_id=version_id,
                way="none",
                reason="答案有误",
                state="checking",
                proposed_by=one,
                proposed_at=at,
                comment="",
            )
        )


def _help_and_training(staff: Staff, learner_id: UUID, one: UUID, at: datetime) -> None:
    with unit_of_work() as session:
        session.add(
            JointHelpRow(
                id=ids.new_id(at),
                person_id=learner_id,
                help="sign_in_code",
                reason="手机丢失",
                asked_by=one,
                asked_at=at,
                state="open",
            )
        )
        session.add(
            OutsideTrainingRow(
                id=ids.new_id(at),
                unit_id=staff.land.unit.id,
                unit_path=staff.land.unit.path,
                source="offline",
                ledger="centralized",
                title="脱产班",
                organiser="省总工会",
                from_on=at.date(),
                until_on=at.date(),
                hours=400,
                entered_by=one,
                entered_at=at,
            )
        )


def see_and_give_away(land: Land, learner_id: UUID, one: UUID, *, at: datetime) -> None:
    """Somebody sees a whole ID number, and data of a person leaves the platform."""
    path = land.unit.path
    twin_id = make_person(land.unit, "同一人", now=at).person_id
    with unit_of_work() as session:
        session.add(
            confirmed_proposal(learner_id, twin_id, *(make_person(land.province, now=at).person_id for _ in "ab"))
        )
        session.add(
            RevealRow(
                id=ids.new_id(at),
                at=at,
                actor_id=one,
                person_id=learner_id,
                field="id_number",
                purpose="certificate",
                reason="核对证书",
                unit_path=path,
            )
        )
        session.add(
            DisclosureRow(
                id=ids.new_id(at),
                at=at,
                actor_id=one,
                receiver="省人社厅",
                purpose="职称评审",
                fields=["name"],
                persons=1,
                unit_path=path,
            )
        )


def _classroom(staff: Staff, one: UUID, at: datetime) -> None:
    session_id = ids.new_id(at)
    with unit_of_work() as session:
        lecture = session.execute(
            select(LectureRow.id, LectureRow.course_id, LectureVersionRow.asset_id)
            .join(LectureVersionRow, LectureVersionRow.revision_id == LectureRow.live_revision_id)
            .limit(1)
        ).one()
        session.add(
            ClassroomSessionRow(
                id=session_id,
                host_id=one,
                unit_id=staff.land.unit.id,
                lecture_id=lecture.id,
                asset_id=lecture.asset_id,
                course_id=lecture.course_id,
                title="一讲",
                duration_ms=60_000,
                place="三楼会议室",
                seats=40,
                state="ended",
                opened_at=at,
                ended_at=at,
                last_beat_at=at,
                held=[],
            )
        )
        session.flush()
        session.add(
            ClassroomSheetRow(session_id=session_id, frozen_at=at, people=[], plays=[], photos=[], sha256="6" * 64)
        )
        session.flush()
        session.add(
            ClassroomSignatureRow(
                session_id=session_id,
                signed_by=one,
                headcount=0,
                statement="属实",
                sheet_sha256="6" * 64,
                signed_at=at,
            )
        )
        session.add(
            WatchPolicyRow(
                id=ids.new_id(at),
                course_id=lecture.course_id,
                version=1,
                threshold_percent=95,
                max_rate_percent=100,
                seek_courtesy=True,
                pause_when_hidden=False,
                presence=False,
                presence_from_minutes=10,
                presence_to_minutes=20,
                presence_seconds=60,
                presence_kind="button",
                reason="核定",
                decided_by=one,
                decided_at=at,
            )
        )


def _exam(learner_id: UUID, one: UUID, other: UUID, at: datetime) -> None:
    with unit_of_work() as session:
        attempt = session.execute(select(AttemptRow.id, AttemptRow.exam_id).limit(1)).one()
        by = {"by_id": one, "second_by_id": other}
        session.add(
            ScoreAdjustmentRow(
                id=ids.new_id(at),
                attempt_id=attempt.id,
                no=1,
                score=60,
                fraction=None,
                passed=True,
                reason="答案更正",
                adjusted_at=at,
                **by,
            )
        )
        session.add(
            SittingRow(
                id=ids.new_id(at),
                exam_id=attempt.exam_id,
                person_id=learner_id,
                attempts=1,
                opens_at=None,
                closes_at=None,
                reason="补考",
                granted_at=at,
                **by,
            )
        )
