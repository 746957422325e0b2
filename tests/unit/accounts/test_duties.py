"""What comes first of what a person has to do."""

from datetime import UTC, datetime, timedelta

import pytest

from lms.accounts.domain.duties import Rules, Standing, duty
from lms.kernel.principal import Duty, Stay

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
RULES = Rules(password_max_days_privileged=90, idle_minutes_learner=30, idle_minutes_staff=15)
DONE = {
    "privileged": False,
    "new_password_asked": False,
    "has_password": True,
    "password_at": NOW,
    "has_second_factor": False,
    "accepted_privacy": True,
}
STAFF = {"privileged": True, "has_second_factor": True}
OLD = {"password_at": NOW - timedelta(days=90, seconds=1)}


@pytest.mark.parametrize(
    ("known", "first"),
    [
        ({}, None),
        (STAFF, None),
        ({"new_password_asked": True}, Duty.PASSWORD),
        ({"has_password": False}, Duty.PASSWORD),
        (OLD, None),
        (STAFF | OLD, Duty.PASSWORD),
        (STAFF | {"has_second_factor": False}, Duty.SECOND_FACTOR),
        ({"accepted_privacy": False}, Duty.PRIVACY),
        (STAFF | {"has_second_factor": False, "accepted_privacy": False}, Duty.SECOND_FACTOR),
        (STAFF | {"has_second_factor": False, "has_password": False, "accepted_privacy": False}, Duty.PASSWORD),
    ],
)
def test_the_first_duty(known: dict[str, object], first: Duty | None) -> None:
    assert duty(Standing(**(DONE | known)), RULES, now=NOW) is first  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("minutes", "idled", "left"), [(0, False, 35), (30, False, 5), (35, False, 0), (35.01, True, 0)]
)
def test_a_stay_lasts_until_no_act_can_be_missing(minutes: float, idled: bool, left: int) -> None:
    stay = Stay(NOW, NOW + timedelta(hours=12), RULES.idle(privileged=False))
    now = NOW + timedelta(minutes=minutes)
    assert (stay.idled(now), stay.left(now) // timedelta(minutes=1)) == (idled, left)


def test_no_stay_outlasts_its_hours() -> None:
    stay = Stay(NOW, NOW + timedelta(minutes=5), RULES.idle(privileged=False))
    assert stay.left(NOW) == timedelta(minutes=5)
