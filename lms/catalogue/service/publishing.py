"""Follows review and encoding: puts what both levels approved before learners, takes away what was stopped, drops unused videos."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lms.catalogue import queries
from lms.catalogue.events import LecturePublished, LectureWithdrawn, lecture_published, lecture_withdrawn
from lms.catalogue.models import CourseRow, LectureRow, LectureVersionRow
from lms.infra.db import reading, unit_of_work
from lms.kernel.errors import N_, Conflict
from lms.moderation import service as moderation
from lms.moderation.domain.workflow import State
from lms.moderation.events import RevisionChanged
from lms.questionbank import service as questionbank
from lms.video import queries as video, service as video_service

UNUSED_FOR = timedelta(days=7)


class HashMismatch(Conflict):
    """What would go live is not what was approved."""

    code, title = "hash_mismatch", N_("待发布的内容与审核通过的内容不一致，未发布")


def follow_review(event: RevisionChanged) -> None:
    """Lets learners see what was published, and no more what was withdrawn. Runs inside moderation's unit of work."""
    with unit_of_work() as session:
        version = queries.lecture_version(session, event.revision_id)
        if event.new is State.PUBLISHED:
            _go_live(session, version, event)
        elif event.new is State.SUPERSEDED:
            questionbank.withdraw(version.revision_id)  # its successor takes its place in this very unit of work
        elif event.old is State.PUBLISHED:
            _withdraw(session, version, at=event.at)


def follow_asset(asset_id: UUID, *, refused_because: str | None, now: datetime) -> None:
    """Moves what waits for a video on, or back to its author when the video was refused."""
    with unit_of_work() as session:
        for revision_id in queries.revisions_of_asset(session, asset_id):
            if refused_because is None:
                moderation.pass_checks(revision_id, now=now)
            else:
                moderation.fail_checks(revision_id, reason=refused_because, now=now)


def discard_unused_videos(*, now: datetime) -> int:
    """Removes videos that were uploaded UNUSED_FOR ago or earlier and that no revision hands in. Returns how many."""
    with reading() as session:
        old = video.made_before(session, now - UNUSED_FOR)
        unused = [asset_id for asset_id in old if asset_id not in queries.used_assets(session, old)]
    for asset_id in unused:
        with unit_of_work() as session:
            video.asset(session, asset_id, lock=True)
            if not queries.used_assets(session, [asset_id]):
                video_service.discard(asset_id, now=now)
    return len(unused)


def _go_live(session: Session, version: queries.LectureVersion, event: RevisionChanged) -> None:
    if video.asset(session, version.asset_id).state != "ready" or version.content_hash != event.content_hash:
        raise HashMismatch
    if event.credit_hours is not None:
        session.execute(
            update(LectureVersionRow)
            .where(LectureVersionRow.revision_id == version.revision_id)
            .values(credit_hours=event.credit_hours)
        )
    before = queries.live_asset(session, version.lecture_id)
    session.execute(
        update(LectureRow).where(LectureRow.id == version.lecture_id).values(live_revision_id=version.revision_id)
    )
    questionbank.publish(version.revision_id)
    _name_banks(session, version)
    if before not in {None, version.asset_id}:
        lecture_withdrawn.send(None, event=LectureWithdrawn(version.lecture_id, version.course_id, before, event.at))
    lecture_published.send(
        None,
        event=LecturePublished(
            lecture_id=version.lecture_id,
            course_id=version.course_id,
            asset_id=version.asset_id,
            revision_id=version.revision_id,
            course_hours=queries.course_hours(session, version.course_id),
            decided_by=event.actor_id or UUID(int=0),
            at=event.at,
            length_rule=queries.length_rule(session, version.course_id),
        ),
    )


def _name_banks(session: Session, version: queries.LectureVersion) -> None:
    """The banks of a course that learners know now are called like it."""
    course = session.execute(select(CourseRow).where(CourseRow.id == version.course_id)).scalar_one()
    questionbank.name_banks(filter(None, (course.bank_code, course.practice_bank_code)), course.title)


def _withdraw(session: Session, version: queries.LectureVersion, *, at: datetime) -> None:
    session.execute(
        update(LectureRow)
        .where(LectureRow.id == version.lecture_id, LectureRow.live_revision_id == version.revision_id)
        .values(live_revision_id=None)
    )
    questionbank.withdraw(version.revision_id)
    lecture_withdrawn.send(None, event=LectureWithdrawn(version.lecture_id, version.course_id, version.asset_id, at))
