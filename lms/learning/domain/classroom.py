"""Where on the clock a room's screen played what, and which of it a person saw who was there from then to then.

All times are whole milliseconds: "real" ones count from the opening of the session on the server's clock, "media" ones are
places in the video. A room plays second for second. docs/watch-time.md works examples.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lms.learning.domain.intervals import Span, length, subtract, union

PATIENCE_MS = 720_000
"""What a screen reports late by more than this is lost, as it is for a single viewer."""
CODE_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Play:
    """In real time [real_from, real_to) the screen played the media from `media_from` on."""

    real_from: int
    real_to: int
    media_from: int


@dataclass(frozen=True, slots=True)
class Clock:
    """What a room knows of real time at a report: now, since when the screen may have played, and what pays nothing.

    `taken` are the plays that are known already, `held` the spans in which a presence check stood unanswered.
    """

    now: int
    since: int
    taken: Sequence[Play]
    held: Sequence[Span]


def place(claimed: Iterable[Span], duration_ms: int, clock: Clock) -> tuple[tuple[Play, ...], int]:
    """Puts reported media time on the latest real time that is still free; returns the plays and what found no room.

    No moment is used twice, so that whoever sits in the room can never see more media than time goes by. The free time is
    filled in the order of the media; where there is too little, the end of the report finds no room.
    """
    spans = union((max(0, start), min(end, duration_ms)) for start, end in claimed)
    wanted = length(spans)
    free = _latest(_free(clock), wanted)
    plays: list[Play] = []
    rest = list(free)
    for start, end in spans:
        at = start
        while at < end and rest:
            real_from, real_to = rest[0]
            step = min(end - at, real_to - real_from)
            plays.append(Play(real_from, real_from + step, at))
            at += step
            rest[0:1] = [(real_from + step, real_to)] if real_from + step < real_to else []
    return tuple(plays), wanted - length(free)


def _free(clock: Clock) -> tuple[Span, ...]:
    earliest = max(clock.since, clock.now - PATIENCE_MS)
    used = [(play.real_from, play.real_to) for play in clock.taken]
    return subtract([(earliest, clock.now)], [*used, *clock.held])


def _latest(free: Sequence[Span], wanted: int) -> tuple[Span, ...]:
    """The last `wanted` milliseconds of some spans, or all of them."""
    chosen: list[Span] = []
    for start, end in reversed(free):
        if wanted <= 0:
            break
        chosen.append((max(start, end - wanted), end))
        wanted -= end - start
    return tuple(reversed(chosen))


def seen(plays: Iterable[Play], from_ms: int, until_ms: int) -> tuple[Span, ...]:
    """The media that played between two real moments: what a person saw who was there."""
    parts = ((max(play.real_from, from_ms), min(play.real_to, until_ms), play) for play in plays)
    return union(
        (play.media_from + start - play.real_from, play.media_from + end - play.real_from)
        for start, end, play in parts
        if start < end
    )


def joined(plays: Iterable[Play]) -> tuple[Play, ...]:
    """The same plays in order of real time, with those that go on without a break as one."""
    out: list[Play] = []
    for play in sorted(plays, key=lambda one: one.real_from):
        before = out[-1] if out else None
        goes_on = (
            before is not None
            and before.real_to == play.real_from
            and before.media_from + before.real_to - before.real_from == play.media_from
        )
        if before is not None and goes_on:
            out[-1] = Play(before.real_from, play.real_to, before.media_from)
        else:
            out.append(play)
    return tuple(out)


def code_steps(now: datetime, seconds: int) -> tuple[int, int]:
    """The step of the sign-in code that is shown now, and the one before, which who types slowly may still use."""
    step = int(now.timestamp()) // seconds
    return step, step - 1


def code_until(now: datetime, seconds: int) -> datetime:
    """When the code that is shown now gives way to the next."""
    return now + timedelta(seconds=seconds - int(now.timestamp()) % seconds)


def code_of(digest: str) -> str:
    """Six digits from a keyed hash in hex."""
    return f"{int(digest[:12], 16) % 10**CODE_DIGITS:0{CODE_DIGITS}}"


def mostly_in_rooms(room_ms: int, all_ms: int) -> bool:
    """Whether a course was learned in classrooms for the larger part, so that its hours are concentrated training."""
    return room_ms > 0 and room_ms * 2 >= all_ms


@dataclass(frozen=True, slots=True)
class Paid:
    """What a lease was paid for a course, in media milliseconds; of a classroom's when its sheet was credited."""

    ms: int
    opened_at: datetime
    last_beat_at: datetime
    sheet_credited_at: datetime | None


def mostly_in_rooms_at(paid: Sequence[Paid], found_at: datetime) -> frozenset[bool]:
    """Whether a course was learned in classrooms for the larger part when it was found complete; both where that can't be told.

    A lease that went on afterwards tells only what it was paid in the end.
    """
    until = found_at + timedelta(milliseconds=1)  # an id tells its moment to the millisecond
    rooms = sum(one.ms for one in paid if one.sheet_credited_at is not None and one.sheet_credited_at < until)
    alone = [one for one in paid if one.sheet_credited_at is None and one.opened_at < until]
    most = sum(one.ms for one in alone)
    least = sum(one.ms for one in alone if one.last_beat_at < until)
    return frozenset({mostly_in_rooms(rooms, rooms + most), mostly_in_rooms(rooms, rooms + least)})
