"""Forms of accommodations: a proposal, its decision, a revocation."""

from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, DecimalField, RadioField, SelectChoice, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from lms.accommodations.domain.measures import BASES, DOUBLE, LONGEST_REFERENCE, USUAL, Basis, Measure
from lms.web.forms import Field, Form, strip

NEEDED = _l("请填写此项")
CHOOSE = _l("请选择")
FACTOR = _l("请填 1.00 到 3.00 之间的数，最多两位小数")


class _Finite(DecimalField):  # type: ignore[misc]  # wtforms ships no types
    """A number that can be compared: NumberRange asks a signalling NaN whether it is one, which raises."""

    data: Any  # a Decimal, or None before there is one; the base declares it nowhere

    def process_formdata(self, valuelist: list[str]) -> None:
        """What is no finite number is none."""
        super().process_formdata(valuelist)
        if self.data is not None and not self.data.is_finite():
            self.data = None


class ProposalForm(Form):
    """What somebody is to be given more of; the factor of exams in hundredths."""

    exam_factor = _Finite(
        _l("考试时间倍数"), places=2, validators=[InputRequired(FACTOR), NumberRange(Decimal(1), Decimal(3), FACTOR)]
    )
    presence_double = BooleanField(_l("在场确认的等待时间加倍"))
    basis = RadioField(
        _l("依据"),
        choices=[SelectChoice(one.value, _l(text)) for one, text in BASES.items()],
        validators=[DataRequired(CHOOSE)],
    )
    reference = StringField(_l("文号或日期"), filters=[strip], validators=[Length(max=LONGEST_REFERENCE)])
    from_on = DateField(_l("开始日期"), validators=[DataRequired(_l("请填写有效的日期"))])
    until_on = DateField(_l("截止日期"), validators=[Optional()])

    def validate_exam_factor(self, field: Field) -> None:
        """Hundredths are the smallest step."""
        if not field.errors and field.data != round(field.data, 2):  # of one that is far too large it could not be told
            raise ValidationError(FACTOR)

    @property
    def measure(self) -> Measure:
        """What the form asks for."""
        return Measure(int(self.exam_factor.data * 100), DOUBLE if self.presence_double.data else USUAL)

    @property
    def ground(self) -> Basis:
        """On what it rests."""
        return Basis(self.basis.data)


class DecisionForm(Form):
    """What the second person decides."""

    decision = RadioField(
        _l("处理结果"),
        choices=[SelectChoice("confirm", _l("确认批准")), SelectChoice("decline", _l("不同意"))],
        validators=[DataRequired(_l("请选择处理结果"))],
    )
    comment = TextAreaField(_l("意见"), filters=[strip], validators=[Length(max=200, message=_l("最多 200 个字"))])


class RevocationForm(Form):
    """Why what holds is to end."""

    reason = TextAreaField(
        _l("撤销理由"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=200, message=_l("最多 200 个字"))]
    )
