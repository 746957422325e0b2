"""Two accounts are one person's only when nothing speaks against it, and a name that was changed lately does."""

from datetime import UTC, datetime, timedelta

import pytest

from lms.accounts.domain.identity import NAME_SETTLES, Known, judge_join, without_number
from lms.kernel.verdict import Allowed, Denied

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
SAME, OTHER = Known("张三", None, has_id_number=False), Known("李四", None, has_id_number=False)
NUMBERED = Known("张三", None, has_id_number=True)
SETTLED = Known("张三", NOW - NAME_SETTLES, has_id_number=False)
RENAMED = Known("张三", NOW - NAME_SETTLES + timedelta(seconds=1), has_id_number=False)


@pytest.mark.parametrize(
    ("one", "other", "verdict"),
    [
        (SAME, SAME, Allowed()),
        (SAME, NUMBERED, Allowed()),
        (SAME, SETTLED, Allowed()),
        (NUMBERED, NUMBERED, Denied("two_people")),
        (SAME, OTHER, Denied("other_name")),
        (SAME, RENAMED, Denied("renamed")),
        (NUMBERED, RENAMED, Denied("renamed")),
    ],
)
def test_who_may_be_one(one: Known, other: Known, verdict: object) -> None:
    assert judge_join(one, other, now=NOW) == judge_join(other, one, now=NOW) == verdict


def test_without_its_number_an_identity_rests_on_the_unit() -> None:
    assert [without_number(level) for level in ("declared", "unit", "id_number")] == ["declared", "unit", "unit"]
