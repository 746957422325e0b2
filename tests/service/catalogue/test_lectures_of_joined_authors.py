"""Who turned out to be the author under another account goes on with their lectures, and reviews none of them."""

from datetime import timedelta

import pytest

from lms.access import service as access
from lms.access.domain import roles
from lms.access.queries import principal_of_person
from lms.catalogue import queries, service
from lms.infra.db import reading
from lms.kernel.principal import Principal
from lms.moderation import queries as moderation
from lms.moderation.domain.workflow import State
from lms.video import service as video
from tests.factories.content import make_draft, make_lecture, make_ready_asset, publish
from tests.factories.joining import as_one
from tests.factories.people import NOW, Staff, make_person

LATER = NOW + timedelta(days=1)


@pytest.fixture
def kept(staff: Staff) -> Principal:
    """An uploader of the same unit; whoever the author was turns out to be them."""
    person_id = make_person(staff.land.unit, "作者").person_id
    access.appoint(person_id, roles.UPLOADER, staff.land.unit.id, reason="聘任", now=NOW)
    with reading() as session:
        found = principal_of_person(session, person_id, now=LATER)
    assert found is not None
    return found


def test_they_go_on_with_a_draft(staff: Staff, kept: Principal) -> None:
    revision_id = make_lecture(staff.uploader)
    as_one(kept.person_id, staff.uploader.person_id)
    with reading() as session:
        version = queries.lecture_version(session, revision_id)
        assert [one.id for one in moderation.of_author(session, kept.person_id)] == [revision_id]
        assert [one for one, _title in queries.courses_of_author(session, kept.person_id)] == [version.course_id]
    draft = make_draft(version.asset_id, course_id=version.course_id, title="改过的标题")
    service.edit_lecture(revision_id, draft, author=kept, now=LATER)
    service.submit(revision_id, author=kept, now=LATER)
    with reading() as session:
        assert moderation.revision(session, revision_id).state is State.PROVINCE_REVIEW
        assert (
            moderation.queue(session, State.PROVINCE_REVIEW, [staff.land.national.path], but_not=kept.person_id) == ()
        )
    service.retract(revision_id, author=kept, now=LATER)


def test_they_revise_and_add_to_a_course(staff: Staff, kept: Principal) -> None:
    old, spare = publish(staff), make_ready_asset(staff.uploader)
    as_one(kept.person_id, staff.uploader.person_id)
    new = service.revise(old.revision_id, author=kept, now=LATER)
    second = service.create_lecture(
        make_draft(spare, course_id=old.course_id, title="第二讲"), author=kept, demo=False, now=LATER
    )
    with reading() as session:
        assert {one.id for one in moderation.of_author(session, kept.person_id)} == {old.revision_id, new, second}
    assert not video.try_again(spare, owner_id=kept.person_id, now=LATER), "theirs, and it has not failed"
