"""The forms of signing in and of what keeps a sign-in safe."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField, StringField, TextAreaField
from wtforms.validators import DataRequired, EqualTo, Length, Optional

from lms.web.forms import Form, strip

NEEDED = _l("请填写此项")
LONGEST_CODE = 20


class SignInForm(Form):
    """User name, password, and the code when the account has a second factor."""

    username = StringField(_l("用户名"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=40)])
    password = PasswordField(_l("密码"), validators=[DataRequired(NEEDED), Length(max=128)])
    code = StringField(_l("动态验证码"), filters=[strip], validators=[Optional(), Length(max=LONGEST_CODE)])
    carried = HiddenField()  # the checked password, encrypted, while the code is asked
    next = HiddenField()


class CodeSignInForm(Form):
    """User name and one-time code, and the code of the second factor when the account has one."""

    username = StringField(_l("用户名"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=40)])
    one_time = StringField(
        _l("一次性验证码"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=LONGEST_CODE)]
    )
    code = StringField(_l("动态验证码"), filters=[strip], validators=[Optional(), Length(max=LONGEST_CODE)])
    carried = HiddenField()
    next = HiddenField()


class ForgottenForm(Form):
    """Whose password was forgotten."""

    username = StringField(_l("用户名"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=40)])


class PasswordForm(Form):
    """A new password; the old one where there is one."""

    old = PasswordField(_l("当前密码"), validators=[Optional(), Length(max=128)])
    password = PasswordField(_l("新密码"), validators=[DataRequired(NEEDED), Length(max=128)])
    repeated = PasswordField(
        _l("再输一次新密码"),
        validators=[DataRequired(NEEDED), EqualTo("password", message=_l("两次输入的密码不一致"))],
    )
    next = HiddenField()


class EnrolForm(Form):
    """A code of the authenticator that was just set up, and one of the former where there is one, else the password."""

    password = PasswordField(_l("登录密码"), validators=[Optional(), Length(max=128)])
    present_code = StringField(
        _l("现有的动态验证码或备用码"), filters=[strip], validators=[Optional(), Length(max=LONGEST_CODE)]
    )
    code = StringField(_l("动态验证码"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=LONGEST_CODE)])
    carried = HiddenField()
    next = HiddenField()


class CodeForm(Form):
    """A code of the second factor."""

    code = StringField(_l("动态验证码"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=LONGEST_CODE)])


class ReasonForm(Form):
    """Why staff do what can't be taken back."""

    reason = TextAreaField(_l("办理原因"), filters=[strip], validators=[DataRequired(NEEDED), Length(min=4, max=200)])
