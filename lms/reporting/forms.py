"""The forms of figures over units."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectChoice, SelectField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from lms.accounts.domain import wording
from lms.web.forms import Form, strip

STANDINGS = {"behind": _l("未达标"), "reached": _l("已达标")}
LEDGERS = {"self_study": _l("网络自学"), "centralized": _l("集中培训")}
ORDERS = {"name": _l("姓名拼音"), "missing": _l("差得多的在前")}
ANY = SelectChoice("", _l("不限"))


class ListForm(Form):
    """What the list is limited to; sent with GET, for none of it names a person."""

    unit = SelectField(_l("单位"), validate_choice=False, validators=[Optional()])
    standing = SelectField(_l("达标情况"), choices=[ANY, *(SelectChoice(*one) for one in STANDINGS.items())])
    ledger = SelectField(_l("学时类别"), choices=[ANY, *(SelectChoice(*one) for one in LEDGERS.items())])
    category = SelectField(
        _l("人员类别"),
        choices=[ANY, *(SelectChoice(value, _l(text)) for value, text in wording.CATEGORIES.items())],
    )
    order = SelectField(_l("排列"), choices=[SelectChoice(*one) for one in ORDERS.items()], default="name")


class ReminderForm(Form):
    """What people are told."""

    words = TextAreaField(
        _l("提醒内容"), filters=[strip], validators=[DataRequired(_l("请写明提醒的内容")), Length(max=200)]
    )
