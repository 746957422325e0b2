"""Authors lectures: drafts with video, captions and items, new versions of published ones, handed in for review."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from lms.access import service as access
from lms.accounts import queries as accounts
from lms.catalogue import queries
from lms.catalogue.models import CourseRow, LectureRow, LectureVersionRow, TeacherRow
from lms.infra.db import for_update, hold, insert_into, unit_of_work
from lms.kernel import ids
from lms.kernel.errors import N_, Conflict, Forbidden, Invalid, NotFound
from lms.kernel.numbers import NO_ID_NUMBERS, NO_NUMBERS_HERE, tells_a_number, tells_an_id_number
from lms.kernel.permissions import Permission
from lms.kernel.principal import Principal
from lms.moderation import queries as moderation_queries, service as moderation
from lms.moderation.domain.workflow import State
from lms.moderation.queries import Revision
from lms.organisations import queries as organisations
from lms.organisations.queries import Unit
from lms.questionbank import queries as questionbank_queries, service as questionbank
from lms.questionbank.domain.items import Item
from lms.questionbank.domain.textformat import render as items_as_text
from lms.video import queries as video

KIND = "lecture"
REVISABLE = frozenset({State.PUBLISHED, State.SUSPENDED})
ON_ITS_WAY = (
    State.DRAFT,
    State.RETURNED,
    State.SUBMITTED,
    State.PROVINCE_REVIEW,
    State.NATIONAL_REVIEW,
    State.APPROVED,
)
UNNAMED = ""
"""The title of a bank until its course is public: what an author calls a draft is theirs."""


class VideoUnusable(Invalid):
    """The uploaded video was refused or could not be encoded."""

    code, title = "video_unusable", N_("视频未通过检查，请更换视频后再提交")


class LeftTheUnit(Forbidden):
    """Its author is no uploader over the unit of the lecture any more: others there go on with it, and review it."""

    code = "left_the_unit"
    title = N_(
        "这门课程属于您原来任职的工会，您在那里已经没有上传课件的权限。已发布的内容不受影响；请由该工会的上传人员另行制作"
    )


class NotPublished(Conflict):
    """Only what is published, or was and is suspended, gets a new version."""

    code, title = "not_published", N_("只有已发布的课件才能修订")


ITEMS_NEEDED = N_("请至少提供一道试题")
SAME_IN_BOTH = N_("%(ref)s 的题干与考试试题相同：考试的题目不能用来练习")


@dataclass(frozen=True)
class LectureDraft:
    """What an uploader fills in; `course_id` None begins a new course with the lecture's title."""

    course_id: UUID | None
    title: str
    teacher_name: str
    teacher_institution: str
    teacher_post: str
    outline: str
    asset_id: UUID
    caption_id: UUID | None
    items: Sequence[Item]
    practice_items: Sequence[Item] = ()


def require_apart(items: Sequence[Item], practice_items: Sequence[Item]) -> None:
    """Raises Invalid when an item for practice asks what an exam asks, in the same words."""
    asked = {item.stem for item in items}
    for item in practice_items:
        if item.stem in asked:
            raise Invalid(fields={"practice_items": SAME_IN_BOTH}, extra={"ref": item.ref})


def require_impersonal(draft: LectureDraft) -> None:
    """Raises Invalid when a name holds what may be anybody's number, or a longer text an ID number."""
    names = ("title", "teacher_name", "teacher_institution", "teacher_post")
    told = {name: NO_NUMBERS_HERE for name in names if tells_a_number(getattr(draft, name))}
    texts = {
        "outline": draft.outline,
        "items": items_as_text(draft.items),
        "practice_items": items_as_text(draft.practice_items),
    }
    told |= {name: NO_ID_NUMBERS for name, text in texts.items() if tells_an_id_number(text)}
    points = {"items": draft.items, "practice_items": draft.practice_items}
    for name, items in points.items():
        if any(tells_a_number(one.knowledge_point) for one in items):
            told.setdefault(name, NO_NUMBERS_HERE)
    if told:
        raise Invalid(fields=told)


def create_lecture(
    draft: LectureDraft, *, author: Principal, demo: bool, bank_code: str | None = None, now: datetime
) -> UUID:
    """Opens a draft revision of a new lecture. Returns the revision's id. Raises Forbidden, LeftTheUnit, NotFound, Invalid.

    It belongs to the unit of its course: that of the author, or for a course of theirs from before, that of its bank.
    """
    require_impersonal(draft)
    with unit_of_work() as session:
        _own_files(session, draft, author)
        unit = _unit_for(session, draft.course_id, author, now=now)
        course_id = draft.course_id or _new_course(
            session, draft, author, unit_id=unit.id, demo=demo, bank_code=bank_code, now=now
        )
        last = session.execute(select(func.max(LectureRow.position)).where(LectureRow.course_id == course_id)).scalar()
        lecture_id = ids.new_id(now)
        session.add(LectureRow(id=lecture_id, course_id=course_id, position=(last or 0) + 1))
        session.flush()
        revision_id = moderation.create_revision(
            kind=KIND,
            subject_id=lecture_id,
            title=draft.title,
            author_id=author.person_id,
            unit_path=unit.path,
            now=now,
        )
        session.add(_version(session, revision_id, lecture_id, draft, now=now))
        session.flush()
        _hand_in_items(session, revision_id, course_id, draft, now=now)
        return revision_id


def edit_lecture(revision_id: UUID, draft: LectureDraft, *, author: Principal, now: datetime) -> None:
    """Changes a draft or a returned revision. Raises NotFound (also for another's), LeftTheUnit, TransitionRefused, Invalid."""
    require_impersonal(draft)
    with unit_of_work() as session:
        _own_files(session, draft, author)  # held in the order of who submits, and of who adds a lecture
        _hold_course(session, queries.lecture_version(session, revision_id).course_id)
        _own_revision(session, revision_id, author)
        moderation.edit(revision_id, author_id=author.person_id, title=draft.title, now=now)
        version = queries.lecture_version(session, revision_id)
        session.execute(
            update(LectureVersionRow)
            .where(LectureVersionRow.revision_id == revision_id)
            .values(
                title=draft.title,
                teacher_id=_teacher(session, draft, now=now),
                outline=draft.outline,
                asset_id=draft.asset_id,
                caption_id=draft.caption_id,
            )
        )
        if _names_its_course(session, version):
            session.execute(update(CourseRow).where(CourseRow.id == version.course_id).values(title=draft.title))
        _hand_in_items(session, revision_id, version.course_id, draft, now=now)


def revise(revision_id: UUID, *, author: Principal, now: datetime) -> UUID:
    """Opens a draft of a new version of a published or suspended lecture, with the same content. Returns the revision's id.

    The old version stays as it is until the new one has gone the whole way and supersedes it. A new version that is on its
    way already is returned instead. It belongs to the same unit. Raises NotFound (also for another's), LeftTheUnit, NotPublished.
    """
    with unit_of_work() as session:
        version = queries.lecture_version(session, revision_id)
        unit = _unit_for(session, version.course_id, author, now=now)
        old = _own_revision(session, revision_id, author)
        if old.state not in REVISABLE:
            raise NotPublished
        for begun in moderation_queries.of_subject(session, old.subject_id, ON_ITS_WAY):
            return begun.id
        new_id = moderation.create_revision(
            kind=KIND,
            subject_id=version.lecture_id,
            title=version.title,
            author_id=author.person_id,
            unit_path=unit.path,
            now=now,
        )
        draft = LectureDraft(
            course_id=version.course_id,
            title=version.title,
            teacher_name=version.teacher.name,
            teacher_institution=version.teacher.institution,
            teacher_post=version.teacher.post,
            outline=version.outline,
            asset_id=version.asset_id,
            caption_id=version.caption_id,
            items=version.items,
            practice_items=version.practice_items,
        )
        session.add(_version(session, new_id, version.lecture_id, draft, now=now))
        session.flush()
        _hand_in_items(session, new_id, version.course_id, draft, now=now)
        return new_id


def submit(revision_id: UUID, *, author: Principal, now: datetime) -> None:
    """Hands a revision in; it enters the province's queue once its video is ready.

    Raises NotFound, LeftTheUnit, Invalid without items, VideoUnusable, TransitionRefused.
    """
    with unit_of_work() as session:
        # Locked in the order in which the worker locks them: else a video that turns ready now would not see this revision.
        asset = video.asset(session, queries.lecture_version(session, revision_id).asset_id, lock=True)
        _own_revision(session, revision_id, author)
        version = queries.lecture_version(session, revision_id)
        if version.asset_id != asset.id:
            raise moderation.ContentChanged
        if not version.items:
            raise Invalid(fields={"items": ITEMS_NEEDED})
        if asset.state in {"refused", "failed"}:
            raise VideoUnusable(asset.reason)
        moderation.submit(revision_id, author_id=author.person_id, content_hash=version.content_hash, now=now)
        if asset.state == "ready":
            moderation.pass_checks(revision_id, now=now)


def retract(revision_id: UUID, *, author: Principal, now: datetime) -> None:
    """Takes a revision back for good. Raises NotFound (also for another's), LeftTheUnit, TransitionRefused."""
    with unit_of_work() as session:
        _own_revision(session, revision_id, author)
        moderation.retract(revision_id, author_id=author.person_id, now=now)


def require_still_author(author: Principal, unit_path: str) -> None:
    """Raises LeftTheUnit unless somebody is an uploader over the unit of a lecture of theirs."""
    if not access.may(author, Permission.LECTURE_AUTHOR, unit_path):
        raise LeftTheUnit


def _own_revision(session: Session, revision_id: UUID, author: Principal) -> Revision:
    """A revision that somebody still may work on, locked. Raises NotFound for another's, LeftTheUnit."""
    found = moderation_queries.revision(session, revision_id, lock=True)
    if not accounts.own_among(session, author.person_id, [found.author_id]):
        raise NotFound
    require_still_author(author, found.unit_path)
    return found


def _own_files(session: Session, draft: LectureDraft, author: Principal) -> None:
    asset = video.asset(session, draft.asset_id, lock=True)  # nobody discards it meanwhile
    if not accounts.own_among(session, author.person_id, [asset.owner_id]):
        raise NotFound
    if draft.caption_id is not None and video.caption(session, draft.caption_id).asset_id != draft.asset_id:
        raise NotFound


def _unit_for(session: Session, course_id: UUID | None, author: Principal, *, now: datetime) -> Unit:
    """The unit of a lecture: that of the author's course, or of the author, as it stands now.

    While a video was sent the author, or the unit, may have moved; it stays where it is until the unit of work ends, and so
    does the course. Raises NotFound, LeftTheUnit, and Forbidden for a course that would be new.
    """
    unit_id = None
    if course_id is not None:
        mine = CourseRow.author_id.in_(accounts.aliases(author.person_id))
        owned = select(CourseRow.bank_code).where(CourseRow.id == course_id, mine)
        bank = session.execute(for_update(owned, referable=True)).scalar()
        if bank is None:
            raise NotFound
        unit_id = questionbank_queries.unit_id(session, bank)
    unit = organisations.held_place(session, unit_id or accounts.person(session, author.person_id).unit_id)
    if not access.could(author.person_id, Permission.LECTURE_AUTHOR, unit.path, now):
        raise Forbidden if course_id is None else LeftTheUnit
    return unit


def _hold_course(session: Session, course_id: UUID) -> None:
    """Who adds a lecture to a course, or its first practice items, waits."""
    hold(session, select(CourseRow.id).where(CourseRow.id == course_id))


def _new_course(
    session: Session,
    draft: LectureDraft,
    author: Principal,
    *,
    unit_id: UUID,
    demo: bool,
    bank_code: str | None,
    now: datetime,
) -> UUID:
    course_id = ids.new_id(now)
    code = bank_code or f"B{course_id.hex[-8:].upper()}"
    questionbank.ensure_bank(code, UNNAMED, unit_id=unit_id, now=now)
    session.add(
        CourseRow(
            id=course_id,
            title=draft.title,
            bank_code=code,
            author_id=author.person_id,
            demo=demo,
            created_at=now,
        )
    )
    session.flush()
    return course_id


def _hand_in_items(session: Session, revision_id: UUID, course_id: UUID, draft: LectureDraft, *, now: datetime) -> None:
    """Items for the exam and items for practice go to a bank each; a practice bank comes with its first item, to the same unit."""
    require_apart(draft.items, draft.practice_items)
    course = session.execute(select(CourseRow).where(CourseRow.id == course_id)).scalar_one()
    items = {course.bank_code: draft.items}
    if draft.practice_items:
        if course.practice_bank_code is None:
            code = f"P{course_id.hex[-8:].upper()}"
            unit_id = questionbank_queries.unit_id(session, course.bank_code)
            questionbank.ensure_bank(code, UNNAMED, kind="practice", unit_id=unit_id, now=now)
            course.practice_bank_code = code
            session.flush()
        items[course.practice_bank_code] = draft.practice_items
    questionbank.replace_items(revision_id, items, now=now)


def _names_its_course(session: Session, version: queries.LectureVersion) -> bool:
    """Whether the course is called like this version: its only one ever. A name that learners know stays."""
    versions = session.execute(
        select(func.count())
        .select_from(LectureVersionRow)
        .join(LectureRow, LectureRow.id == LectureVersionRow.lecture_id)
        .where(LectureRow.course_id == version.course_id)
    ).scalar_one()
    return versions == 1


def _version(
    session: Session, revision_id: UUID, lecture_id: UUID, draft: LectureDraft, *, now: datetime
) -> LectureVersionRow:
    return LectureVersionRow(
        revision_id=revision_id,
        lecture_id=lecture_id,
        title=draft.title,
        teacher_id=_teacher(session, draft, now=now),
        outline=draft.outline,
        asset_id=draft.asset_id,
        caption_id=draft.caption_id,
    )


def _teacher(session: Session, draft: LectureDraft, *, now: datetime) -> UUID:
    """The teacher of that name, institution and post; of two authors who name a new one at once the second finds the first's."""
    names = {"name": draft.teacher_name, "institution": draft.teacher_institution, "post": draft.teacher_post}
    known = select(TeacherRow.id).filter_by(**names)
    found = session.execute(known).scalar()
    if found is None:
        insert = insert_into(TeacherRow)
        session.execute(insert.values(id=ids.new_id(now), **names).on_conflict_do_nothing())
        found = session.execute(known).scalar_one()
    return found
