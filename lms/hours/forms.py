"""Forms of hours: disputes and their answers, corrections and their decisions."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectChoice, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from lms.web.forms import Form, strip

NEEDED = _l("请填写此项")


class DisputeForm(Form):
    """What a learner says about an entry."""

    text = TextAreaField(
        _l("请说明情况"),
        filters=[strip],
        validators=[DataRequired(NEEDED), Length(max=1000, message=_l("最多 1000 个字"))],
    )


class MissingForm(DisputeForm):
    """What a learner says about hours that are not there."""

    about = StringField(
        _l("哪门课程或哪次培训"),
        filters=[strip],
        validators=[DataRequired(NEEDED), Length(max=120, message=_l("最多 120 个字"))],
    )


class AnswerForm(Form):
    """What staff answer."""

    outcome = RadioField(
        _l("结论"),
        choices=[SelectChoice("upheld", _l("异议成立")), SelectChoice("declined", _l("异议不成立"))],
        validators=[DataRequired(_l("请选择结论"))],
    )
    text = TextAreaField(
        _l("答复内容"),
        filters=[strip],
        validators=[DataRequired(NEEDED), Length(max=1000, message=_l("最多 1000 个字"))],
    )


class CorrectionForm(Form):
    """Why an entry is to be corrected."""

    reason = TextAreaField(
        _l("更正理由"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=200, message=_l("最多 200 个字"))]
    )


class DecisionForm(Form):
    """What the second person decides."""

    decision = RadioField(
        _l("处理结果"),
        choices=[SelectChoice("confirm", _l("确认更正")), SelectChoice("decline", _l("不同意"))],
        validators=[DataRequired(_l("请选择处理结果"))],
    )
    comment = TextAreaField(_l("意见"), filters=[strip], validators=[Length(max=200, message=_l("最多 200 个字"))])
