"""A machine over attempts: starts, openings, saves, hand-ins and time in any order, with deaths in between, checked after each step."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select

from lms.exams import service
from lms.exams.domain.attempts import SaveKey
from lms.exams.models import AnswerEventRow, AttemptQuestionRow, AttemptRow, DrawnPaperRow, ScoreRow
from lms.infra.db import reading
from lms.kernel.errors import DomainError
from lms.questionbank.models import ItemVersionRow
from tests.conftest import empty_tables
from tests.factories.account_machine.base import ANY, CRASH
from tests.factories.account_machine.crashes import Crashed, CrashPoint
from tests.factories.exams import NOW, make_candidate, make_hall, named

HOUR, GRACE = timedelta(hours=1), timedelta(seconds=3)
MOST = 3
VALUES = ([], ["A"], ["B"], ["A", "C"], ["T"], ["F"], ["Z"])  # as they are stored
TABLES = (AttemptRow, AttemptQuestionRow, AnswerEventRow, ScoreRow, DrawnPaperRow)
REFUSED = "refused"


@dataclass
class Sitting:
    """An attempt of the picture: what its page was told."""

    id: UUID
    deadline: datetime
    epoch: int = 1
    over: bool = False
    acknowledged: dict[tuple[int, int, int], list[str]] = field(default_factory=dict)
    result: Any = None


def stored(*tables: Any) -> dict[str, list[Any]]:
    """All rows of the exam's tables, in some fixed order."""
    with reading() as session:
        return {one.__tablename__: sorted(map(repr, session.execute(select(one.__table__)))) for one in tables}


class AttemptMachine(RuleBasedStateMachine):
    """Two candidates, one exam, one clock."""

    @initialize()
    def begin(self) -> None:
        empty_tables()
        self.hall = make_hall(max_attempts=MOST)
        self.people = [make_candidate(self.hall, name).person_id for name in ("甲", "乙")]
        self.sittings: dict[UUID, list[Sitting]] = {one: [] for one in self.people}
        self.now, self.seq = NOW, 0
        with reading() as session:
            rows = session.execute(select(ItemVersionRow.id, ItemVersionRow.type, ItemVersionRow.answer))
            self.keys = {row.id: (row.type, set(row.answer)) for row in rows}
        self.papers: dict[UUID, list[Any]] = {}

    def _act(self, call: Callable[[], Any], crash: int | None) -> Any:
        """What the act gave; REFUSED when it was refused, None when the process died: then all is as it was."""
        before = stored(*TABLES) if crash else None
        with CrashPoint(crash) as point:
            try:
                return call()
            except DomainError:
                return REFUSED
            except Crashed:
                pass
        assert point.hit
        assert stored(*TABLES) == before, "a dead process left half an act"
        return None

    def _who(self, drawn: int) -> tuple[UUID, Sitting | None]:
        person = self.people[drawn % 2]
        return person, self.sittings[person][-1] if self.sittings[person] else None

    @rule(who=ANY, crash=CRASH)
    def start(self, who: int, crash: int | None) -> None:
        person, last = self._who(who)
        got = self._act(lambda: service.start_or_resume(self.hall.exam_id, person, now=self.now, seed=who), crash)
        running = last is not None and not last.over
        if got is REFUSED:
            assert len(self.sittings[person]) == MOST or (running and self.now > last.deadline + GRACE)
            if running:
                last.over = True
        elif got is not None and got.created:
            assert not running and len(self.sittings[person]) < MOST
            self.sittings[person].append(Sitting(got.attempt_id, self.now + HOUR))
        elif got is not None:
            assert running and got.attempt_id == last.id and self.now <= last.deadline + GRACE
            last.epoch += 1

    @rule(who=ANY, position=st.integers(1, 31), value=st.sampled_from(VALUES), behind=st.integers(-1, 1), crash=CRASH)
    def save(self, who: int, position: int, value: list[str], behind: int, crash: int | None) -> None:
        person, last = self._who(who)
        if last is None:
            return
        self.seq += 1
        self._save(person, last, (position, max(last.epoch - behind, 0), self.seq), value, crash)

    @rule(who=ANY, other=st.sampled_from(VALUES), same=st.booleans(), crash=CRASH)
    def save_again(self, who: int, other: list[str], same: bool, crash: int | None) -> None:
        person, last = self._who(who)
        if last is None or not last.acknowledged:
            return
        key = sorted(last.acknowledged)[who % len(last.acknowledged)]
        self._save(person, last, key, last.acknowledged[key] if same else other, crash)

    def _save(
        self, person: UUID, last: Sitting, key: tuple[int, int, int], value: list[str], crash: int | None
    ) -> None:
        position, epoch, seq = key
        sent = named(last.id, position, value)
        got = self._act(
            lambda: service.save_answer(last.id, person, position, SaveKey(epoch, seq), sent, received_at=self.now),
            crash,
        )
        if got is None:
            return
        known = last.acknowledged.get(key)
        in_time = not last.over and self.now <= last.deadline + GRACE
        if got is REFUSED:
            assert known is None or known != value, "a save that was acknowledged is refused when it is repeated"
            return
        assert known == value or (known is None and in_time and epoch == last.epoch), (
            "a save that may not count was taken"
        )
        last.acknowledged[key] = value

    @rule(who=ANY, crash=CRASH)
    def hand_in(self, who: int, crash: int | None) -> None:
        person, last = self._who(who)
        if last is None:
            return
        got = self._act(lambda: service.submit(last.id, person, now=self.now), crash)
        if got is None:
            return
        assert got is not REFUSED and last.result in (None, got), "two hand-ins, two results"
        last.over, last.result = True, got

    @rule(crash=CRASH)
    def the_clock_looks(self, crash: int | None) -> None:
        handed_in = self._act(lambda: service.hand_in_if_over(self._oldest_open(), now=self.now), crash)
        if handed_in is True:
            self._find(self._oldest).over = True

    def _oldest_open(self) -> UUID:
        open_now = [one for listed in self.sittings.values() for one in listed if not one.over]
        self._oldest = open_now[0].id if open_now else UUID(int=0)
        return self._oldest

    def _find(self, attempt_id: UUID) -> Sitting:
        return next(one for listed in self.sittings.values() for one in listed if one.id == attempt_id)

    @rule(crash=CRASH)
    def draw_ahead(self, crash: int | None) -> None:
        self._act(lambda: service.draw_ahead(self.hall.exam_id, wanted=2, now=self.now, rng=Random(self.seq)), crash)

    @rule(seconds=st.sampled_from((1, 60, 1200, 3595, 3602, 3604, 7300)))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @invariant()
    def the_record_is_sound(self) -> None:
        if not hasattr(self, "hall"):
            return
        with reading() as session:
            attempts = session.execute(select(AttemptRow.__table__)).all()
            papers = session.execute(select(AttemptQuestionRow.__table__)).all()
            events = session.execute(select(AnswerEventRow.__table__)).all()
            scores = {row.attempt_id: row for row in session.execute(select(ScoreRow.__table__))}
        known = [one.id for listed in self.sittings.values() for one in listed]
        assert sorted(row.id for row in attempts) == sorted(known)
        for person in self.people:
            mine = [row for row in attempts if row.person_id == person]
            assert sum(row.state == "open" for row in mine) <= 1 and len(mine) <= MOST
            assert sorted(row.attempt_no for row in mine) == list(range(1, len(mine) + 1))
        for row in attempts:
            self._attempt_is_sound(row, papers, [one for one in events if one.attempt_id == row.id], scores.get(row.id))

    def _attempt_is_sound(self, row: Any, papers: list[Any], events: list[Any], score: Any) -> None:
        one = self._find(row.id)
        paper = sorted(repr(entry) for entry in papers if entry.attempt_id == row.id)
        assert len(paper) == 30 and self.papers.setdefault(row.id, paper) == paper, "a paper changed"
        assert row.deadline == one.deadline and row.epoch == one.epoch
        assert {(e.position, e.epoch, e.client_seq): e.value for e in events} == one.acknowledged
        assert all(e.received_at <= row.closes_at for e in events)
        assert (score is not None) == (row.state == "graded") == one.over
        if score is None:
            return
        latest = {p: value for (p, _epoch, _seq), value in sorted(one.acknowledged.items())}
        earned = sum(
            entry.points
            for entry in papers
            if entry.attempt_id == row.id and set(latest.get(entry.position, ())) == self.keys[entry.item_version_id][1]
        )
        assert (score.score, score.passed) == (earned, earned >= 60), "the independent scorer says otherwise"
