"""What pages without scripts send of a paper, what invigilators send, and the forms of marking."""

import re

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import (
    DecimalField,
    FieldList,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length, NumberRange
from wtforms.widgets import HiddenInput

from lms.exams.domain.watching import MINUTES
from lms.web.forms import Form, strip

_NAME = re.compile(r"answer-([1-9][0-9]{0,3})")


class PaperForm(Form):
    """The page's epoch; the answers themselves are read by `posted_answers`."""

    epoch = IntegerField(widget=HiddenInput(), validators=[InputRequired(), NumberRange(min=1)])


def posted_answers(form: MultiDict[str, str]) -> dict[int, list[str]]:
    """Chosen option keys by position."""
    found = {}
    for name in form:
        match = _NAME.fullmatch(name)
        if match:
            found[int(match[1])] = form.getlist(name)
    return found


class MessageForm(Form):
    """What an invigilator tells one candidate or all."""

    text = TextAreaField(
        _l("消息内容"), filters=[strip], validators=[DataRequired(_l("请填写消息，最多 300 个字")), Length(max=300)]
    )


class MoreTimeForm(Form):
    """How much more time, and why."""

    minutes = SelectField(
        _l("加时"),
        choices=[SelectChoice(str(one), _l("%(minutes)s 分钟", minutes=one)) for one in MINUTES],
        validators=[DataRequired(_l("请选择加时的分钟数"))],
    )
    reason = StringField(
        _l("理由"), filters=[strip], validators=[DataRequired(_l("请写明理由，最多 200 个字")), Length(max=200)]
    )


class DecisionForm(Form):
    """A second person's decision on more time."""

    decision = RadioField(
        _l("决定"),
        choices=[SelectChoice("approve", _l("确认加时")), SelectChoice("decline", _l("不同意"))],
        validators=[DataRequired(_l("请选择"))],
    )


class MarkForm(Form):
    """The points of a marker, one field for each question of the item."""

    parts = FieldList(
        DecimalField(_l("得分"), places=None, validators=[InputRequired(_l("请填写分数，例如 3 或 2.5"))]),
        max_entries=50,
    )
    comment = TextAreaField(_l("评语"), filters=[strip], validators=[Length(max=500, message=_l("最多 500 个字"))])


class FlagForm(Form):
    """An answer that is left to others."""

    act = StringField(validators=[AnyOf(["skip", "flag"])])
    flag = StringField(_l("原因"), filters=[strip], validators=[Length(max=200, message=_l("最多 200 个字"))])


class PlanForm(Form):
    """How many mark each answer."""

    markers = RadioField(
        _l("每份答案"),
        coerce=int,
        choices=[SelectChoice(1, _l("由一人评分")), SelectChoice(2, _l("由两人分别评分，取平均分"))],
        validators=[InputRequired(_l("请选择评分人数"))],
    )
    threshold = IntegerField(
        _l("两人相差超过本题满分的百分之几时，由第三人评定"),
        validators=[
            InputRequired(_l("请填写 0 至 100 的整数")),
            NumberRange(min=0, max=100, message=_l("请填写 0 至 100 的整数")),
        ],
    )


class RegradeForm(Form):
    """A proposal about a wrong key; the key itself is read from the page's own fields."""

    way = RadioField(
        _l("怎样更正"),
        choices=[
            SelectChoice("full_credit", _l("本题所有人得满分")),
            SelectChoice("either", _l("原答案和更正后的答案都算对（没有人减分）")),
            SelectChoice("new_only", _l("只按更正后的答案评分（有人可能减分）")),
            SelectChoice("none", _l("只作记录，不改成绩")),
        ],
        validators=[InputRequired(_l("请选择怎样更正"))],
    )
    reason = TextAreaField(
        _l("更正理由"),
        filters=[strip],
        validators=[InputRequired(_l("请填写此项")), Length(max=500, message=_l("最多 500 个字"))],
    )


class RegradeDecisionForm(Form):
    """What the second person decides."""

    decision = RadioField(
        _l("处理结果"),
        choices=[SelectChoice("confirm", _l("确认，更正成绩")), SelectChoice("decline", _l("不同意"))],
        validators=[InputRequired(_l("请选择处理结果"))],
    )
    comment = TextAreaField(_l("意见"), filters=[strip], validators=[Length(max=500, message=_l("最多 500 个字"))])
