"""The forms of giving and ending roles and of help that takes two, and what roles and helps are called."""

from datetime import date

from flask_babel import gettext as _, lazy_gettext as _l
from wtforms import DateField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from lms.access.domain import roles
from lms.access.domain.pairing import Help
from lms.web.forms import Field, Form, strip

NEEDED = _l("请填写此项")
ROLE_NAMES = {
    roles.LEARNER: _l("学员"),
    roles.UPLOADER: _l("课件上传者"),
    roles.PROVINCE_REVIEWER: _l("省级审核员"),
    roles.NATIONAL_REVIEWER: _l("全国审核员"),
    roles.CLASS_MANAGER: _l("学习管理员"),
    roles.CLASS_TUTOR: _l("网上班主任"),
    roles.UNIT_ADMIN: _l("单位管理员"),
    roles.TEACHER_POOL_EDITOR: _l("师资库管理员"),
    roles.SYSTEM_ADMIN: _l("系统管理员"),
    roles.SECURITY_ADMIN: _l("安全管理员"),
    roles.AUDIT_ADMIN: _l("审计管理员"),
}
HELP_NAMES = {Help.SIGN_IN_CODE: _l("一次性登录验证码"), Help.SECOND_FACTOR: _l("重置动态验证码")}


LATEST = date(2199, 12, 31)


class GrantForm(Form):
    """A role for a person over a unit, from a day to a day; whom it is for was found before."""

    username = HiddenField(validators=[DataRequired(NEEDED), Length(max=40)])
    role = SelectField(_l("角色"), validators=[DataRequired(NEEDED)])
    unit_id = SelectField(_l("管理范围（含下级单位）"), validate_choice=False, validators=[DataRequired(NEEDED)])
    from_on = DateField(_l("从哪一天起"), validators=[DataRequired(NEEDED)])
    until_on = DateField(_l("到哪一天止"), validators=[Optional()])
    reason = StringField(_l("授权理由"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=200)])

    def validate_until_on(self, field: Field) -> None:
        """The day after the last one must still be a day."""
        if field.data is not None and field.data > LATEST:
            raise ValidationError(_("日期太远，请填 2200 年以前的日期"))


class EndForm(Form):
    """Why a role ends."""

    reason = StringField(_l("终止理由"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=200)])


class JointHelpForm(Form):
    """Which help somebody needs, and why."""

    help = RadioField(_l("需要办理的事项"), validators=[DataRequired(NEEDED)])
    reason = TextAreaField(_l("办理原因"), filters=[strip], validators=[DataRequired(NEEDED), Length(min=4, max=200)])
