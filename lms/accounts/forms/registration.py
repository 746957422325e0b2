"""The form of registering oneself."""

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TelField,
)
from wtforms.validators import DataRequired, EqualTo, Length, Optional, Regexp

from lms.accounts.domain import mailaddresses, usernames
from lms.accounts.forms.belonging import BelongingForm
from lms.web.forms import strip

NEEDED = _l("请填写此项")


class RegistrationForm(BelongingForm):
    """Real-name registration: every field is compulsory, because statistics and certificates rest on it."""

    name = StringField(_l("姓名"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=60)])
    sex = RadioField(
        _l("性别"),
        choices=[SelectChoice("male", _l("男")), SelectChoice("female", _l("女"))],
        validators=[DataRequired(NEEDED)],
    )
    post = StringField(_l("职务"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=60)])
    category = SelectField(
        _l("干部类别"),
        choices=[
            SelectChoice("", _l("请选择")),
            SelectChoice("division", _l("县处级以上工会领导干部")),
            SelectChoice("section", _l("乡科级以下工会干部")),
            SelectChoice("socialised", _l("社会化工会工作者")),
            SelectChoice("enterprise", _l("企事业单位工会干部")),
            SelectChoice("other", _l("其他")),
        ],
        validators=[DataRequired(NEEDED)],
    )
    employment = RadioField(
        _l("任职方式"),
        choices=[
            SelectChoice("full_time", _l("专职")),
            SelectChoice("part_time", _l("兼职")),
            SelectChoice("seconded", _l("挂职")),
        ],
        validators=[DataRequired(NEEDED)],
    )
    appointed_on = DateField(_l("任职日期"), validators=[DataRequired(_l("请填写有效的日期"))])
    mobile = TelField(
        _l("手机号码"),
        filters=[strip],
        validators=[DataRequired(NEEDED), Regexp(r"^1[3-9][0-9]{9}$", message=_l("请填写 11 位手机号码"))],
    )
    mail = EmailField(
        _l("电子邮箱"),
        filters=[strip],
        validators=[
            Optional(),
            Length(max=mailaddresses.LONGEST),
            Regexp(mailaddresses.PATTERN, message=_l("请填写有效的邮箱地址")),
        ],
    )
    username = StringField(
        _l("用户名"),
        filters=[strip],
        validators=[
            DataRequired(NEEDED),
            Regexp(usernames.PATTERN, message=_l("用户名为 4 至 32 位字母、数字或 _ . -，以字母开头")),
        ],
    )
    password = PasswordField(_l("密码"), validators=[DataRequired(NEEDED), Length(max=128)])
    repeated = PasswordField(
        _l("再输一次密码"), validators=[DataRequired(NEEDED), EqualTo("password", message=_l("两次输入的密码不一致"))]
    )
    accepted = BooleanField(
        _l("我已阅读并同意《个人信息处理规则》"), validators=[DataRequired(_l("注册须同意个人信息处理规则"))]
    )
    version = HiddenField(validators=[DataRequired(NEEDED)])
