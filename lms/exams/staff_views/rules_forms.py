"""The forms of setting up an exam."""

import re
from datetime import datetime

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from lms.exams.domain.blueprint import HARDEST, Section
from lms.exams.domain.plans import LONGEST_MINUTES, LONGEST_WAIT, MOST_ATTEMPTS, MOST_POINTS, MOST_QUESTIONS, Settings
from lms.exams.service.sittings import MOST_ATTEMPTS as MOST_SITTINGS
from lms.kernel.clock import SHANGHAI
from lms.web.forms import Checkboxes, Form, strip

NEEDED = _l("请填写此项")
WHY = [DataRequired(_l("请写明理由")), Length(max=500, message=_l("最多 500 个字"))]
TYPE_NAMES = {
    "single": _l("单项选择题"),
    "multiple": _l("多项选择题"),
    "true_false": _l("判断题"),
    "fill_in": _l("填空题"),
    "matching": _l("匹配题"),
    "short_answer": _l("简答题"),
    "case": _l("案例题"),
}
_MOMENT = "%Y-%m-%dT%H:%M"
_BETWEEN_POINTS = re.compile(r"[\n;；、，,]+")


def _moment(label: str) -> DateTimeLocalField:
    return DateTimeLocalField(label, format=_MOMENT, validators=[Optional()])


def in_china(local: datetime | None) -> datetime | None:
    """A moment that was typed as it is said in China, with its zone."""
    return local.replace(tzinfo=SHANGHAI) if local else None


def _whole(label: str, least: int, most: int, *, needed: bool = True) -> IntegerField:
    within = NumberRange(least, most, _l("请填写 %(least)s 到 %(most)s 的整数", least=least, most=most))
    return IntegerField(label, validators=[InputRequired(NEEDED) if needed else Optional(), within])


class SectionForm(Form):
    """A section of a blueprint; the banks on offer are set by the page."""

    type = SelectField(_l("题型"), choices=[SelectChoice(*one) for one in TYPE_NAMES.items()])
    count = _whole(_l("题数"), 1, MOST_QUESTIONS)
    points = _whole(_l("每题分数"), 1, MOST_POINTS)
    banks = Checkboxes(_l("题库"), validators=[DataRequired(_l("至少要选一个题库"))])
    knowledge_points = TextAreaField(
        _l("知识点"), filters=[strip], validators=[Optional(), Length(max=2000, message=_l("最多 2000 个字"))]
    )
    difficulties = Checkboxes(
        _l("难度"), coerce=int, choices=[SelectChoice(level, str(level)) for level in range(1, HARDEST + 1)]
    )

    def section(self) -> Section:
        """The section that was typed in."""
        points = (one.strip() for one in _BETWEEN_POINTS.split(self.knowledge_points.data or ""))
        return Section(
            self.type.data,
            self.count.data,
            self.points.data,
            tuple(self.banks.data),
            tuple(dict.fromkeys(filter(None, points))),
            tuple(self.difficulties.data or ()),
        )


class RulesForm(Form):
    """Limits and terms of an exam."""

    title = StringField(_l("考试名称"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=120)])
    total = _whole(_l("满分"), 1, MOST_POINTS)
    pass_mark = _whole(_l("及格分"), 1, MOST_POINTS)
    minutes = _whole(_l("作答时间（分钟）"), 1, LONGEST_MINUTES)
    max_attempts = _whole(_l("考试次数"), 1, MOST_ATTEMPTS)
    wait_minutes = _whole(_l("两次考试之间至少间隔（分钟）"), 1, LONGEST_WAIT, needed=False)
    counts = RadioField(
        _l("几次考试的成绩"),
        choices=[SelectChoice("best", _l("取最好的一次")), SelectChoice("last", _l("以最后一次为准"))],
    )
    opens_at = _moment(_l("考试开始时间"))
    closes_at = _moment(_l("考试截止时间"))
    limits = RadioField(
        _l("考试时段限制什么"),
        choices=[
            SelectChoice("start", _l("只限制开始：在截止时间之前开始，就能用满作答时间")),
            SelectChoice("end", _l("限制结束：到截止时间一律交卷，晚开始的作答时间会缩短")),
        ],
    )
    late_entry_minutes = _whole(_l("开考多少分钟以后不能入场"), 1, LONGEST_WAIT, needed=False)
    partial = RadioField(
        _l("多选题怎样计分"),
        choices=[
            SelectChoice("all_or_nothing", _l("全对才得分：多选、少选、错选均不得分")),
            SelectChoice("proportional", _l("少选按比例得分，有错选不得分")),
            SelectChoice("minus_wrong", _l("按选对的个数减去选错的个数得分，最少零分")),
        ],
    )
    review = RadioField(
        _l("考试以后学员能看到什么"),
        choices=[
            SelectChoice("full", _l("分数；所有人考完以后，还有答案和解析")),
            SelectChoice("score", _l("只有分数，不公布答案")),
        ],
    )
    review_from = _moment(_l("最早什么时候公布答案"))
    shuffle_items = BooleanField(_l("题目顺序因人而异"))
    shuffle_options = BooleanField(_l("选项顺序因人而异"))

    def settings(self) -> Settings:
        """What was typed in."""
        return Settings(
            total=self.total.data,
            minutes=self.minutes.data,
            pass_mark=self.pass_mark.data,
            max_attempts=self.max_attempts.data,
            limits=self.limits.data,
            opens_at=in_china(self.opens_at.data),
            closes_at=in_china(self.closes_at.data),
            late_entry_minutes=self.late_entry_minutes.data,
            wait_minutes=self.wait_minutes.data,
            counts=self.counts.data,
            partial=self.partial.data,
            review=self.review.data,
            review_from=in_china(self.review_from.data),
            shuffle_items=self.shuffle_items.data,
            shuffle_options=self.shuffle_options.data,
        )


class ProposeForm(Form):
    """Why rules should become so."""

    reason = TextAreaField(_l("理由"), filters=[strip], validators=WHY)


class PublishForm(Form):
    """What the second person decides on rules."""

    decision = RadioField(
        _l("处理意见"),
        choices=[SelectChoice("publish", _l("核对无误，发布")), SelectChoice("decline", _l("不同意"))],
        validators=[DataRequired(_l("请选择处理意见"))],
    )
    comment = TextAreaField(
        _l("说明"), filters=[strip], validators=[Optional(), Length(max=500, message=_l("最多 500 个字"))]
    )


class SittingForm(Form):
    """A make-up sitting for one learner."""

    attempts = _whole(_l("增加几次考试机会"), 1, MOST_SITTINGS)
    opens_at = _moment(_l("补考开始时间"))
    closes_at = _moment(_l("补考截止时间"))
    reason = TextAreaField(_l("理由"), filters=[strip], validators=WHY)


class GrantForm(Form):
    """What the second person decides on a make-up sitting."""

    decision = RadioField(
        _l("处理意见"),
        choices=[SelectChoice("grant", _l("同意补考")), SelectChoice("decline", _l("不同意"))],
        validators=[DataRequired(_l("请选择处理意见"))],
    )
    comment = StringField(
        _l("说明"), filters=[strip], validators=[Optional(), Length(max=500, message=_l("最多 500 个字"))]
    )
