"""Reads what authors and reviewers work on: revisions of lectures with their videos and items."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.accounts.queries import aliases
from lms.catalogue.domain.package import Package, content_hash
from lms.catalogue.models import CourseRow, LectureRow, LectureVersionRow, TeacherRow
from lms.catalogue.queries.teacherpool import Teacher
from lms.kernel.errors import NotFound
from lms.moderation import queries as moderation
from lms.moderation.domain.workflow import Level, State
from lms.questionbank import queries as questionbank
from lms.questionbank.domain.items import Item, as_data
from lms.video.models import CaptionRow, MediaAssetRow


@dataclass(frozen=True)
class LectureVersion:
    """Everything that a revision hands in, for its author and its reviewers."""

    revision_id: UUID
    lecture_id: UUID
    course_id: UUID
    course_title: str
    bank_code: str
    title: str
    teacher: Teacher
    outline: str
    asset_id: UUID
    caption_id: UUID | None
    source_sha256: str
    captions_sha256: str
    items: tuple[Item, ...]
    practice_items: tuple[Item, ...] = ()

    @property
    def content_hash(self) -> str:
        """What a reviewer approves."""
        return content_hash(
            Package(
                title=self.title,
                course_title=self.course_title,
                teacher=(self.teacher.name, self.teacher.institution, self.teacher.post),
                outline=self.outline,
                source_sha256=self.source_sha256,
                captions_sha256=self.captions_sha256,
                items=[as_data(item) for item in self.items],
                practice_items=[as_data(item) for item in self.practice_items],
            )
        )


def lecture_version(session: Session, revision_id: UUID) -> LectureVersion:
    """What a revision hands in. Raises NotFound."""
    columns: tuple[Any, ...] = (
        LectureVersionRow.revision_id,
        LectureRow.id,
        CourseRow.id,
        CourseRow.title,
        CourseRow.bank_code,
        LectureVersionRow.title,
        TeacherRow.name,
        TeacherRow.institution,
        TeacherRow.post,
        LectureVersionRow.outline,
        LectureVersionRow.asset_id,
        LectureVersionRow.caption_id,
        MediaAssetRow.source_sha256,
        CaptionRow.sha256,
    )
    row = session.execute(
        select(*columns)
        .join(LectureRow, LectureRow.id == LectureVersionRow.lecture_id)
        .join(CourseRow, CourseRow.id == LectureRow.course_id)
        .join(TeacherRow, TeacherRow.id == LectureVersionRow.teacher_id)
        .join(MediaAssetRow, MediaAssetRow.id == LectureVersionRow.asset_id)
        .outerjoin(CaptionRow, CaptionRow.id == LectureVersionRow.caption_id)
        .where(LectureVersionRow.revision_id == revision_id)
    ).first()
    if row is None:
        raise NotFound
    items = questionbank.items_of_revision(session, revision_id)
    return LectureVersion(
        revision_id=row[0],
        lecture_id=row[1],
        course_id=row[2],
        course_title=row[3],
        bank_code=row[4],
        title=row[5],
        teacher=Teacher(row[6], row[7], row[8]),
        outline=row[9],
        asset_id=row[10],
        caption_id=row[11],
        source_sha256=row[12],
        captions_sha256=row[13] or "",
        items=items.exam,
        practice_items=items.practice,
    )


def live_revisions(session: Session) -> tuple[tuple[UUID, UUID], ...]:
    """(lecture, revision) of everything that learners see now."""
    rows = session.execute(
        select(LectureRow.id, LectureRow.live_revision_id)
        .where(LectureRow.live_revision_id.is_not(None))
        .order_by(LectureRow.id)
    )
    return tuple((lecture_id, live_id) for lecture_id, live_id in rows if live_id is not None)


def approved_hash(session: Session, revision_id: UUID) -> str | None:
    """The hash of the content that both levels approved, None when a published revision's last submission lacks one."""
    submission = moderation.last_submission(session, revision_id)
    if submission is None or moderation.revision(session, revision_id).state is not State.PUBLISHED:
        return None
    decided = moderation.reviews(session, revision_id)
    levels = {one.level for one in decided if one.round == submission.round and one.decision == "approve"}
    return submission.content_hash if levels == set(Level) else None


def revisions_of_asset(session: Session, asset_id: UUID) -> tuple[UUID, ...]:
    """The revisions that a media asset was handed in with."""
    rows = session.execute(select(LectureVersionRow.revision_id).where(LectureVersionRow.asset_id == asset_id))
    return tuple(row[0] for row in rows)


def bank_of_revision(session: Session, revision_id: UUID) -> str:
    """The code of the exam bank that a revision's items go to. Raises NotFound."""
    code = session.execute(
        select(CourseRow.bank_code)
        .join(LectureRow, LectureRow.course_id == CourseRow.id)
        .join(LectureVersionRow, LectureVersionRow.lecture_id == LectureRow.id)
        .where(LectureVersionRow.revision_id == revision_id)
    ).scalar()
    if code is None:
        raise NotFound
    return code


def asset_of_revision(session: Session, revision_id: UUID) -> UUID:
    """The video that a revision hands in. Raises NotFound."""
    asset_id = session.execute(
        select(LectureVersionRow.asset_id).where(LectureVersionRow.revision_id == revision_id)
    ).scalar()
    if asset_id is None:
        raise NotFound
    return asset_id


def live_asset(session: Session, lecture_id: UUID) -> UUID | None:
    """The video of the version that learners see, None while they see none."""
    return session.execute(
        select(LectureVersionRow.asset_id)
        .join(LectureRow, LectureRow.live_revision_id == LectureVersionRow.revision_id)
        .where(LectureRow.id == lecture_id)
    ).scalar()


def used_assets(session: Session, asset_ids: Sequence[UUID]) -> frozenset[UUID]:
    """Which of these videos a revision hands in or ever handed in."""
    rows = session.execute(select(LectureVersionRow.asset_id).where(LectureVersionRow.asset_id.in_(asset_ids)))
    return frozenset(row[0] for row in rows)


def courses_of_author(session: Session, author_id: UUID, *, limit: int = 100) -> tuple[tuple[UUID, str], ...]:
    """(id, title) of the courses that a person began, under whatever account, the newest first."""
    rows = session.execute(
        select(CourseRow.id, CourseRow.title)
        .where(CourseRow.author_id.in_(aliases(author_id)))
        .order_by(CourseRow.id.desc())
        .limit(limit)
    )
    return tuple((row[0], row[1]) for row in rows)
