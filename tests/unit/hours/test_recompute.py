"""What the proof of the ledger finds where accounts were joined, and where courses were learned in classrooms."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from lms.hours.domain.recompute import Booked, Completed, Version, Watched, differences, unwatched
from lms.hours.domain.rules import Rule, RuleKind
from lms.kernel import ids
from lms.learning.domain.classroom import Paid, mostly_in_rooms_at

KEPT, GONE, COURSE, RULE = (ids.new_id() for _ in range(4))
THEN, LATER = datetime(2024, 5, 1, tzinfo=UTC), datetime(2025, 5, 1, tzinfo=UTC)
BOTH = {GONE: KEPT}
VERSION = Version(RULE, COURSE, Rule(kind=RuleKind.FIXED, version=1, hours=400), datetime(2023, 1, 1, tzinfo=UTC))
MINUTE = timedelta(minutes=1)


def completed(person_id: UUID, at: datetime, rooms: frozenset[bool] = frozenset({False})) -> Completed:
    return Completed(ids.new_id(at), person_id, COURSE, at, None, rooms)


def booked(person_id: UUID, at: datetime, ledger: str = "self_study") -> Booked:
    return Booked(ids.new_id(at), person_id, ledger, "course", COURSE, 400, RULE, at, at, at.year, None)


def found(completions: list[Completed], lines: list[Booked], joined: dict[UUID, UUID] = BOTH) -> list[str]:
    return [one.detail for one in differences(completions, [VERSION], lines, joined=joined)]


def test_each_year_in_which_one_of_two_accounts_completed_it_has_its_line() -> None:
    both = [completed(KEPT, THEN), completed(GONE, LATER)]
    lines = [booked(KEPT, THEN), booked(GONE, LATER)]
    assert found(both, lines) == []
    for line in lines:
        assert found(both, [line]) == ["a completed course has no line in the ledger"]


def test_a_line_may_be_the_kept_account_s_for_what_the_other_completed() -> None:
    assert found([completed(GONE, THEN)], [booked(KEPT, THEN)]) == []
    assert len(found([completed(GONE, THEN)], [booked(KEPT, THEN)], {})) == 2


def test_two_accounts_are_not_credited_twice_for_one_year() -> None:
    both = [completed(KEPT, THEN), completed(GONE, THEN + MINUTE)]
    lines = [booked(KEPT, THEN), booked(GONE, THEN + MINUTE)]
    assert found(both, lines) == ["the source counts twice in one year"]


@pytest.mark.parametrize(
    ("rooms", "right"),
    [({True}, {"centralized"}), ({False}, {"self_study"}), ({True, False}, {"centralized", "self_study"})],
)
def test_the_share_of_classrooms_decides_the_kind(rooms: set[bool], right: set[str]) -> None:
    for ledger in ("centralized", "self_study"):
        wrong = found([completed(KEPT, THEN, frozenset(rooms))], [booked(KEPT, THEN, ledger)])
        assert wrong == ([] if ledger in right else ["the line is in the other kind of training"])


def paid(ms: int, *, opened: int = -60, ended: int = -30, credited: int | None = None) -> Paid:
    sheet = None if credited is None else THEN + credited * MINUTE
    return Paid(ms, THEN + opened * MINUTE, THEN + ended * MINUTE, sheet)


@pytest.mark.parametrize(
    ("leases", "said"),
    [
        ([paid(60, credited=0), paid(50)], {True}),
        ([paid(40, credited=0), paid(50)], {False}),
        ([paid(60, credited=5), paid(50)], {False}),  # the sheet was credited after the course was complete
        ([paid(60, credited=0), paid(90, opened=5, ended=9)], {True}),  # watched afterwards
        ([paid(60, credited=0), paid(90, ended=9)], {True, False}),  # some of it afterwards
        ([], {False}),
    ],
)
def test_what_was_paid_by_then_tells_the_share(leases: list[Paid], said: set[bool]) -> None:
    assert mostly_in_rooms_at(leases, THEN) == said


SOUND = Watched(60_000, 60_000, 60_000, 60_000, THEN)
FORGED = Watched(10, 59_999, 60_000, 1, THEN)
UNSEEN = Watched(10, 10, 60_000, 10, None)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([SOUND], []),
        ([UNSEEN, SOUND], []),
        ([SOUND, FORGED], ["the watched time of lecture"]),
        ([UNSEEN], ["the course is completed without its lecture"]),
        ([], ["the course is completed without its lecture"]),
    ],
)
def test_one_account_is_enough_to_have_watched_and_none_is_believed_unseen(
    rows: list[Watched], said: list[str]
) -> None:
    lecture = ids.new_id()
    told = [one.detail for one in unwatched(completed(KEPT, THEN), [lecture], {lecture: rows})]
    assert [one[: len(start)] for one, start in zip(told, said, strict=True)] == said
