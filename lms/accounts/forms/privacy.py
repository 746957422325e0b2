"""The forms with which people look after their own data, and staff after that of others."""

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    EmailField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, Optional

from lms.accounts.domain import mailaddresses, reveals, wording
from lms.accounts.forms.people import choices
from lms.web.forms import Form, strip

NEEDED = _l("请填写此项")


class AcceptForm(Form):
    """The privacy notice in the version that was read."""

    accepted = BooleanField(_l("我已阅读并同意"), validators=[DataRequired(_l("请阅读后勾选同意"))])
    version = HiddenField(validators=[DataRequired(NEEDED)])
    next = HiddenField()


class IdNumberForm(Form):
    """An ID number with the consent of its own that it needs."""

    id_number = StringField(_l("身份证号"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=40)])
    accepted = BooleanField(
        _l("我已阅读上面的说明，单独同意平台为上述目的收集和使用我的身份证号"),
        validators=[DataRequired(_l("收集身份证号须经您单独同意"))],
    )
    version = HiddenField(validators=[DataRequired(NEEDED)])


class ContactForm(Form):
    """What people correct of themselves at once; an empty mobile number leaves the stored one."""

    mobile = TelField(_l("手机号码"), filters=[strip], validators=[Optional(), Length(max=20)])
    mail = EmailField(_l("电子邮箱"), filters=[strip], validators=[Optional(), Length(max=mailaddresses.LONGEST)])
    post = StringField(_l("职务"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=60)])
    category = SelectField(_l("干部类别"), choices=choices(wording.CATEGORIES), validators=[DataRequired(NEEDED)])
    employment = RadioField(_l("任职方式"), choices=choices(wording.EMPLOYMENTS), validators=[DataRequired(NEEDED)])
    appointed_on = DateField(_l("任职日期"), validators=[DataRequired(_l("请填写有效的日期"))])
    password = PasswordField(_l("登录密码"), validators=[Optional(), Length(max=200)])


class CorrectionForm(Form):
    """What an identity field should be, and why."""

    value = StringField(_l("更正为"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=60)])
    reason = TextAreaField(_l("说明"), filters=[strip], validators=[DataRequired(_l("请写明理由")), Length(max=200)])


class SexCorrectionForm(CorrectionForm):
    """The same, of two values."""

    value = RadioField(_l("更正为"), choices=choices(wording.SEXES), validators=[DataRequired(NEEDED)])


class UnitCorrectionForm(CorrectionForm):
    """The same, of the units that a search finds."""

    unit_query = StringField(_l("工作单位"), filters=[strip], validators=[Optional(), Length(max=120)])
    value = StringField(_l("工作单位"), filters=[strip])


class CopyForm(Form):
    """The copy of one's data; the password is asked only for the whole ID number."""

    with_id_number = BooleanField(_l("文件中包含完整的身份证号"))
    password = PasswordField(_l("密码"), validators=[Optional(), Length(max=128)])


class ClosingForm(Form):
    """The last word on an account."""

    password = PasswordField(_l("密码"), validators=[DataRequired(NEEDED), Length(max=128)])
    understood = BooleanField(_l("我已了解上述后果，确定注销账号"), validators=[DataRequired(_l("请勾选确认"))])


class DecisionForm(Form):
    """What staff say to a correction."""

    decision = RadioField(
        _l("决定"),
        choices=choices({"approve": _l("同意更正"), "decline": _l("不同意")}),
        validators=[DataRequired(_l("请选择"))],
    )
    comment = TextAreaField(_l("意见"), filters=[strip], validators=[Optional(), Length(max=200)])


class ComparisonForm(Form):
    """The ID number that stands in the personnel file."""

    id_number = StringField(_l("档案中的身份证号"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=40)])


class RevealForm(Form):
    """What an ID number is looked at for."""

    purpose = SelectField(_l("用途"), choices=choices(reveals.PURPOSES), validators=[DataRequired(_l("请选择用途"))])
    reason = TextAreaField(
        _l("具体说明"), filters=[strip], validators=[DataRequired(_l("请写明理由")), Length(max=200)]
    )


class IncidentForm(Form):
    """An account and a span of time, by the clock of Shanghai."""

    username = StringField(_l("用户名"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=40)])
    since = DateTimeLocalField(_l("从"), validators=[DataRequired(_l("请填写有效的时间"))])
    until = DateTimeLocalField(_l("到"), validators=[DataRequired(_l("请填写有效的时间"))])
