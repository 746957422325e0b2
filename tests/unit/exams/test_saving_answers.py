"""Which save of an answer counts, over pages, retries and the bell. Requirement 33, invariant I3, machine of T5."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from lms.exams.domain.attempts import (
    GRACE,
    Action,
    AnswerEvent,
    AttemptFacts,
    SaveKey,
    SaveVerdict,
    State,
    accept_save,
    advance,
)

BELL = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
BEFORE, LATE = BELL - timedelta(minutes=5), BELL + GRACE + timedelta(milliseconds=1)


def event(epoch: int, seq: int, value: str = "A") -> AnswerEvent:
    return AnswerEvent(SaveKey(epoch, seq), (value,))


@pytest.mark.parametrize(
    ("save", "twin", "newest", "state", "at", "verdict"),
    [
        pytest.param(event(2, 1), None, None, State.OPEN, BEFORE, SaveVerdict.STORED, id="FIRST_SAVE"),
        pytest.param(event(2, 5), None, (2, 4), State.OPEN, BEFORE, SaveVerdict.STORED, id="NEXT_SAVE"),
        pytest.param(event(2, 1), None, (1, 9), State.OPEN, BEFORE, SaveVerdict.STORED, id="FIRST_SAVE_OF_A_NEW_PAGE"),
        pytest.param(
            event(2, 3), None, (2, 4), State.OPEN, BEFORE, SaveVerdict.STORED_BEHIND, id="OVERTAKEN_ON_THE_WAY"
        ),
        pytest.param(event(2, 4), event(2, 4), (2, 4), State.OPEN, BEFORE, SaveVerdict.REPEATED, id="REPEATED"),
        pytest.param(
            event(2, 4),
            event(2, 4, "B"),
            (2, 4),
            State.OPEN,
            BEFORE,
            SaveVerdict.CONFLICT,
            id="OTHER_VALUE_UNDER_THE_SAME_KEY",
        ),
        pytest.param(
            event(1, 9), None, (1, 8), State.OPEN, BEFORE, SaveVerdict.OPENED_ELSEWHERE, id="PAGE_WAS_REPLACED"
        ),
        pytest.param(event(3, 1), None, None, State.OPEN, BEFORE, SaveVerdict.UNKNOWN_EPOCH, id="PAGE_THAT_NEVER_WAS"),
        pytest.param(event(2, 5), None, (2, 4), State.OPEN, BELL + GRACE, SaveVerdict.STORED, id="WITHIN_THE_GRACE"),
        pytest.param(event(2, 5), None, (2, 4), State.OPEN, LATE, SaveVerdict.LATE, id="LATE"),
        pytest.param(event(2, 5), None, (2, 4), State.SUBMITTED, BEFORE, SaveVerdict.CLOSED, id="AFTER_HAND_IN"),
        pytest.param(event(2, 5), None, (2, 4), State.GRADED, BEFORE, SaveVerdict.CLOSED, id="AFTER_GRADING"),
        pytest.param(event(2, 5), None, (2, 4), State.VOIDED, BEFORE, SaveVerdict.CLOSED, id="VOIDED"),
        pytest.param(
            event(2, 4), event(2, 4), (2, 4), State.GRADED, LATE, SaveVerdict.REPEATED, id="REPEATED_AFTER_ALL_IS_OVER"
        ),
        pytest.param(
            event(1, 4),
            event(1, 4),
            (2, 4),
            State.OPEN,
            BEFORE,
            SaveVerdict.REPEATED,
            id="REPEATED_FROM_A_REPLACED_PAGE",
        ),
        pytest.param(
            event(2, 4),
            event(2, 4, "B"),
            (2, 4),
            State.SUBMITTED,
            BEFORE,
            SaveVerdict.CLOSED,
            id="OTHER_VALUE_AFTER_HAND_IN",
        ),
    ],
)
def test_the_verdict_about_a_save(
    save: AnswerEvent,
    twin: AnswerEvent | None,
    newest: tuple[int, int] | None,
    state: State,
    at: datetime,
    verdict: SaveVerdict,
) -> None:
    attempt = AttemptFacts(state, epoch=2, deadline=BELL)
    key = SaveKey(*newest) if newest else None
    assert accept_save(save, attempt, twin=twin, newest=key, received_at=at) is verdict


def test_only_stored_and_repeated_saves_are_acknowledged() -> None:
    assert {verdict for verdict in SaveVerdict if verdict.acknowledged} == {"stored", "stored_behind", "repeated"}
    assert {verdict for verdict in SaveVerdict if verdict.stores} == {"stored", "stored_behind"}


def current(events: dict[SaveKey, AnswerEvent]) -> tuple[str, ...]:
    return events[max(events)].value if events else ()


class Attempt(RuleBasedStateMachine):
    """Pages open, save, repeat, forge and hand in while the clock runs; every acknowledgement must hold to the end."""

    def __init__(self) -> None:
        super().__init__()
        self.state, self.epoch, self.now = State.OPEN, 1, BELL - timedelta(minutes=1)
        self.events: dict[SaveKey, AnswerEvent] = {}
        self.acknowledged: dict[SaveKey, tuple[str, ...]] = {}
        self.frozen: tuple[str, ...] | None = None

    @rule(seconds=st.sampled_from([0, 1, 20, 61]))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @precondition(lambda self: self.state is State.OPEN)
    @rule()
    def open_on_another_page(self) -> None:
        self.epoch += 1

    @rule(epoch=st.integers(0, 4), seq=st.integers(1, 4), value=st.sampled_from(["A", "B", ""]))
    def save(self, epoch: int, seq: int, value: str) -> None:
        sent = AnswerEvent(SaveKey(epoch, seq), (value,) if value else ())
        facts = AttemptFacts(self.state, self.epoch, BELL)
        newest = max(self.events, default=None)
        verdict = accept_save(sent, facts, twin=self.events.get(sent.key), newest=newest, received_at=self.now)
        if verdict.stores:
            assert sent.key not in self.events
            self.events[sent.key] = sent
        if verdict.acknowledged:
            assert self.acknowledged.setdefault(sent.key, sent.value) == sent.value
        if verdict is SaveVerdict.STORED:
            assert current(self.events) == sent.value

    @precondition(lambda self: self.state is State.OPEN)
    @rule()
    def hand_in(self) -> None:
        self.state = advance(self.state, Action.SUBMIT)
        self.frozen = current(self.events)

    @precondition(lambda self: self.state is State.SUBMITTED)
    @rule()
    def grade(self) -> None:
        self.state = advance(self.state, Action.GRADE)

    @precondition(lambda self: self.state is not State.VOIDED)
    @rule()
    def void(self) -> None:
        self.state = advance(self.state, Action.VOID)
        self.frozen = current(self.events) if self.frozen is None else self.frozen

    @invariant()
    def what_was_acknowledged_is_stored(self) -> None:
        assert {key: stored.value for key, stored in self.events.items()} == self.acknowledged

    @invariant()
    def what_was_handed_in_never_changes(self) -> None:
        assert self.frozen is None or current(self.events) == self.frozen


TestAttempt = Attempt.TestCase
TestAttempt.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
