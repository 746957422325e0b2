"""The forms of authors and reviewers."""

import re
from decimal import Decimal
from itertools import pairwise
from typing import Any

from flask_babel import gettext as _, lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import (
    HiddenField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, Optional, Regexp, ValidationError

from lms.kernel.hourrules import Rule, RuleKind, Step
from lms.moderation.service import PRINCIPLES
from lms.web.forms import Checkboxes, Field, Form, strip

NEEDED = _l("请填写此项")
NEW_COURSE = "new"
PRINCIPLE_LABELS = {
    "political": _l("政治性：导向正确，符合党的路线方针政策和法律法规"),
    "scientific": _l("科学性：观点、数据、引文准确，题目答案无误"),
    "complete": _l("完整性：视频、字幕、提纲、试题齐全，内容不缺失"),
    "reasonable": _l("合理性：难易、时长、表达适合学习对象"),
    "standard": _l("标准符合性：画面、声音、字幕、题目格式符合制作要求"),
}


class LectureForm(Form):
    """A lecture with its video, captions and items; files that were received before are named by the hidden ids."""

    title = StringField(_l("标题"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=120)])
    course = SelectField(_l("所属课程"), validators=[DataRequired(NEEDED)])
    teacher_name = StringField(_l("主讲教师"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=60)])
    teacher_institution = StringField(
        _l("教师所在单位"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=120)]
    )
    teacher_post = StringField(_l("教师职务或职称"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=60)])
    outline = TextAreaField(_l("课程提纲"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=8000)])
    video = FileField(_l("视频文件"))
    captions = FileField(_l("字幕文件"))
    items = TextAreaField(_l("试题"), filters=[strip])
    items_file = FileField(_l("试题文件"))
    practice_items = TextAreaField(_l("练习题"), filters=[strip])
    asset_id = HiddenField()
    caption_id = HiddenField()


HOURS = Regexp(r"^\d{1,2}(\.\d{1,2})?$", message=_l("请填写 100 以内的数，最多两位小数，例如 4 或 0.5"))
MOST_STEPS = 10
STEP = re.compile(r"(\d{1,4})\s+(\d{1,2}(?:\.\d{1,2})?)")
MINUTE_MS = 60_000
MOST_MINUTES = 600


class DecisionForm(Form):
    """A reviewer's decision on exactly the content whose hash the page showed."""

    content_hash = HiddenField()
    level = HiddenField()
    findings = Checkboxes(_l("五项原则"), choices=[SelectChoice(name, PRINCIPLE_LABELS[name]) for name in PRINCIPLES])
    credit_hours = StringField(
        _l("核定学时"),
        filters=[strip],
        validators=[Optional(), HOURS],
    )
    rule = RadioField(
        _l("学时核定办法"),
        choices=[
            SelectChoice(RuleKind.FIXED.value, _l("直接核定")),
            SelectChoice(RuleKind.PER_MINUTES.value, _l("按时长折算：每满若干分钟计若干学时")),
            SelectChoice(RuleKind.STEP.value, _l("按时长分档：达到哪一档计哪一档的学时")),
        ],
        default=RuleKind.FIXED.value,
        validators=[Optional()],
    )
    per_minutes = IntegerField(_l("每多少分钟"), default=45)
    per_hours = StringField(_l("计多少学时"), default="1", filters=[strip], validators=[Optional(), HOURS])
    unit = SelectField(
        _l("不足的部分"),
        choices=[
            SelectChoice("1", _l("折算到 0.01 学时")),
            SelectChoice("25", _l("折算到 0.25 学时")),
            SelectChoice("50", _l("折算到 0.5 学时")),
            SelectChoice("100", _l("不足 1 学时的舍去")),
        ],
        default="1",
        validators=[Optional()],
    )
    steps = TextAreaField(_l("各档"), default="0 0.25\n15 0.5\n30 1", filters=[strip], validators=[Length(max=400)])
    comment = TextAreaField(_l("审核意见"), filters=[strip], validators=[Length(max=2000)])
    decision = RadioField(
        _l("审核结论"),
        choices=[
            SelectChoice("approve", _l("通过")),
            SelectChoice("return", _l("退回修改")),
            SelectChoice("decline", _l("不予通过")),
        ],
        validators=[DataRequired(_l("请选择审核结论"))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in (self.findings, self.credit_hours, self.comment):
            field.flags.required = True  # not marked as optional: whether they are needed hangs on the decision

    @property
    def hundredths(self) -> int | None:
        """The hours in hundredths, None when none were given."""
        return _hundredths(self.credit_hours.data)

    def validate_per_minutes(self, field: Field) -> None:
        """Needed by that rule only."""
        chosen = self.rule.data == RuleKind.PER_MINUTES.value
        if chosen and not (field.data and 1 <= field.data <= MOST_MINUTES and _hundredths(self.per_hours.data)):
            raise ValidationError(_("请填写 1 到 600 的整数分钟和大于 0 的学时"))

    def validate_steps(self, field: Field) -> None:
        """Lines of minutes and hours, both rising."""
        if self.rule.data != RuleKind.STEP.value:
            return
        lines = [STEP.fullmatch(line.strip()) for line in (field.data or "").splitlines() if line.strip()]
        read = [(int(found[1]), _hundredths(found[2]) or 0) for found in lines if found]
        rising = all(low[0] < high[0] and low[1] < high[1] for low, high in pairwise(read))
        if not read or len(read) < len(lines) or len(read) > MOST_STEPS or not rising:
            raise ValidationError(_("每行一档：从第几分钟起、计多少学时，用空格隔开，逐档增加，最多 10 档"))
        self._steps = tuple(Step(minutes * MINUTE_MS, hours) for minutes, hours in read)

    @property
    def length_rule(self) -> Rule | None:
        """The rule by length that was chosen, None where the hours are given themselves; of a form that holds."""
        if self.rule.data == RuleKind.STEP.value:
            return Rule(RuleKind.STEP, 1, steps=self._steps)
        if self.rule.data != RuleKind.PER_MINUTES.value:
            return None
        hours = _hundredths(self.per_hours.data) or 0
        return Rule(RuleKind.PER_MINUTES, 1, hours=hours, minutes=self.per_minutes.data, unit=int(self.unit.data))


def _hundredths(text: str | None) -> int | None:
    return int(Decimal(text) * 100) if text else None


class ReasonForm(Form):
    """Why something is stopped or put back."""

    reason = TextAreaField(_l("理由"), filters=[strip], validators=[DataRequired(_l("请写明理由")), Length(max=1000)])
