"""What invigilators see of an attempt, and who may decide on more time. Requirement 32; issue "Watch an exam"."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from lms.exams.domain.attempts import State
from lms.exams.domain.watching import Before, Kind, RequestState, Seat, Verdict, may_decide, noticed, seat

NOW = datetime(2026, 11, 27, 2, 0, tzinfo=UTC)
ASKER, OTHER = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize(
    ("state", "silent_seconds", "shown"),
    [
        (State.OPEN, 0, Seat.ANSWERING),
        (State.OPEN, 60, Seat.ANSWERING),
        (State.OPEN, 60.001, Seat.SILENT),
        (State.SUBMITTED, 3600, Seat.HANDED_IN),
        (State.GRADED, 0, Seat.HANDED_IN),
        (State.VOIDED, 0, Seat.VOIDED),
    ],
)
def test_a_page_is_silent_after_more_than_sixty_seconds_while_its_attempt_is_open(
    state: State, silent_seconds: float, shown: Seat
) -> None:
    assert seat(state, NOW - timedelta(seconds=silent_seconds), NOW) is shown


@pytest.mark.parametrize(
    ("before", "found"),
    [
        (None, ()),
        (Before(2, "here"), ()),
        (Before(1, "here"), (Kind.REOPENED,)),
        (Before(2, "there"), (Kind.NETWORK,)),
        (Before(1, "there"), (Kind.REOPENED, Kind.NETWORK)),
    ],
)
def test_the_server_notices_another_page_and_another_network_but_nothing_at_the_first_sign(
    before: Before | None, found: tuple[Kind, ...]
) -> None:
    assert noticed(before, epoch=2, network="here") == found


@pytest.mark.parametrize(
    ("state", "by", "minutes", "verdict"),
    [
        (RequestState.ASKED, OTHER, 0, Verdict.MAY),
        (RequestState.ASKED, OTHER, 15, Verdict.MAY),
        (RequestState.ASKED, OTHER, 15.1, Verdict.LAPSED),
        (RequestState.ASKED, ASKER, 0, Verdict.OWN),
        (RequestState.CONFIRMED, OTHER, 0, Verdict.DECIDED),
        (RequestState.DONE, OTHER, 0, Verdict.DECIDED),
        (RequestState.DECLINED, OTHER, 0, Verdict.DECIDED),
    ],
)
def test_more_time_is_confirmed_by_a_second_person_once_and_in_time(
    state: RequestState, by: UUID, minutes: float, verdict: Verdict
) -> None:
    asked_at = NOW - timedelta(minutes=minutes)
    assert may_decide(state, ASKER, asked_at, by=by, now=NOW) is verdict
