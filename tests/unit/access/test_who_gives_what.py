"""Which role gives which one where: tables of named cases."""

from datetime import UTC, datetime, timedelta

import pytest

from lms.access.domain import granting, roles
from lms.access.domain.granting import GIVES, LASTING, PLACES, clashes, may_give, overlap, roles_to_give
from lms.kernel.permissions import Permission
from lms.kernel.principal import Grant
from lms.kernel.verdict import Allowed, Denied, Verdict

NATION, PROVINCE, UNIT, ELSEWHERE = "/a/", "/a/b/", "/a/b/c/", "/a/d/"
NATIONAL_ADMIN = Grant(roles.UNIT_ADMIN, NATION)
PROVINCE_ADMIN = Grant(roles.UNIT_ADMIN, PROVINCE)
UNIT_ADMIN = Grant(roles.UNIT_ADMIN, UNIT)
SECURITY = Grant(roles.SECURITY_ADMIN, NATION)
REACH, PLACE = Denied("reach"), Denied("place")

CASES = {
    "A_PROVINCE_GIVES_ITS_UNIT_AN_ADMIN": (PROVINCE_ADMIN, roles.UNIT_ADMIN, "unit", UNIT, Allowed()),
    "A_PROVINCE_GIVES_ITSELF_ANOTHER_ADMIN": (PROVINCE_ADMIN, roles.UNIT_ADMIN, "province", PROVINCE, Allowed()),
    "A_PROVINCE_GIVES_THE_NATION_NOTHING": (PROVINCE_ADMIN, roles.UNIT_ADMIN, "national", NATION, REACH),
    "A_PROVINCE_GIVES_ANOTHER_NOTHING": (PROVINCE_ADMIN, roles.UPLOADER, "province", ELSEWHERE, REACH),
    "A_UNIT_GIVES_ITS_PROVINCE_NOTHING": (UNIT_ADMIN, roles.UPLOADER, "province", PROVINCE, REACH),
    "A_PROVINCE_NAMES_ITS_REVIEWER": (PROVINCE_ADMIN, roles.PROVINCE_REVIEWER, "province", PROVINCE, Allowed()),
    "AN_INDUSTRY_NAMES_ITS_REVIEWER": (PROVINCE_ADMIN, roles.PROVINCE_REVIEWER, "industry", PROVINCE, Allowed()),
    "A_UNIT_HAS_NO_PROVINCE_REVIEWER": (PROVINCE_ADMIN, roles.PROVINCE_REVIEWER, "unit", UNIT, PLACE),
    "THE_NATION_NAMES_ITS_REVIEWER": (NATIONAL_ADMIN, roles.NATIONAL_REVIEWER, "national", NATION, Allowed()),
    "NO_PROVINCE_NAMES_A_NATIONAL_REVIEWER": (PROVINCE_ADMIN, roles.NATIONAL_REVIEWER, "national", NATION, REACH),
    "A_PROVINCE_HAS_NO_NATIONAL_REVIEWER": (NATIONAL_ADMIN, roles.NATIONAL_REVIEWER, "province", PROVINCE, PLACE),
    "NO_UNIT_ADMIN_MAKES_A_SECURITY_ADMIN": (NATIONAL_ADMIN, roles.SECURITY_ADMIN, "national", NATION, REACH),
    "NO_UNIT_ADMIN_MAKES_AN_AUDITOR": (NATIONAL_ADMIN, roles.AUDIT_ADMIN, "national", NATION, REACH),
    "SECURITY_MAKES_AN_AUDITOR": (SECURITY, roles.AUDIT_ADMIN, "national", NATION, Allowed()),
    "SECURITY_MAKES_THE_NATIONAL_ADMIN": (SECURITY, roles.UNIT_ADMIN, "national", NATION, Allowed()),
    "SECURITY_MAKES_NO_UPLOADER": (SECURITY, roles.UPLOADER, "unit", UNIT, REACH),
    "AN_AUDITOR_HOLDS_ONLY_THE_NATION": (SECURITY, roles.AUDIT_ADMIN, "province", PROVINCE, PLACE),
    "AN_UPLOADER_GIVES_NOTHING": (Grant(roles.UPLOADER, NATION), roles.UPLOADER, "unit", UNIT, REACH),
    "A_REVIEWER_GIVES_NOTHING": (
        Grant(roles.NATIONAL_REVIEWER, NATION),
        roles.NATIONAL_REVIEWER,
        "national",
        NATION,
        REACH,
    ),
    "NOBODY_GIVES_LEARNER": (NATIONAL_ADMIN, roles.LEARNER, "unit", UNIT, PLACE),
    "NOBODY_GIVES_WHAT_IS_UNKNOWN": (NATIONAL_ADMIN, "emperor", "national", NATION, PLACE),
}


@pytest.mark.parametrize(("giver", "role", "kind", "path", "verdict"), CASES.values(), ids=CASES.keys())
def test_who_gives_what_where(giver: Grant, role: str, kind: str, path: str, verdict: Verdict) -> None:
    assert may_give([giver], role, kind, path) == verdict


def test_who_holds_nothing_gives_nothing() -> None:
    assert may_give([], roles.UPLOADER, "unit", UNIT) == REACH
    assert roles_to_give([]) == frozenset()


def test_one_of_several_grants_is_enough_and_they_do_not_add_up() -> None:
    reach_of_one_role_of_another = [Grant(roles.UNIT_ADMIN, ELSEWHERE), Grant(roles.UPLOADER, PROVINCE)]
    assert not may_give(reach_of_one_role_of_another, roles.UPLOADER, "unit", UNIT)
    assert may_give([*reach_of_one_role_of_another, PROVINCE_ADMIN], roles.UPLOADER, "unit", UNIT)


def test_every_role_but_learner_has_a_giver_and_a_place() -> None:
    given = frozenset().union(*GIVES.values())
    assert given == PLACES.keys() == set(roles.PERMISSIONS) - {roles.LEARNER}
    assert set(GIVES) >= LASTING, "who must always be there are those who give"


def test_what_no_giver_below_the_nation_gives_is_held_over_the_nation_only() -> None:
    for role in roles.SEPARATED:
        assert PLACES[role] == {"national"}
        assert [giver for giver, given in GIVES.items() if role in given] == [roles.SECURITY_ADMIN]


@pytest.mark.parametrize("role", sorted(PLACES))
@pytest.mark.parametrize("held", sorted(PLACES))
def test_the_three_separated_roles_stand_alone(role: str, held: str) -> None:
    assert clashes(role, {held}) is (role != held and bool({role, held} & roles.SEPARATED))
    assert not clashes(role, set())


START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("until_a", "from_b", "until_b", "shared"),
    [
        (None, START + DAY, None, True),
        (START + DAY, START + DAY, None, False),
        (START + 2 * DAY, START + DAY, None, True),
        (None, START - 2 * DAY, START - DAY, False),
        (None, START - 2 * DAY, START, False),
        (None, START - 2 * DAY, START + DAY, True),
    ],
    ids=str,
)
def test_spans_share_a_moment(
    until_a: datetime | None, from_b: datetime, until_b: datetime | None, shared: bool
) -> None:
    assert overlap(START, until_a, from_b, until_b) is shared
    assert overlap(from_b, until_b, START, until_a) is shared


def test_giving_is_its_own_permission_too() -> None:
    givers = {role for role in roles.PERMISSIONS if Permission.ROLE_GRANT in roles.permissions_of(role)}
    assert givers == set(granting.GIVES)
