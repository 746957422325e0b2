"""A unit that moves takes along what it handed in: today's reviewers of its new place see it."""

from uuid import uuid4

from lms.infra.db import reading
from lms.moderation import queries, service
from lms.organisations import queries as units
from lms.organisations.events import units_moved
from tests.factories.people import NOW, Staff


def revision_of(staff: Staff) -> object:
    return service.create_revision(
        kind="lecture",
        subject_id=uuid4(),
        title="劳动关系与工会",
        author_id=staff.uploader.person_id,
        unit_path=staff.land.unit.path,
        now=NOW,
    )


def test_a_revision_follows_its_unit_and_no_other(staff: Staff) -> None:
    revision_of(staff)
    other = service.create_revision(
        kind="lecture",
        subject_id=uuid4(),
        title="别处的课",
        author_id=staff.uploader.person_id,
        unit_path=staff.land.other_unit.path,
        now=NOW,
    )
    target = f"{staff.land.other_province.path}{staff.land.unit.path.split('/')[-2]}/"
    units_moved.send(None, moves=[(staff.land.unit.path, target)], at=NOW)
    with reading() as session:
        here = queries.in_state(session, list(queries.State), [staff.land.province.path])
        there = queries.in_state(session, list(queries.State), [staff.land.other_province.path])
        assert units.unit(session, staff.land.unit.id).path == staff.land.unit.path  # the signal alone moves no unit
    assert not here
    assert {found.id for found in there} >= {other}
    assert len(there) == 2
