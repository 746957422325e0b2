"""The author reviews at no level and nobody at two. Requirement 39, invariant I6, promise M1."""

from itertools import product
from uuid import UUID

import pytest

from lms.kernel.verdict import Allowed, Denied, Verdict
from lms.moderation.domain.workflow import Level, may_review

AUTHOR, ANNA, BO = UUID(int=1), UUID(int=2), UUID(int=3)
PROVINCE, NATIONAL = Level.PROVINCE, Level.NATIONAL


@pytest.mark.parametrize(
    ("deciders", "reviewer", "level", "verdict"),
    [
        pytest.param({}, ANNA, PROVINCE, Allowed(), id="PROVINCE_BY_ANOTHER"),
        pytest.param({PROVINCE: ANNA}, BO, NATIONAL, Allowed(), id="NATIONAL_BY_A_THIRD"),
        pytest.param({}, AUTHOR, PROVINCE, Denied("author_reviews_nothing_of_their_own"), id="AUTHOR_AT_PROVINCE"),
        pytest.param(
            {PROVINCE: ANNA}, AUTHOR, NATIONAL, Denied("author_reviews_nothing_of_their_own"), id="AUTHOR_AT_NATIONAL"
        ),
        pytest.param({PROVINCE: ANNA}, ANNA, NATIONAL, Denied("one_level_for_each_person"), id="SAME_PERSON_AT_BOTH"),
        pytest.param({PROVINCE: ANNA}, BO, PROVINCE, Denied("level_already_decided"), id="SECOND_CLICK"),
        pytest.param({PROVINCE: ANNA}, ANNA, PROVINCE, Denied("level_already_decided"), id="OWN_SECOND_CLICK"),
        pytest.param({}, BO, NATIONAL, Denied("province_decides_first"), id="NATIONAL_BEFORE_PROVINCE"),
    ],
)
def test_the_verdict_about_a_reviewer(
    deciders: dict[Level, UUID], reviewer: UUID, level: Level, verdict: Verdict
) -> None:
    assert may_review(AUTHOR, deciders, reviewer, level) == verdict


def test_three_persons_are_needed_whatever_is_tried() -> None:
    for province, national in product((AUTHOR, ANNA, BO), repeat=2):
        if may_review(AUTHOR, {}, province, PROVINCE) and may_review(AUTHOR, {PROVINCE: province}, national, NATIONAL):
            assert len({AUTHOR, province, national}) == 3
