"""What is entered of a training, and what is wrong with it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lms.kernel.clock import SHANGHAI
from lms.kernel.errors import N_
from lms.kernel.numbers import NO_NUMBERS_HERE, tells_a_number

HALF_DAY = 400
"""Half a day of residential training counts 4 学时 (工组字[2011]162号)."""
LONGEST_DAYS = 366
LONGEST_TEXT = 120
SOURCES = {"offline": N_("线下培训"), "elsewhere": N_("其他平台学习")}
LEDGERS = {"centralized": N_("集中培训"), "self_study": N_("网络自学")}


@dataclass(frozen=True)
class Facts:
    """A training as it was entered; `hours` are hundredths for each person who attended all of it."""

    source: str
    ledger: str
    title: str
    organiser: str
    from_on: date
    until_on: date
    hours: int


def problems(facts: Facts, *, today: date, days_back: int, hours_a_day: int) -> dict[str, str]:
    """What is wrong, by field, as source sentences with the placeholders %(days)s and %(most)s; empty when all is right."""
    wrong: dict[str, str] = {}
    if facts.source not in SOURCES:
        wrong["source"] = N_("请选择一项")
    if facts.ledger not in LEDGERS:
        wrong["ledger"] = N_("请选择一项")
    elif facts.source == "offline" and facts.ledger == "self_study":
        wrong["ledger"] = N_("线下培训由组织举办，计入集中培训")
    for name in ("title", "organiser"):
        if not 0 < len(getattr(facts, name).strip()) <= LONGEST_TEXT:
            wrong[name] = N_("请填写，最多 120 个字")
        elif tells_a_number(getattr(facts, name)):
            wrong[name] = NO_NUMBERS_HERE
    wrong |= _dates(facts, today, days_back)
    if "from_on" not in wrong and "until_on" not in wrong and (found := hours_problem(facts, facts.hours, hours_a_day)):
        wrong["hours"] = found
    return wrong


def hours_problem(facts: Facts, hours: int, hours_a_day: int) -> str | None:
    """What is wrong with the hours of one person of a training: they are positive quarters and fit into its days."""
    if hours <= 0:
        return N_("学时应大于 0")
    if hours % 25:
        return N_("学时以 0.25 为最小单位")
    if hours > most_hours(facts, hours_a_day):
        return N_("学时超过了培训天数所能达到的上限（每天 %(most)s 学时）")
    return None


def most_hours(facts: Facts, hours_a_day: int) -> int:
    """The most that one person can earn in the days of a training, in hundredths."""
    return ((facts.until_on - facts.from_on).days + 1) * hours_a_day * 100


def earned_at(until_on: date, now: datetime) -> datetime:
    """When the hours count as earned: at the end of the last day in China, so that they count in that day's year; never later than now."""
    next_day = datetime.combine(until_on + timedelta(days=1), datetime.min.time(), SHANGHAI)
    return min(next_day - timedelta(milliseconds=1), now)


def _dates(facts: Facts, today: date, days_back: int) -> dict[str, str]:
    if facts.until_on < facts.from_on:
        return {"until_on": N_("结束日期不能早于开始日期")}
    if facts.until_on > today:
        return {"until_on": N_("培训结束后才能登记")}
    if (facts.until_on - facts.from_on).days >= LONGEST_DAYS:
        return {"from_on": N_("一次培训不能超过一年")}
    if (today - facts.until_on).days > days_back:
        return {"until_on": N_("只能登记最近 %(days)s 天内结束的培训")}
    return {}
