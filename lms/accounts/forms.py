"""The forms of signing in and registering."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField, RadioField, SelectChoice, SelectField, StringField, TelField
from wtforms.validators import DataRequired, EqualTo, Length, Optional, Regexp

from lms.web.forms import Form, strip

NEEDED = _l("请填写此项")


class SignInForm(Form):
    """User name, password, and the code when the account has a second factor."""

    username = StringField(_l("用户名"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=40)])
    password = PasswordField(_l("密码"), validators=[DataRequired(NEEDED), Length(max=128)])
    code = StringField(_l("动态验证码"), filters=[strip], validators=[Optional(), Length(max=10)])
    carried = HiddenField()  # the checked password, encrypted, while the code is asked
    next = HiddenField()


class RegistrationForm(Form):
    """Real-name registration: every field is compulsory, because statistics and certificates rest on it."""

    name = StringField(_l("姓名"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=60)])
    sex = RadioField(
        _l("性别"),
        choices=[SelectChoice("male", _l("男")), SelectChoice("female", _l("女"))],
        validators=[DataRequired(NEEDED)],
    )
    unit_id = SelectField(_l("工作单位"), validators=[DataRequired(NEEDED)])
    post = StringField(_l("职务"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=60)])
    mobile = TelField(
        _l("手机号码"),
        filters=[strip],
        validators=[DataRequired(NEEDED), Regexp(r"^1[3-9][0-9]{9}$", message=_l("请填写 11 位手机号码"))],
    )
    username = StringField(
        _l("用户名"),
        filters=[strip],
        validators=[
            DataRequired(NEEDED),
            Regexp(r"^[A-Za-z][A-Za-z0-9_.-]{3,31}$", message=_l("用户名为 4 至 32 位字母、数字或 _ . -，以字母开头")),
        ],
    )
    password = PasswordField(_l("密码"), validators=[DataRequired(NEEDED), Length(max=128)])
    repeated = PasswordField(
        _l("再输一次密码"), validators=[DataRequired(NEEDED), EqualTo("password", message=_l("两次输入的密码不一致"))]
    )
