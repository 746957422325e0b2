"""The machine itself: each rule is one act, perhaps cut off and then tried again; afterwards everything is looked at."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, ClassVar
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from lms.catalogue import service as authoring
from lms.hours import service as hours
from lms.infra import ratelimit
from lms.infra.db import reading
from lms.kernel import ids
from lms.kernel.errors import DomainError
from lms.learning import queries, service
from lms.learning.domain.beats import Beat
from tests.conftest import empty_tables
from tests.factories import learning
from tests.factories.account_machine.base import ANY
from tests.factories.lease_machine import checks
from tests.factories.lease_machine.deaths import ANSWER_LOST, DEATH, Crashed, DriverCrashPoint
from tests.factories.lease_machine.world import START, Lecture, Stage, build

SETTLE_DAYS = 10
REFUSED = "refused"
WHO, PART = st.sampled_from((0, 1)), st.sampled_from((2, 0, 1, 2))
SPAN = st.tuples(st.integers(-20, 320), st.sampled_from((1, 15, 60, 90, 400)))
"""A start and a length in seconds; some lie before the beginning or after the end."""
STEPS = (1, 15, 60, 300, 599, 721, 3_600)


@dataclass
class Playing:
    """A lease as its page knows it."""

    id: UUID
    person: UUID
    lecture: Lecture
    session_id: UUID
    seq: int = 0
    last: Beat | None = None
    over: bool = False
    carries: tuple[str | None, ...] = (None,)


class LeaseMachine(RuleBasedStateMachine):
    """Two people, three lectures, one clock that begins in the last hours of a year; `counts` says what happened in all runs."""

    counts: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = START
        self.leases: list[Playing] = []
        self.earned = False

    @initialize()
    def begin(self) -> None:
        empty_tables()
        ratelimit.forget()
        self.stage: Stage = build()
        self.claimed: dict[UUID, dict[UUID, list[tuple[int, int]]]] = {one: {} for one in self.stage.people}
        self.acknowledged: dict[tuple[UUID, UUID], tuple[tuple[int, int], ...]] = {}
        self.withdrawn: set[UUID] = set()

    def _act(self, call: Callable[[], Any], death: int | None) -> Any:
        """What the act gave, REFUSED when it was refused. Whoever died or got no answer tries again, as pages and workers do."""
        if death is not None and death != ANSWER_LOST:
            before = checks.stored()
            with DriverCrashPoint(death) as point:
                try:
                    return call()
                except DomainError:
                    return REFUSED
                except Crashed:
                    assert point.hit
                    self.counts["died"] += 1
            assert checks.stored() == before, "a dead process left half an act"
        try:
            if death == ANSWER_LOST:
                call()
            return call()
        except DomainError:
            return REFUSED

    def _lease(self, drawn: int) -> Playing | None:
        """A lease; mostly one of the newest two."""
        if not self.leases:
            return None
        return (
            self.leases[drawn % len(self.leases)]
            if drawn % 5 == 0
            else self.leases[-1 - drawn % min(2, len(self.leases))]
        )

    @rule(who=WHO, which=PART, fetched=st.sampled_from((True, True, True, False)), death=DEATH)
    def open(self, who: int, which: int, fetched: bool, death: int | None) -> None:
        self._open(self.stage.people[who], self.stage.lectures[which], fetched, death)

    def _open(self, person: UUID, lecture: Lecture, fetched: bool, death: int | None) -> Playing | None:
        session_id = ids.new_secret_id()
        opened = self._act(
            lambda: service.open_lease(
                lecture.id, person_id=person, enrolment_id=None, session_id=session_id, now=self.now, rng=Random(1)
            ),
            death,
        )
        assert (opened is REFUSED) == (lecture.id in self.withdrawn), (
            "a lecture that is withdrawn plays, or one that is not does not"
        )
        if opened is REFUSED:
            return None
        self.leases.append(Playing(opened.lease_id, person, lecture, session_id))
        if fetched:
            learning.fetch_playlist(opened.lease_id, now=self.now)
        return self.leases[-1]

    @precondition(lambda self: self.leases)
    @rule(which=ANY, spans=st.lists(SPAN, max_size=3), final=st.sampled_from((False,) * 7 + (True,)), death=DEATH)
    def beat(self, which: int, spans: list[tuple[int, int]], final: bool, death: int | None) -> None:
        if one := self._lease(which):
            segments = tuple((start * 1000, (start + lasts) * 1000) for start, lasts in spans)
            one.seq += 1
            self._beat(one, Beat(one.seq, segments, 1000 * which, 1.0, True, final), death)

    @rule(who=WHO, which=PART, seconds=st.sampled_from((90, 15, 60, 120, 240)), death=DEATH)
    def watch(self, who: int, which: int, seconds: int, death: int | None) -> None:
        """Watches on, under the lease that still plays or a new one, and claims all that may be missing."""
        person, lecture = self.stage.people[who], self.stage.lectures[which]
        mine = [one for one in self.leases if one.person == person]
        one = mine[-1] if mine and mine[-1].lecture == lecture and not mine[-1].over else None
        one = one or self._open(person, lecture, True, None)
        if one:
            self.now += timedelta(seconds=seconds)
            one.seq += 1
            self._beat(one, Beat(one.seq, ((0, lecture.duration_ms),), 0, 1.0, True, False), death)

    @precondition(lambda self: self.leases)
    @rule(which=ANY)
    def beat_again(self, which: int) -> None:
        one = self._lease(which)
        if one and one.last:
            self._beat(one, one.last, None)
            assert self._beat(one, replace(one.last, final=False), None) == 0, (
                "the same claim in the same moment pays twice"
            )

    def _beat(self, one: Playing, beat: Beat, death: int | None) -> int:
        one.last = beat
        self.claimed[one.person].setdefault(one.lecture.asset_id, []).extend(beat.segments)
        carry = one.carries[beat.seq % len(one.carries)] if beat.seq % 3 else one.carries[-1]
        outcome = self._act(lambda: service.take_beat(one.id, beat, carry=carry, now=self.now), death)
        one.carries = (*one.carries, outcome.carry)[-4:]  # pages come back with what was true a while ago
        key = one.person, one.lecture.asset_id
        known = self.acknowledged.get(key, ())
        assert checks.within(known, outcome.watched), "acknowledged time went away"
        self.acknowledged[key] = outcome.watched
        one.over = outcome.over or beat.final
        self.counts["asked"] += outcome.presence is not None
        self.counts["completed"] += outcome.course_completed
        self.earned |= outcome.course_completed
        accepted: int = outcome.accepted_ms
        return accepted

    @precondition(lambda self: self.leases)
    @rule(which=ANY, death=DEATH)
    def answer(self, which: int, death: int | None) -> None:
        one = self._lease(which)
        check_id = one and checks.open_check(one.id)
        if one and check_id:
            told = self._act(
                lambda: service.answer_presence(one.id, check_id, "", now=self.now, rng=Random(which)), death
            )
            assert told is not REFUSED and told.presence is None

    @rule(which=ANY, death=DEATH)
    def withdraw_or_bring_back(self, which: int, death: int | None) -> None:
        lecture, by = self.stage.lectures[which % 2], self.stage.staff.national_reviewer
        act = authoring.resume if lecture.id in self.withdrawn else authoring.suspend
        assert lecture.revision_id
        revision_id = lecture.revision_id
        self._act(lambda: act(revision_id, actor=by, reason="引文有误", now=self.now), death)
        self.withdrawn ^= {lecture.id}
        checks.assert_nobody_plays(self.withdrawn)

    @precondition(lambda self: self.leases)
    @rule(which=ANY, way=st.sampled_from(("sign-out", "shut out", "silence")), death=DEATH)
    def end(self, which: int, way: str, death: int | None) -> None:
        """Somebody signs out, is shut out, or the worker looks for pages that have gone."""
        one = self._lease(which)
        assert one
        acts: dict[str, Callable[[], Any]] = {
            "sign-out": lambda: service.end_signed_out([one.session_id], now=self.now),
            "shut out": lambda: service.revoke_leases(person_id=one.person, now=self.now),
            "silence": lambda: service.expire_silent_leases(now=self.now),
        }
        self._act(acts[way], death)

    @rule(percent=st.sampled_from((100, 150, 200)), threshold=st.sampled_from((60, 95, 100)), death=DEATH)
    def decide_anew(self, percent: int, threshold: int, death: int | None) -> None:
        lecture = self.stage.lectures[-1]
        with reading() as session:
            held = queries.policy_of(session, lecture.course_id)
        policy = replace(held, max_rate_percent=percent, threshold_percent=threshold)
        by = self.stage.school.national_reviewer_id
        self._act(
            lambda: service.set_policy(
                lecture.course_id, policy, seen_version=held.version, reason="测试", actor_id=by, now=self.now
            ),
            death,
        )

    @precondition(lambda self: self.earned)
    @rule(which=ANY, again=st.booleans(), death=DEATH)
    def correct(self, which: int, again: bool, death: int | None) -> None:
        """Two persons take hours back, or credit them again."""
        entry_id = checks.an_entry(which)
        if entry_id:
            act = hours.recredit if again else hours.reverse
            by = {"actor_id": self.stage.school.author_id, "second_id": self.stage.school.national_reviewer_id}
            self._act(lambda: act(entry_id, reason="误计", now=self.now, **by), death)

    @rule(settled=st.booleans(), death=DEATH)
    def close_the_year(self, settled: bool, death: int | None) -> None:
        if settled:
            self.now = max(self.now, START + timedelta(days=SETTLE_DAYS + 1))
        closed = self._act(lambda: hours.close_year(2026, settle_days=SETTLE_DAYS, now=self.now), death)
        assert (closed is REFUSED) == (self.now < START + timedelta(hours=2, days=SETTLE_DAYS)), (
            "closed too early or too late"
        )
        self.counts["closed"] += closed is not REFUSED
        self._act(lambda: hours.follow_corrections(settle_days=SETTLE_DAYS, now=self.now), None)

    @rule(seconds=st.sampled_from(STEPS))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @invariant()
    def the_record_is_sound(self) -> None:
        if not hasattr(self, "stage"):
            return
        for person in self.stage.people:
            checks.assert_watching(person, self.claimed[person], self.acknowledged, self.stage, now=self.now)
            checks.assert_hours(person, self.stage)
        checks.assert_ledger()
