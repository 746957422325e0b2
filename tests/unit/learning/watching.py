"""A fake clock, the leases of one person over several media, and the books that an outside auditor would keep."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from lms.learning.domain.beats import Accepted, Beat, LeaseFacts, Policy, accept
from lms.learning.domain.intervals import Span

MINUTE = 60_000


@dataclass
class Person:
    """Keeps the rule of the service: one live lease for each person, a new one ends the one before."""

    policy: Policy = field(default_factory=Policy)
    duration_ms: int = 10 * MINUTE
    now: datetime = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
    watched: dict[str, tuple[Span, ...]] = field(default_factory=dict)
    leases: dict[int, tuple[str, LeaseFacts]] = field(default_factory=dict)

    def wait(self, ms: int) -> None:
        self.now += timedelta(milliseconds=ms)

    def open(self, asset: str = "video") -> int:
        for number in self.leases:
            self.end(number)
        facts = LeaseFacts(self.now, None, 0, 0, self.duration_ms, ())
        self.leases[len(self.leases) + 1] = asset, facts
        return len(self.leases)

    def end(self, lease: int) -> None:
        asset, facts = self.leases[lease]
        if facts.ended_at is None:
            self.leases[lease] = asset, replace(facts, ended_at=self.now)

    def beat(self, lease: int, *segments: object, **facts: object) -> Accepted:
        beat = Beat(
            **{"seq": 1, "segments": segments, "position_ms": 0, "rate": 1.0, "visible": True, "final": False, **facts}
        )
        asset, before = self.leases[lease]
        before = replace(before, watched=self.watched.get(asset, ()))
        answer = accept(beat, before, now=self.now, policy=self.policy)
        after = replace(before, held_ms=answer.held_ms, credited_ms=before.credited_ms + answer.credited_ms)
        self.leases[lease] = asset, after
        self.watched[asset] = answer.watched
        self.audit()
        return answer

    def credited(self) -> int:
        return sum(facts.credited_ms for _, facts in self.leases.values())

    def audit(self) -> None:
        """No lease was paid more than its real time; all that is watched was paid once."""
        for _, facts in self.leases.values():
            real = (min(self.now, facts.ended_at or self.now) - facts.opened_at) / timedelta(milliseconds=1)
            assert facts.credited_ms * 100 <= real * self.policy.max_rate_percent
        assert self.credited() == sum(end - start for spans in self.watched.values() for start, end in spans)
