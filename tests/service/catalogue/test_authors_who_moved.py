"""Who moved to another union goes on with none of the lectures of the one before, unless they are still an uploader there."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from lms.access import service as access
from lms.access.domain import roles
from lms.access.models import RoleGrantRow
from lms.access.queries import principal_of_person
from lms.accounts.service import memberships
from lms.catalogue import queries, service
from lms.infra import schema
from lms.infra.db import reading, unit_of_work
from lms.kernel.errors import NotFound
from lms.kernel.principal import Principal
from lms.moderation import queries as moderation
from lms.questionbank import queries as questionbank
from lms.questionbank.models import BankRow
from lms.questionbank.service import read_items
from tests.factories.cadres import at_work, make_admin
from tests.factories.content import PRACTICE_ITEMS, make_draft, make_lecture, make_ready_asset, publish
from tests.factories.people import NOW, Staff, make_person

LATER = NOW + timedelta(days=1)


def moved(staff: Staff, *, still_there: bool = False) -> Principal:
    """The uploader, now of another province, with a role there."""
    there, nation = staff.land.other_unit, make_admin(staff.land.national)
    who, by = staff.uploader.person_id, at_work(nation, staff.land.national)
    memberships.move(who, there.id, from_on=NOW.date() + timedelta(days=1), by=by, reason="调动", now=LATER)
    with reading() as session:
        held = select(RoleGrantRow.id).where(RoleGrantRow.person_id == who)
        grants = () if still_there else tuple(session.execute(held).scalars())
    for one in grants:
        access.end(one, ender=nation, reason="调动", now=LATER)
    access.appoint(who, roles.UPLOADER, there.id, reason="调动", now=LATER)
    with reading() as session:
        found = principal_of_person(session, who, now=LATER)
    assert found is not None
    return found


def path_of(revision_id: UUID) -> str:
    with reading() as session:
        return moderation.revision(session, revision_id).unit_path


def test_they_revise_nothing_that_stays_behind(staff: Staff) -> None:
    old = publish(staff)
    with pytest.raises(service.LeftTheUnit):
        service.revise(old.revision_id, author=moved(staff), now=LATER)
    with reading() as session:
        assert len(moderation.of_subject(session, old.lecture_id, service.ON_ITS_WAY)) == 0


def test_they_neither_change_nor_hand_in_a_draft_that_stays_behind(staff: Staff) -> None:
    revision_id = make_lecture(staff.uploader)
    with reading() as session:
        version = queries.lecture_version(session, revision_id)
    draft = make_draft(version.asset_id, course_id=version.course_id, title="改过的标题")
    author = moved(staff)
    with pytest.raises(service.LeftTheUnit):
        service.edit_lecture(revision_id, draft, author=author, now=LATER)
    with pytest.raises(service.LeftTheUnit):
        service.submit(revision_id, author=author, now=LATER)
    with pytest.raises(service.LeftTheUnit):
        service.retract(revision_id, author=author, now=LATER)
    with reading() as session:
        assert queries.lecture_version(session, revision_id).title == version.title


def test_they_add_no_lecture_to_a_course_that_stays_behind_but_begin_new_ones(staff: Staff) -> None:
    old, author = publish(staff), moved(staff)
    asset_id = make_ready_asset(author)
    with pytest.raises(service.LeftTheUnit):
        draft = make_draft(asset_id, course_id=old.course_id, title="第二讲")
        service.create_lecture(draft, author=author, demo=False, now=LATER)
    new = service.create_lecture(make_draft(asset_id, title="新单位的课"), author=author, demo=False, now=LATER)
    assert path_of(new) == staff.land.other_unit.path


def test_who_still_is_an_uploader_there_goes_on_and_the_same_province_reviews(staff: Staff) -> None:
    old, author = publish(staff), moved(staff, still_there=True)
    assert path_of(service.revise(old.revision_id, author=author, now=LATER)) == staff.land.unit.path
    draft = make_draft(make_ready_asset(author), course_id=old.course_id, title="第二讲")
    assert path_of(service.create_lecture(draft, author=author, demo=False, now=LATER)) == staff.land.unit.path


def test_a_lecture_of_somebody_else_is_as_if_absent(staff: Staff) -> None:
    old = publish(staff)
    other = make_person(staff.land.unit, "别的上传人", grants={roles.UPLOADER: staff.land.unit})
    for refused in (service.revise, service.submit):
        with pytest.raises(NotFound):
            refused(old.revision_id, author=other, now=LATER)


def test_a_practice_bank_lies_with_the_exam_bank_of_its_course(staff: Staff) -> None:
    old = publish(staff)
    author = moved(staff, still_there=True)
    new = service.revise(old.revision_id, author=author, now=LATER)
    draft = make_draft(old.asset_id, course_id=old.course_id, practice_items=read_items(PRACTICE_ITEMS))
    service.edit_lecture(new, draft, author=author, now=LATER)
    with reading() as session:
        practice = queries.practice_bank(session, old.course_id)
        assert practice
        assert questionbank.unit_path(session, practice) == staff.land.unit.path
    with unit_of_work() as session:
        session.execute(
            update(BankRow).where(BankRow.code == practice).values(unit_id=staff.land.other_unit.id)
        )  # as it was stored before
    schema.downgrade("0040")
    schema.upgrade()
    with reading() as session:
        assert questionbank.unit_path(session, practice) == staff.land.unit.path
        assert questionbank.unit_path(session, old.bank_code) == staff.land.unit.path
