"""The forms of the tree's staff pages."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import DateField, HiddenField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from lms.kernel import clock
from lms.kernel.clock import SHANGHAI
from lms.organisations.domain.names import MAX_NAME
from lms.web.forms import Form, strip

NEEDED = _l("请填写此项")
KIND_LABELS = {
    "national": _l("全国总工会"),
    "province": _l("省级工会"),
    "industry": _l("全国产业工会"),
    "city": _l("市级工会"),
    "county": _l("县级工会"),
    "township": _l("乡镇（街道）工会"),
    "unit": _l("单位工会"),
}
STATE_LABELS = {"open": _l("正常"), "closed": _l("已撤销"), "merged": _l("已并入其他单位")}


def _today() -> date:
    return clock.now().astimezone(SHANGHAI).date()


class ChangeForm(Form):
    """What every change of a unit asks: from which day it holds, and why."""

    effective_on = DateField(
        _l("生效日期"), default=_today, validators=[DataRequired(_l("请填写日期，例如 2026-11-21"))]
    )
    reason = TextAreaField(
        _l("变更理由"),
        filters=[strip],
        validators=[DataRequired(_l("请写明理由，例如文件名称和文号")), Length(max=200)],
    )
    seen = HiddenField()  # the unit's last change when the page was drawn


class RenameForm(ChangeForm):
    """Another name."""

    name = StringField(_l("新名称"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=MAX_NAME)])


class RecodeForm(ChangeForm):
    """Another unified social credit code, or none."""

    uscc = StringField(_l("统一社会信用代码"), filters=[strip], validators=[Optional(), Length(max=40)])


class TargetForm(ChangeForm):
    """Another unit, found by a part of its name."""

    target_query = StringField(_l("查找单位"), filters=[strip])
    target_id = StringField(_l("单位"), filters=[strip])


class NewUnitForm(Form):
    """A unit below another one."""

    name = StringField(_l("单位名称"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=MAX_NAME)])
    kind = SelectField(_l("类别"), validators=[DataRequired(NEEDED)])
    uscc = StringField(_l("统一社会信用代码"), filters=[strip], validators=[Optional(), Length(max=40)])
    reason = TextAreaField(_l("说明"), filters=[strip], validators=[Optional(), Length(max=200)])

    def offer(self, kinds: tuple[str, ...]) -> None:
        """Limits the kinds to what may stand at this place; the lowest comes first, it is the most frequent."""
        self.kind.choices = [SelectChoice(kind, KIND_LABELS[kind]) for kind in reversed(kinds)]


class SettleForm(Form):
    """Settles a request: with a unit that exists, or with a new one."""

    target_query = StringField(_l("查找已有单位"), filters=[strip])
    target_id = StringField(_l("单位"), filters=[strip])
    name = StringField(_l("单位名称"), filters=[strip], validators=[Optional(), Length(max=MAX_NAME)])
    kind = SelectField(_l("类别"), validators=[Optional()])
    uscc = StringField(_l("统一社会信用代码"), filters=[strip], validators=[Optional(), Length(max=40)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in (self.name, self.kind):
            field.flags.required = True  # not marked as optional: they are needed for a new unit only

    offer = NewUnitForm.offer


class DeclineForm(Form):
    """Turns a request down."""

    comment = TextAreaField(
        _l("理由"), filters=[strip], validators=[DataRequired(_l("请写明理由，申请人会看到")), Length(max=200)]
    )


class SheetForm(Form):
    """A spreadsheet of units."""

    file = FileField(_l("表格文件"), validators=[DataRequired(_l("请选择 XLSX 或 CSV 文件"))])
