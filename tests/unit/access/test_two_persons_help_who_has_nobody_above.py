"""For whom it takes two, who may be one of the two, and when the second one may confirm."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from lms.access.domain import pairing, roles as r
from lms.access.domain.pairing import SETTLED, WINDOW, Asked, Help, Seat
from lms.kernel.principal import Grant

NOW = datetime(2026, 11, 27, 1, 0, tzinfo=UTC)
NATION, PROVINCE = "/n/", "/n/zj/"
CODE, FACTOR = Help.SIGN_IN_CODE, Help.SECOND_FACTOR
HELPED, ASKER, OTHER = (UUID(int=number) for number in (1, 2, 3))


@pytest.mark.parametrize(
    ("held", "code", "factor"),
    [
        ((), False, False),
        (((r.UNIT_ADMIN, NATION),), True, False),  # a security administrator resets their second factor alone
        (((r.UNIT_ADMIN, NATION), (r.UPLOADER, NATION)), True, True),  # and gives no uploaders
        (((r.SECURITY_ADMIN, NATION),), True, True),
        (((r.SYSTEM_ADMIN, NATION),), True, False),
        (((r.AUDIT_ADMIN, NATION),), True, False),
        (((r.NATIONAL_REVIEWER, NATION),), False, False),
        (((r.UNIT_ADMIN, PROVINCE),), False, False),
        (((r.CLASS_TUTOR, PROVINCE), (r.UPLOADER, NATION)), False, False),
    ],
)
def test_for_whom_it_takes_two(held: tuple[tuple[str, str], ...], code: bool, factor: bool) -> None:
    theirs = [Grant(role, path) for role, path in held]
    assert pairing.needs_two(CODE, theirs, NATION) is code
    assert pairing.needs_two(FACTOR, theirs, NATION) is factor


@pytest.mark.parametrize(
    ("mine", "theirs", "fits"),
    [
        (r.UNIT_ADMIN, r.UNIT_ADMIN, True),
        (r.SECURITY_ADMIN, r.UNIT_ADMIN, True),
        (r.SECURITY_ADMIN, r.SECURITY_ADMIN, True),
        (r.SECURITY_ADMIN, r.AUDIT_ADMIN, True),
        (r.UNIT_ADMIN, r.SECURITY_ADMIN, False),
        (r.SYSTEM_ADMIN, r.SYSTEM_ADMIN, False),
        (r.AUDIT_ADMIN, r.AUDIT_ADMIN, False),
        (r.CLASS_TUTOR, r.UNIT_ADMIN, False),
    ],
)
def test_one_of_the_two_is_who_could_give_each_of_the_roles(mine: str, theirs: str, fits: bool) -> None:
    seats = [Seat(mine, NATION, NOW - SETTLED)]
    assert pairing.fits(seats, [Grant(theirs, NATION)], now=NOW) is fits


def test_a_role_over_less_is_not_enough() -> None:
    assert not pairing.fits([Seat(r.UNIT_ADMIN, PROVINCE, NOW - SETTLED)], [Grant(r.UNIT_ADMIN, NATION)], now=NOW)


def test_a_role_given_today_does_not_count() -> None:
    fresh = Seat(r.UNIT_ADMIN, NATION, NOW - SETTLED + timedelta(milliseconds=1))
    assert not pairing.fits([fresh], [Grant(r.UNIT_ADMIN, NATION)], now=NOW)


@pytest.mark.parametrize(
    ("who", "waited", "is_open", "refusal"),
    [
        (OTHER, timedelta(0), True, None),
        (OTHER, WINDOW - timedelta(milliseconds=1), True, None),
        (OTHER, WINDOW, True, "late"),
        (OTHER, timedelta(0), False, "settled"),
        (ASKER, timedelta(0), True, "asker"),
        (HELPED, timedelta(0), True, "helped"),
    ],
)
def test_who_may_confirm_and_when(who: UUID, waited: timedelta, is_open: bool, refusal: str | None) -> None:
    verdict = pairing.may_confirm(Asked(HELPED, ASKER, NOW, is_open), who, now=NOW + waited)
    assert getattr(verdict, "reason", None) == refusal
