"""The forms of classrooms, of flags, and of what a course asks of who watches it."""

from flask_babel import gettext as _, lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from lms.learning.domain.presence import Kind
from lms.web.forms import Field, Form, strip

NEEDED = _l("请填写此项")
CHOOSE = _l("请选择")
REASON = [DataRequired(_l("请写明理由")), Length(max=200)]


class RoomForm(Form):
    """Where a lecture is played, and for whom."""

    lecture_id = HiddenField(validators=[DataRequired(NEEDED)])
    class_id = SelectField(_l("培训班"), validate_choice=False, validators=[Optional()])
    unit_id = SelectField(_l("举办单位"), validate_choice=False, validators=[DataRequired(CHOOSE)])
    place = StringField(_l("地点"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=80)])


class FindForm(Form):
    """A name, or its beginning in pinyin."""

    text = StringField(_l("姓名或拼音首字母"), filters=[strip], validators=[Optional(), Length(max=40)])


class PhotoForm(Form):
    """A photo of the room or of the signed sheet."""

    photo = FileField(_l("照片（JPEG 或 PNG）"), validators=[DataRequired(_l("请选择一张照片"))])


class SignatureForm(Form):
    """The host vouches for the sheet."""

    headcount = IntegerField(
        _l("清点的到场人数"), validators=[InputRequired(NEEDED), NumberRange(0, 10_000, _l("请填写 0 到 10000 的整数"))]
    )
    statement = TextAreaField(_l("情况说明"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=500)])
    sure = BooleanField(
        _l("本人在场组织了这次学习，签到表与实际到场情况一致，愿对此负责"),
        validators=[DataRequired(_l("请核对后勾选"))],
    )
    sheet_sha256 = HiddenField(validators=[DataRequired(NEEDED)])


class SubstituteForm(SignatureForm):
    """Somebody above vouches for a sheet that its host left unsigned."""

    sure = BooleanField(
        _l("主持人没有签名。本人核对了签到表和现场照片，并向到场的人了解了情况，愿对此负责"),
        validators=[DataRequired(_l("请核对后勾选"))],
    )


class CorrectionForm(Form):
    """Who is to be added or struck; the times only for adding."""

    person = SelectField(_l("人员"), validate_choice=False, validators=[DataRequired(CHOOSE)])
    kind = RadioField(
        _l("更正内容"),
        choices=[SelectChoice("add", _l("在场，但签到表上没有")), SelectChoice("strike", _l("签到表上有，但不在场"))],
        validators=[DataRequired(CHOOSE)],
    )
    from_at = DateTimeLocalField(_l("到场时间"), format="%Y-%m-%dT%H:%M", validators=[Optional()])
    until_at = DateTimeLocalField(_l("离开时间"), format="%Y-%m-%dT%H:%M", validators=[Optional()])
    reason = StringField(_l("理由和依据"), filters=[strip], validators=REASON)


class DecideForm(Form):
    """A second person's decision on a correction."""

    decision = RadioField(
        _l("处理意见"),
        choices=[SelectChoice("approve", _l("同意")), SelectChoice("decline", _l("不同意"))],
        validators=[DataRequired(CHOOSE)],
    )
    comment = StringField(_l("说明（不同意时必填）"), filters=[strip], validators=[Optional(), Length(max=200)])


class CodeForm(Form):
    """What the screen of a classroom shows."""

    code = StringField(
        _l("签到码"), filters=[strip], validators=[DataRequired(_l("请输入大屏幕上的 6 位数字")), Length(max=20)]
    )


class FlagForm(Form):
    """What a human makes of a flag."""

    decision = RadioField(
        _l("处理结论"),
        choices=[
            SelectChoice("no_concern", _l("情况正常，不作处理")),
            SelectChoice("talk", _l("与本人谈话提醒，学时不变")),
            SelectChoice("propose_reversal", _l("建议冲正有关学时（须另由两人办理）")),
        ],
        validators=[DataRequired(CHOOSE)],
    )
    reason = TextAreaField(
        _l("理由（本人会看到）"), filters=[strip], validators=[DataRequired(_l("请写明理由")), Length(max=500)]
    )


class AnswerForm(Form):
    """The answer to an objection."""

    answer = TextAreaField(
        _l("答复（本人会看到）"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=500)]
    )


class ObjectionForm(Form):
    """What somebody says against a flag."""

    text = TextAreaField(_l("您的说明"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=500)])


def _within(least: int, most: int) -> list[object]:
    told = _l("请填 %(least)s 到 %(most)s 之间的整数", least=least, most=most)
    return [InputRequired(NEEDED), NumberRange(least, most, told)]


class PolicyForm(Form):
    """One version of a course's policy, made from the version that its author saw."""

    seen_version = HiddenField(filters=[lambda value: int(value) if str(value or "").isdecimal() else 0])
    threshold_percent = IntegerField(_l("看满百分之多少算学完"), validators=_within(50, 100))
    max_rate_percent = IntegerField(_l("最快按百分之多少的速度计时"), validators=_within(100, 200))
    seek_courtesy = BooleanField(_l("第一次观看时不能向前跳"))
    pause_when_hidden = BooleanField(_l("离开页面时自动暂停"))
    presence = BooleanField(_l("观看中请学员确认在场"))
    from_minutes = IntegerField(_l("两次确认最少相隔几分钟"), validators=_within(1, 120))
    to_minutes = IntegerField(_l("两次确认最多相隔几分钟"), validators=_within(1, 120))
    seconds = IntegerField(_l("等待确认的秒数"), validators=_within(30, 600))
    presence_kind = RadioField(
        _l("怎样确认"),
        choices=[
            SelectChoice(Kind.BUTTON.value, _l("按一下按钮")),
            SelectChoice(Kind.ITEM.value, _l("答一道练习题，答对答错都算在场")),
        ],
        default=Kind.BUTTON.value,
        validators=[DataRequired(CHOOSE)],
    )
    reason = StringField(_l("修改理由"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=200)])

    def validate_to_minutes(self, field: Field) -> None:
        """The longest wait is no shorter than the shortest."""
        if self.from_minutes.data is not None and field.data is not None and field.data < self.from_minutes.data:
            raise ValidationError(_("不能小于最少相隔的分钟数"))
