"""The forms with which a unit enters training, and with which it is decided one level up."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    RadioField,
    SelectChoice,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, Optional

from lms.kernel.errors import N_
from lms.offline.domain.facts import LEDGERS, SOURCES, Facts
from lms.offline.domain.people import hundredths
from lms.web.forms import Form, strip

NEEDED = _l("请填写此项")
DAY_NEEDED = _l("请填写日期，例如 2026-11-21")
HOURS_WRONG = N_("请填写学时数，例如 4 或 0.5")


class FactsForm(Form):
    """What a training was."""

    source = RadioField(
        _l("培训方式"), choices=[SelectChoice(value, _l(text)) for value, text in SOURCES.items()], default="offline"
    )
    ledger = RadioField(
        _l("计入"), choices=[SelectChoice(value, _l(text)) for value, text in LEDGERS.items()], default="centralized"
    )
    title = StringField(_l("培训名称"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=120)])
    organiser = StringField(_l("举办单位"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=120)])
    from_on = DateField(_l("开始日期"), validators=[DataRequired(DAY_NEEDED)])
    until_on = DateField(_l("结束日期"), validators=[DataRequired(DAY_NEEDED)])
    hours = StringField(_l("每人学时"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=8)])

    def facts(self) -> Facts | None:
        """The fields as plain data; None, with the field marked, when the hours are no number."""
        hours = hundredths(self.hours.data or "")
        if hours is None:
            self.show({"hours": HOURS_WRONG})
            return None
        return Facts(
            self.source.data,
            self.ledger.data,
            self.title.data,
            self.organiser.data,
            self.from_on.data,
            self.until_on.data,
            hours,
        )


class NewTrainingForm(FactsForm):
    """A training with the unit that enters it."""

    unit_query = StringField(_l("登记单位"), filters=[strip])
    unit = StringField(_l("登记单位"), filters=[strip])


class LinesForm(Form):
    """People, one a line."""

    lines = TextAreaField(_l("人员名单"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=60_000)])


class SheetForm(Form):
    """People in a spreadsheet."""

    sheet = FileField(_l("表格文件"))


class ProofForm(Form):
    """The proof."""

    file = FileField(_l("证明材料"))


class DecideForm(Form):
    """A decision, with words for the unit; `handed_in` tells which handing-in the page showed."""

    handed_in = HiddenField()
    comment = TextAreaField(_l("意见"), filters=[strip], validators=[Optional(), Length(max=200)])
    seen = BooleanField(_l("已核对上面列出的时间重叠，不属于重复登记"))

    def handing_in(self) -> datetime | None:
        """When what the page showed was handed in; None when it did not tell. Raises ValueError for what is no moment."""
        return datetime.fromisoformat(self.handed_in.data) if self.handed_in.data else None
