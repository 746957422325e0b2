"""The plan of an exam while people work on it: sections, limits and terms as they were typed, and what is wrong with them."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from lms.exams.domain.blueprint import Blueprint, BlueprintInvalid, Section
from lms.exams.domain.keys import Partial
from lms.exams.domain.terms import Counts, Limits, Rules, Terms
from lms.exams.domain.window import SHOWN
from lms.kernel.clock import SHANGHAI
from lms.kernel.errors import N_

LONGEST_MINUTES = 480
MOST_ATTEMPTS = 20
LONGEST_WAIT = 30 * 24 * 60
MOST_POINTS = 1_000
MOST_SECTIONS = 40
MOST_QUESTIONS = 200
"""A working day, a number that nobody needs, a month in minutes, and what a page can show: beyond them a typing error is likelier."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All of a plan but its sections; `total` is what a paper must be worth. Minutes that are None do not apply."""

    total: int
    minutes: int
    pass_mark: int
    max_attempts: int
    limits: str = Limits.START.value
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    late_entry_minutes: int | None = None
    wait_minutes: int | None = None
    counts: str = Counts.BEST.value
    partial: str = Partial.ALL_OR_NOTHING.value
    review: str = SHOWN
    review_from: datetime | None = None
    shuffle_items: bool = True
    shuffle_options: bool = True

    @property
    def terms(self) -> Terms:
        """The terms as an attempt is held by them."""
        return Terms(
            limits=Limits(self.limits),
            opens_at=self.opens_at,
            closes_at=self.closes_at,
            late_entry=timedelta(minutes=self.late_entry_minutes) if self.late_entry_minutes else None,
            wait=timedelta(minutes=self.wait_minutes or 0),
            counts=Counts(self.counts),
            partial=Partial(self.partial),
            review_from=self.review_from,
        )


@dataclass(frozen=True, slots=True)
class Days:
    """The first and the last day of a class."""

    first: date
    last: date

    def hold(self, moment: datetime) -> bool:
        """Whether a moment lies in them, the midnight that ends them included."""
        begin = datetime.combine(self.first, time(), SHANGHAI)
        return begin <= moment <= datetime.combine(self.last + timedelta(days=1), time(), SHANGHAI)


@dataclass(frozen=True, slots=True)
class Plan:
    """A draft as it stands; `settings` is None until somebody set them: such a plan opens no exam."""

    title: str
    sections: tuple[Section, ...] = ()
    settings: Settings | None = field(default=None)

    @property
    def points(self) -> int:
        """What a paper by its sections is worth."""
        return sum(section.count * section.points for section in self.sections)

    @property
    def questions(self) -> int:
        """How many items a paper has."""
        return sum(section.count for section in self.sections)

    def blueprint(self) -> Blueprint:
        """The checked plan. Raises BlueprintInvalid, also without settings and when the total is another."""
        if self.settings is None:
            raise BlueprintInvalid(fields={"settings": N_("还没有设置考试规则，不能开放考试")})
        made = Blueprint(
            self.sections,
            minutes=self.settings.minutes,
            pass_mark=self.settings.pass_mark,
            max_attempts=self.settings.max_attempts,
            shuffle_items=self.settings.shuffle_items,
            shuffle_options=self.settings.shuffle_options,
        )
        made.require_total(self.settings.total)
        return made

    def faults(self, days: Days) -> dict[str, str]:
        """All that keeps the plan from being published, by field; nothing of what the banks hold."""
        found = dict(settings_faults(self.settings, days)) if self.settings is not None else {}
        if self.questions > MOST_QUESTIONS:
            found["sections"] = N_("一份试卷最多 200 道题")
        try:
            self.blueprint()
        except BlueprintInvalid as error:
            found = {**error.fields, **found}
        return found


def settings_faults(settings: Settings, days: Days) -> Iterator[tuple[str, str]]:
    """What is wrong with settings, by field."""
    numbers = {
        "total": (settings.total, 1, MOST_POINTS),
        "minutes": (settings.minutes, 1, LONGEST_MINUTES),
        "pass_mark": (settings.pass_mark, 1, settings.total),
        "max_attempts": (settings.max_attempts, 1, MOST_ATTEMPTS),
        "wait_minutes": (settings.wait_minutes, 1, LONGEST_WAIT),
        "late_entry_minutes": (settings.late_entry_minutes, 1, LONGEST_WAIT),
    }
    for name, (value, least, most) in numbers.items():
        if value is not None and not least <= value <= most:
            yield name, N_("数字过大或过小")
    yield from _window_faults(settings, days)
    if settings.review_from is not None and settings.review != SHOWN:
        yield "review_from", N_("不公布答案时，不必填写公布时间")


def _window_faults(settings: Settings, days: Days) -> Iterator[tuple[str, str]]:
    opens, closes = settings.opens_at, settings.closes_at
    for name, moment in (("opens_at", opens), ("closes_at", closes)):
        if moment is not None and not days.hold(moment):
            yield name, N_("应在培训班的起止日期之内")
    if opens is not None and closes is not None and closes <= opens:
        yield "closes_at", N_("截止时间应晚于开始时间")
    if settings.late_entry_minutes is not None and opens is None:
        yield "opens_at", N_("限制迟到时，须填写考试开始时间")
    if settings.limits != Limits.END:
        return
    if closes is None:
        yield "closes_at", N_("到点统一交卷时，须填写考试截止时间")
    elif opens is not None and closes - opens < timedelta(minutes=settings.minutes):
        yield "closes_at", N_("考试时段比作答时间短，没有人能用满时间")


def settings_of(rules: Rules) -> Settings:
    """Published rules as a draft starts from them."""
    plan, terms = rules.blueprint, rules.terms
    return Settings(
        total=plan.maximum,
        minutes=plan.minutes,
        pass_mark=plan.pass_mark,
        max_attempts=plan.max_attempts,
        limits=terms.limits.value,
        opens_at=terms.opens_at,
        closes_at=terms.closes_at,
        late_entry_minutes=_minutes(terms.late_entry),
        wait_minutes=_minutes(terms.wait),
        counts=terms.counts.value,
        partial=terms.partial.value,
        review=rules.review,
        review_from=terms.review_from,
        shuffle_items=plan.shuffle_items,
        shuffle_options=plan.shuffle_options,
    )


def settings_data(settings: Settings) -> dict[str, Any]:
    """Settings as JSON keeps them."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(settings).items()
    }


def settings_from(data: Mapping[str, Any]) -> Settings:
    """Settings as `settings_data` wrote them."""
    moments = {
        name: datetime.fromisoformat(data[name])
        for name in ("opens_at", "closes_at", "review_from")
        if data[name] is not None
    }
    values: dict[str, Any] = {**data, **moments}
    return Settings(**values)


def _minutes(length: timedelta | None) -> int | None:
    return int(length.total_seconds() // 60) if length else None
