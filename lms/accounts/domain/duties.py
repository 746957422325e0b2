"""What a person has to do before anything else (requirements 62, 65 and 74), and how long they may do nothing (64)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from lms.kernel.principal import Duty


@dataclass(frozen=True)
class Rules:
    """What the settings say of duties and of idling."""

    password_max_days_privileged: int
    idle_minutes_learner: int
    idle_minutes_staff: int

    def idle(self, *, privileged: bool) -> timedelta:
        """How long somebody may do nothing."""
        return timedelta(minutes=self.idle_minutes_staff if privileged else self.idle_minutes_learner)


@dataclass(frozen=True)
class Standing:
    """What is known of an account when its holder acts; `privileged` means any role beside learner."""

    privileged: bool
    new_password_asked: bool
    has_password: bool
    password_at: datetime
    has_second_factor: bool
    accepted_privacy: bool


def duty(standing: Standing, rules: Rules, *, now: datetime) -> Duty | None:
    """The first thing to do, None when nothing is left.

    The password comes first, because who signed in with a one-time code has none; then the second factor of every role;
    then the privacy notice in its newest version.
    """
    too_old = now - standing.password_at > timedelta(days=rules.password_max_days_privileged)
    if standing.new_password_asked or not standing.has_password or (standing.privileged and too_old):
        return Duty.PASSWORD
    if standing.privileged and not standing.has_second_factor:
        return Duty.SECOND_FACTOR
    if not standing.accepted_privacy:
        return Duty.PRIVACY
    return None
