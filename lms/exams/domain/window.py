"""When attempts at an exam may begin and when keys may show, on the calendar of Shanghai: never both at once."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from lms.exams.domain.attempts import State
from lms.kernel.clock import SHANGHAI

HELD = "implement"
SHOWN = "full"


@dataclass(frozen=True, slots=True)
class Window:
    """Phase, first and last day of a class, and the longest that an attempt at its exam can last, grace included.

    `last_sitting_at`: when the last make-up sitting with a time of its own ends; `busy_until`: when the last of those who
    are at work must be done, with whatever time they were allowed.
    """

    phase: str
    starts_on: date
    ends_on: date
    longest: timedelta
    last_sitting_at: datetime | None = None
    busy_until: datetime | None = None

    def may_begin(self, now: datetime) -> bool:
        """Whether attempts may begin: the class is held and today is one of its days."""
        return self.phase == HELD and self.starts_on <= now.astimezone(SHANGHAI).date() <= self.ends_on

    def over(self, now: datetime) -> bool:
        """Whether nobody may begin any more and the attempt that began last has run out.

        It waits for the days of the class whatever its phase is, as an attempt begun before a change of phase goes on.
        """
        midnight = datetime.combine(self.ends_on + timedelta(days=1), time(), SHANGHAI)
        last = midnight if self.last_sitting_at is None else max(midnight, self.last_sitting_at)
        return now >= last + self.longest and (self.busy_until is None or now >= self.busy_until)


def keys_may_show(
    state: State, review: str, window: Window, now: datetime, *, review_from: datetime | None = None
) -> bool:
    """Whether keys and explanations may leave: graded, by a policy that shows them, over for everybody, not before `review_from`."""
    late_enough = review_from is None or now >= review_from
    return state is State.GRADED and review == SHOWN and late_enough and window.over(now)
