"""The page of an entry names lectures as they were approved, whatever an author writes into a new version."""

from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy import select

from lms.catalogue.models import LectureRow, LectureVersionRow
from lms.infra.db import reading, unit_of_work
from lms.moderation.models import RevisionRow
from lms.moderation.service import create_revision
from tests.factories.learning import Course
from tests.web.hours.conftest import TODAY


def test_a_draft_of_a_new_version_gives_no_title(
    learner: FlaskClient, courses: tuple[Course, Course], entries: tuple[UUID, UUID]
) -> None:
    page = f"/me/hours/entries/{entries[1]}"
    with reading() as session:
        row = session.execute(
            select(LectureVersionRow)
            .join(LectureRow, LectureRow.live_revision_id == LectureVersionRow.revision_id)
            .where(LectureRow.course_id == courses[1].id)
        ).scalars().first()  # fmt: skip
        assert row
        values = {one.name: getattr(row, one.name) for one in LectureVersionRow.__table__.columns}
        old = session.get_one(RevisionRow, row.revision_id)
        author, path = old.author_id, old.unit_path
    assert values["title"] in learner.get(page).text
    title = "没有审核过的标题"
    with unit_of_work() as session:
        new = create_revision(
            kind="lecture", subject_id=values["lecture_id"], title=title, author_id=author, unit_path=path, now=TODAY
        )
        session.add(LectureVersionRow(**values | {"revision_id": new, "title": title}))
    shown = learner.get(page).text
    assert title not in shown and values["title"] in shown
