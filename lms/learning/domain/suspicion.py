"""Notices what looks odd about watching. Nothing is decided here: each finding is evidence for a human (docs/watch-time.md)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from lms.kernel.errors import N_

SHANGHAI = ZoneInfo("Asia/Shanghai")
Evidence = dict[str, Any]


class Ground(StrEnum):
    """Why somebody should look."""

    REGULAR_BEATS = "regular_beats"
    LONG_DAY = "long_day"
    MANY_NETWORKS = "many_networks"
    QUICK_PRESENCE = "quick_presence"
    SHARED_DEVICE = "shared_device"
    OVERCLAIMING = "overclaiming"


NAMES = {
    Ground.REGULAR_BEATS: N_("上报间隔过于整齐"),
    Ground.LONG_DAY: N_("一天学习超过 16 小时"),
    Ground.MANY_NETWORKS: N_("短时间内从多个网络学习"),
    Ground.QUICK_PRESENCE: N_("每次在场确认都在 1 秒内完成"),
    Ground.SHARED_DEVICE: N_("同一设备有多人学习"),
    Ground.OVERCLAIMING: N_("上报的时长多次超过实际时间"),
}
TOLD = {
    Ground.REGULAR_BEATS: N_(
        "这次学习中，播放页面 %(beats)s 次上报的间隔前后相差不到 %(spread_ms)s 毫秒。人在使用的设备一般会有快有慢。"
    ),
    Ground.LONG_DAY: N_("这一天记录到的学习时间合计 %(hours)s 小时，超过了一般人能坚持的时间。"),
    Ground.MANY_NETWORKS: N_("这一天有一小时内从 %(networks)s 个不同的网络开始学习。"),
    Ground.QUICK_PRESENCE: N_("这一天 %(answers)s 次“您还在吗”的确认，最慢的一次也只用了 %(slowest_ms)s 毫秒。"),
    Ground.SHARED_DEVICE: N_("这一天有 %(people)s 人在同一台设备的同一个浏览器上学习，您是其中之一。"),
    Ground.OVERCLAIMING: N_("这一天有 %(times)s 次上报的播放时长明显超过实际经过的时间。超出的部分本来就没有计入。"),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on something looks odd."""

    regular_beats: int = 120  # half an hour of them
    regular_spread_ms: int = 5
    long_day: timedelta = timedelta(hours=16)
    networks: int = 6
    networks_within: timedelta = timedelta(hours=1)
    presence_answers: int = 4
    presence_quick_ms: int = 1000
    device_people: int = 5  # a shared computer of an office has a few
    overclaims: int = 3


LIMITS = Limits()
GAP_FROM_MS, GAP_TO_MS = 10_000, 20_000
"""Gaps between beats that a running player makes; a pause or a seek makes others."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The beats of a lease that came one regular gap after the one before, and the smallest and largest of these gaps."""

    beats: int
    low_ms: int
    high_ms: int

    def after(self, gap_ms: int) -> "Rhythm":
        """The rhythm with one more beat."""
        if not GAP_FROM_MS <= gap_ms <= GAP_TO_MS:
            return self
        if self.beats == 0:
            return Rhythm(1, gap_ms, gap_ms)
        return Rhythm(self.beats + 1, min(self.low_ms, gap_ms), max(self.high_ms, gap_ms))


def regular_beats(rhythm: Rhythm, limits: Limits = LIMITS) -> Evidence | None:
    """Many beats whose gaps are alike to the millisecond: a timer in a script, not a browser that also draws a video."""
    spread = rhythm.high_ms - rhythm.low_ms
    if rhythm.beats < limits.regular_beats or spread > limits.regular_spread_ms:
        return None
    return {"beats": rhythm.beats, "spread_ms": max(1, spread)}


def long_day(stays: Iterable[tuple[datetime, datetime]], day: date, limits: Limits = LIMITS) -> Evidence | None:
    """More time with open leases in one day of China than a human has. Stays of one person never overlap."""
    begin = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
    end = begin + timedelta(days=1)
    total = sum((max(timedelta(0), min(b, end) - max(a, begin)) for a, b in stays), timedelta(0))
    if total <= limits.long_day:
        return None
    return {"hours": round(total / timedelta(hours=1), 1)}


def many_networks(openings: Sequence[tuple[datetime, str]], limits: Limits = LIMITS) -> Evidence | None:
    """Leases opened from many networks within an hour; (moment, mark of the network), in order of time."""
    most, first = 0, 0
    within: Counter[str] = Counter()
    for at, mark in openings:
        within[mark] += 1
        while at - openings[first][0] > limits.networks_within:
            gone = openings[first][1]
            within[gone] -= 1
            if not within[gone]:
                del within[gone]
            first += 1
        most = max(most, len(within))
    return {"networks": most} if most >= limits.networks else None


def quick_presence(latencies_ms: Sequence[int], limits: Limits = LIMITS) -> Evidence | None:
    """Presence checks of a day that were all answered faster than a human reads."""
    if len(latencies_ms) < limits.presence_answers or max(latencies_ms) >= limits.presence_quick_ms:
        return None
    return {"answers": len(latencies_ms), "slowest_ms": max(latencies_ms)}


def shared_device(people: int, limits: Limits = LIMITS) -> Evidence | None:
    """One browser in which many people watched on one day."""
    return {"people": people} if people >= limits.device_people else None


def overclaiming(times: int, limits: Limits = LIMITS) -> Evidence | None:
    """Leases of one day that claimed much more than real time allows."""
    return {"times": times} if times >= limits.overclaims else None
