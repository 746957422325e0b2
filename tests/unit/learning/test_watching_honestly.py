"""Who really watches is credited for it, whatever the network does. T6: at least 98 % of the true time."""

import pytest

from lms.learning.domain import completion
from lms.learning.domain.beats import Policy
from tests.unit.learning.watching import MINUTE, Person

BEAT = 15_000
HANDSHAKE = 40  # the lease opens on play, a moment before the first frame


class Page:
    """An honest player: plays in real time, keeps what is unsent, sends it with its own lease."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.lease = person.open()
        self.position = 0
        self.unsent: list[tuple[int, int]] = []
        person.wait(HANDSHAKE)

    def play(self, ms: int, *, online: bool = True, rate: float = 1.0) -> None:
        while ms > 0:
            real = min(BEAT, ms)
            self.person.wait(real)
            media = min(int(real * rate), self.person.duration_ms - self.position)
            self.unsent.append((self.position, self.position + media))
            self.position += media
            ms -= real
            if online:
                self.flush()

    def flush(self) -> None:
        self.person.beat(self.lease, *self.unsent, rate=1.0)
        self.unsent = []


def coverage(person: Person) -> float:
    return sum(end - start for start, end in person.watched["video"]) / person.duration_ms


def test_straight_through_is_credited_whole(person: Person) -> None:
    Page(person).play(10 * MINUTE)
    assert coverage(person) == 1.0


def test_a_network_gap_of_thirty_seconds_costs_nothing(person: Person) -> None:
    page = Page(person)
    page.play(2 * MINUTE)
    page.play(30_000, online=False)
    page.play(10 * MINUTE - 150_000)
    assert coverage(person) == 1.0


@pytest.mark.parametrize("minutes", [2, 11])
def test_a_pause_costs_nothing(person: Person, minutes: int) -> None:
    page = Page(person)
    page.play(3 * MINUTE)
    person.wait(minutes * MINUTE)
    page.play(7 * MINUTE)
    assert coverage(person) == 1.0


def test_an_hour_of_pause_with_beats_costs_nothing(person: Person) -> None:
    page = Page(person)
    page.play(3 * MINUTE)
    for _ in range(240):
        person.wait(BEAT)
        page.flush()
    page.play(7 * MINUTE)
    assert coverage(person) == 1.0


def test_seeking_back_costs_nothing(person: Person) -> None:
    page = Page(person)
    page.play(4 * MINUTE)
    page.position -= 2 * MINUTE
    page.play(8 * MINUTE)
    assert coverage(person) == 1.0


def test_many_small_seeks_lose_no_played_second_and_still_complete(person: Person) -> None:
    page = Page(person)
    for _ in range(57):
        page.play(10_000)
        page.position += 400
    assert person.credited() >= 570_000
    seen = completion.state(person.watched["video"], page.position, completion.Policy())
    assert (seen.state, seen.coverage) == (completion.State.COMPLETED, 1.0)


def test_one_and_a_half_speed_counts_where_the_course_allows_it() -> None:
    person = Person(policy=Policy(max_rate_percent=150))
    Page(person).play(400_000, rate=1.5)
    assert coverage(person) >= 0.98


def test_a_laptop_that_sleeps_goes_on_with_a_new_lease(person: Person) -> None:
    page = Page(person)
    page.play(3 * MINUTE)
    person.end(page.lease)
    person.wait(120 * MINUTE)
    second = Page(person)
    second.position = page.position
    second.play(7 * MINUTE)
    assert coverage(person) == 1.0


def test_two_sessions_in_a_row_make_one_record(person: Person) -> None:
    Page(person).play(5 * MINUTE)
    person.wait(24 * 60 * MINUTE)
    second = Page(person)
    second.position = 5 * MINUTE
    second.play(5 * MINUTE)
    assert person.watched["video"] == ((0, 10 * MINUTE),)


def test_a_superseded_page_sends_its_queue_within_ten_minutes(person: Person) -> None:
    """Requirement 25: with its own lease, up to its end."""
    page = Page(person)
    page.play(2 * MINUTE, online=False)
    person.open("other")
    person.wait(9 * MINUTE)
    page.flush()
    assert person.watched["video"] == ((0, 2 * MINUTE),)
