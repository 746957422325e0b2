"""Works out anew what the ledger must say, from completions, rules and what was corrected, and names every difference."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from lms.hours.domain.rules import Rule, RuleKind, count_year
from lms.hours.domain.targets import Ledger

COURSE = "course"
_NOT_WATCHED = "the course is completed without its lecture {}"


@dataclass(frozen=True, slots=True)
class Completed:
    """A course that somebody completed, the kind of the class it was for; None without one.

    `in_rooms`: what may be said of whether they learned the larger part of it in classrooms.
    """

    id: UUID
    person_id: UUID
    course_id: UUID
    at: datetime
    class_kind: str | None
    in_rooms: frozenset[bool] = frozenset({False})

    def kinds(self) -> frozenset[str]:
        """The kinds of training that its line may be in."""
        own = self.class_kind or Ledger.SELF_STUDY
        return frozenset(Ledger.CENTRALIZED if rooms else own for rooms in self.in_rooms)


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a course's rule and when it was decided."""

    id: UUID
    course_id: UUID
    rule: Rule
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Booked:
    """A line of the ledger."""

    id: UUID
    person_id: UUID
    ledger: str
    source: str
    source_id: UUID
    hours: int
    rule_id: UUID | None
    earned_at: datetime
    written_at: datetime
    count_year: int
    reversal_of: UUID | None


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that does not agree; `row` is the line, or the completion that has none."""

    row: UUID
    detail: str


def differences(
    completions: Iterable[Completed],
    versions: Iterable[Version],
    entries: Iterable[Booked],
    *,
    deferred: frozenset[tuple[UUID, UUID]] = frozenset(),
    joined: Mapping[UUID, UUID] = MappingProxyType({}),
) -> Iterator[Difference]:
    """Everything in which the ledger is not what completions, rules and corrections make it, in the order of its lines.

    `deferred`: (person, course) whose hours wait for another day. `joined`: whose account each joined one is: what one account
    completed, the other one may have been credited.
    """

    def whose(person_id: UUID) -> UUID:
        return joined.get(person_id, person_id)

    done: dict[tuple[UUID, UUID], list[Completed]] = defaultdict(list)
    for one in completions:
        done[whose(one.person_id), one.course_id].append(one)
    rules = {one.id: one for one in versions}
    by_course: dict[UUID, list[Version]] = defaultdict(list)
    for version in rules.values():
        by_course[version.course_id].append(version)
    booked = sorted(entries, key=lambda one: one.id)
    lines = {one.id: one for one in booked}
    for line in booked:
        if line.reversal_of is not None:
            yield from _reversal(line, lines.get(line.reversal_of))
        elif line.source == COURSE:
            completed = _completion(line, done.get((whose(line.person_id), line.source_id), []))
            yield from _course(line, completed, rules, by_course[line.source_id])
    credited = {
        (whose(one.person_id), one.source_id, one.count_year)
        for one in booked
        if one.source == COURSE and not one.reversal_of
    }
    waiting = {(whose(person_id), course_id) for person_id, course_id in deferred}
    for key, of_person in done.items():
        for found in of_person:
            if key not in waiting and (*key, count_year(found.at)) not in credited:
                yield Difference(found.id, "a completed course has no line in the ledger")
    yield from _standing_twice(booked, whose)


def _completion(line: Booked, completions: Sequence[Completed]) -> Completed | None:
    """The completion that a line rests on: that of its moment, of two joined accounts that both completed the course."""
    return min(completions, key=lambda one: (one.at != line.earned_at, one.id), default=None)


def _reversal(line: Booked, taken: Booked | None) -> Iterator[Difference]:
    if taken is None or taken.reversal_of is not None:
        yield Difference(line.id, "the reversal names no line that it could take back")
    elif (line.person_id, line.ledger, line.count_year, line.hours) != (
        taken.person_id,
        taken.ledger,
        taken.count_year,
        -taken.hours,
    ):
        yield Difference(line.id, "the reversal does not take back what its line brought")


def _course(
    line: Booked, completed: Completed | None, rules: Mapping[UUID, Version], of_course: list[Version]
) -> Iterator[Difference]:
    if completed is None:
        yield Difference(line.id, "nobody completed the course of this line")
        return
    if line.earned_at != completed.at:
        yield Difference(line.id, "the line was not earned when the course was completed")
    if line.count_year != count_year(completed.at):
        yield Difference(line.id, f"the line counts in {line.count_year}, the course was completed in another year")
    if line.ledger not in completed.kinds():
        yield Difference(line.id, "the line is in the other kind of training")
    version = rules.get(line.rule_id) if line.rule_id else None
    if version is None or version.course_id != line.source_id:
        yield Difference(line.id, "the line's rule is not one of its course")
        return
    if version.rule.kind is RuleKind.FIXED and version.rule.hours != line.hours:
        yield Difference(line.id, f"the line brings {line.hours} hundredths, its rule {version.rule.hours}")
    held = max((one.rule.version for one in of_course if one.decided_at <= line.written_at), default=None)
    if version.rule.version != held:
        yield Difference(line.id, f"the line was written by version {version.rule.version}, version {held} held then")


def _standing_twice(booked: list[Booked], whose: Callable[[UUID], UUID]) -> Iterator[Difference]:
    taken = {one.reversal_of for one in booked}
    standing: dict[tuple[UUID, str, UUID, int], UUID] = {}
    for one in booked:
        if one.reversal_of is not None or one.id in taken:
            continue
        key = (whose(one.person_id), one.source, one.source_id, one.count_year)
        if key in standing:
            yield Difference(one.id, "the source counts twice in one year")
        standing[key] = one.id


@dataclass(frozen=True, slots=True)
class Watched:
    """What a person has of one lecture, in media milliseconds: `paid_ms` is what their leases were paid, None without any.

    `spans_ms` is what the watched spans cover.

    A lecture that is covered to its last millisecond may have been taken over without a lease (records from elsewhere), so
    only what is covered in part is held against the leases.
    """

    spans_ms: int
    covered_ms: int
    duration_ms: int
    paid_ms: int | None
    completed_at: datetime | None


def unwatched(
    completed: Completed, asked: Iterable[UUID], watched: Mapping[UUID, Sequence[Watched]]
) -> Iterator[Difference]:
    """What speaks against a completion: a lecture of that day that was not watched, or time that no lease was paid.

    `watched`: by lecture what the person has of it under each of their accounts; one of them is enough, and all are sound.
    """
    for asset_id in asked:
        counted = [
            one
            for one in watched.get(asset_id, ())
            if one.completed_at is not None and one.completed_at <= completed.at
        ]
        faults = [fault for one in counted if (fault := _fault(one))] if counted else [_NOT_WATCHED]
        for fault in faults:
            yield Difference(completed.id, fault.format(asset_id))


def _fault(one: Watched) -> str | None:
    if one.covered_ms != one.spans_ms:
        return "the watched time of lecture {} is not what its spans cover"
    if one.covered_ms < one.duration_ms and one.covered_ms > (one.paid_ms or 0):
        return "more of lecture {} counts as watched than its leases were paid"
    return None
