"""Authors who hand in at the same moment as others, and what is taken away beside them."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select

from lms.access.domain import roles
from lms.access.queries import principal_of_person
from lms.accounts.service import memberships
from lms.catalogue import queries, service
from lms.catalogue.models import TeacherRow
from lms.infra.db import reading
from lms.kernel.errors import Forbidden, NotFound
from lms.moderation import queries as moderation
from tests.factories import content
from tests.factories.cadres import at_work, make_admin
from tests.factories.people import NOW, Staff, make_person
from tests.factories.together import beside

LATER = NOW + timedelta(days=1)


@pytest.mark.postgres
def test_two_authors_name_a_new_teacher_at_once(clean: Flask, staff: Staff) -> None:
    other = make_person(staff.land.other_unit, "别的上传人", grants={roles.UPLOADER: staff.land.other_unit})
    one, two = content.make_ready_asset(staff.uploader), content.make_ready_asset(other)
    made = beside(
        lambda: content.make_lecture(staff.uploader, asset_id=one),
        lambda: content.make_lecture(other, asset_id=two),
    )
    assert isinstance(made, UUID), repr(made)[:300]
    with reading() as session:
        named = {
            queries.lecture_version(session, one.id).teacher.name
            for one in moderation.of_author(session, other.person_id)
        }
        known = session.execute(select(func.count()).select_from(TeacherRow)).scalar_one()
    assert (len(named), known) == (1, 1)


@pytest.mark.postgres
def test_two_lectures_of_a_course_get_their_first_practice_items_at_once(clean: Flask, staff: Staff) -> None:
    old = content.publish(staff)
    titles = ("第二讲", "第三讲")
    drafts = [content.make_lecture(staff.uploader, course_id=old.course_id, title=title) for title in titles]
    items = content.read_items(content.PRACTICE_ITEMS)

    def edits(revision_id: UUID, title: str) -> Callable[[], None]:
        with reading() as session:
            asset_id = queries.lecture_version(session, revision_id).asset_id
        draft = content.make_draft(asset_id, course_id=old.course_id, title=title, practice_items=items)
        return lambda: service.edit_lecture(revision_id, draft, author=staff.uploader, now=NOW)

    first, second = (edits(*one) for one in zip(drafts, titles, strict=True))
    assert beside(first, second) is None
    with reading() as session:
        assert [len(queries.lecture_version(session, one).practice_items) for one in drafts] == [len(items)] * 2


@pytest.mark.postgres
def test_a_video_that_is_discarded_while_a_lecture_takes_it_is_as_if_absent(clean: Flask, staff: Staff) -> None:
    asset_id = content.make_ready_asset(staff.uploader, now=NOW - timedelta(days=8))
    found = beside(
        lambda: service.discard_unused_videos(now=NOW),
        lambda: content.make_lecture(staff.uploader, asset_id=asset_id),
    )
    assert isinstance(found, NotFound), repr(found)[:200]


def test_who_is_an_uploader_only_where_they_were_goes_on_with_their_course(clean: Flask, staff: Staff) -> None:
    old, chief = content.publish(staff), make_admin(staff.land.national)
    memberships.move(
        staff.uploader.person_id,
        staff.land.other_unit.id,
        from_on=LATER.date(),
        by=at_work(chief, staff.land.national),
        reason="调动",
        now=LATER,
    )
    with reading() as session:
        author = principal_of_person(session, staff.uploader.person_id, now=LATER)
    assert author and author.unit_id == staff.land.other_unit.id
    asset_id = content.make_ready_asset(author)
    draft = content.make_draft(asset_id, course_id=old.course_id, title="第二讲")
    assert service.create_lecture(draft, author=author, demo=False, now=LATER)
    begun = content.make_draft(asset_id, course_id=None, title="新课")
    with pytest.raises(Forbidden) as refused:
        service.create_lecture(begun, author=author, demo=False, now=LATER)
    assert type(refused.value) is Forbidden, "a new course would be of where they are now"
