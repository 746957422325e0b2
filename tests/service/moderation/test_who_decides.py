"""Nobody reviews their own work, nobody decides at two levels, nobody decides outside their scope. I6, requirement 39."""

import pytest

from lms.access.domain import roles
from lms.catalogue import service as authoring
from lms.infra.db import reading
from lms.kernel.errors import NotFound
from lms.kernel.principal import Principal
from lms.moderation import queries
from lms.moderation.domain.workflow import Level, State
from lms.moderation.service import MayNotReview
from tests.factories.content import approve, hand_in
from tests.factories.people import Staff, make_person


def person_with_all_roles(staff: Staff) -> Principal:
    national = staff.land.national
    grants = {
        roles.UPLOADER: national,
        roles.PROVINCE_REVIEWER: staff.land.province,
        roles.NATIONAL_REVIEWER: national,
    }
    return make_person(staff.land.unit, "身兼数职", grants=grants)


def test_an_author_with_every_role_decides_at_no_level(staff: Staff) -> None:
    everything = person_with_all_roles(staff)
    revision_id = hand_in(everything)
    with pytest.raises(MayNotReview):
        approve(revision_id, Level.PROVINCE, everything)
    approve(revision_id, Level.PROVINCE, staff.province_reviewer)
    with pytest.raises(MayNotReview):
        approve(revision_id, Level.NATIONAL, everything)


def test_the_same_person_does_not_decide_at_both_levels(staff: Staff) -> None:
    both = person_with_all_roles(staff)
    revision_id = hand_in(staff.uploader)
    assert approve(revision_id, Level.PROVINCE, both) is State.NATIONAL_REVIEW
    with pytest.raises(MayNotReview):
        approve(revision_id, Level.NATIONAL, both)
    with reading() as session:
        assert queries.revision(session, revision_id).state is State.NATIONAL_REVIEW
        assert len(queries.reviews(session, revision_id)) == 1


@pytest.mark.parametrize("who", ["other_province_reviewer", "national_reviewer", "learner", "uploader"])
def test_without_the_levels_permission_over_the_unit_it_does_not_exist(staff: Staff, who: str) -> None:
    revision_id = hand_in(staff.uploader)
    with pytest.raises(NotFound):
        approve(revision_id, Level.PROVINCE, getattr(staff, who))


def test_a_province_reviewer_does_not_decide_for_the_nation(staff: Staff) -> None:
    revision_id = hand_in(staff.uploader)
    approve(revision_id, Level.PROVINCE, staff.province_reviewer)
    with pytest.raises(NotFound):
        approve(revision_id, Level.NATIONAL, staff.province_reviewer)


def test_the_seat_says_who_may_look_and_decide(staff: Staff) -> None:
    both = person_with_all_roles(staff)
    revision_id = hand_in(staff.uploader)

    def seat(person: Principal) -> authoring.Seat | None:
        try:
            with reading() as session:
                return authoring.seat(session, revision_id, person)
        except NotFound:
            return None

    assert seat(staff.province_reviewer) == authoring.Seat(Level.PROVINCE, None, may_withdraw=False)
    for nobody in (staff.other_province_reviewer, staff.national_reviewer, staff.learner, staff.uploader):
        assert seat(nobody) is None
    approve(revision_id, Level.PROVINCE, both)
    assert seat(staff.province_reviewer) is None
    assert seat(staff.national_reviewer) == authoring.Seat(Level.NATIONAL, None, may_withdraw=False)
    assert seat(both) == authoring.Seat(Level.NATIONAL, "one_level_for_each_person", may_withdraw=False)
    approve(revision_id, Level.NATIONAL, staff.national_reviewer)
    assert seat(both) == authoring.Seat(None, None, may_withdraw=True)
    assert seat(staff.second_national_reviewer) == authoring.Seat(None, None, may_withdraw=True)
    assert seat(staff.province_reviewer) is None
