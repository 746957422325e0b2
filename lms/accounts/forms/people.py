"""The forms with which staff look people up and write what is known of them."""

from collections.abc import Mapping
from datetime import date

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, Optional, Regexp

from lms.accounts.domain import usernames, wording
from lms.accounts.domain.particulars import Particulars
from lms.kernel import clock
from lms.kernel.clock import SHANGHAI
from lms.web.forms import Form, strip

NEEDED = _l("请填写此项")
DAY_NEEDED = _l("请填写日期，例如 2026-11-21")


def choices(words: Mapping[str, str], *first: SelectChoice) -> list[SelectChoice]:
    """Options of a select, in the order of their table."""
    return [*first, *(SelectChoice(value, _l(text)) for value, text in words.items())]


def _today() -> date:
    return clock.now().astimezone(SHANGHAI).date()


ANY = SelectChoice("", _l("不限"))


class SearchForm(Form):
    """What a list of people is limited to. It is posted: names and numbers have no place in an address."""

    text = StringField(_l("姓名、拼音或首字母"), filters=[strip], validators=[Optional(), Length(max=60)])
    username = StringField(_l("用户名"), filters=[strip], validators=[Optional(), Length(max=40)])
    mobile = TelField(_l("手机号码"), filters=[strip], validators=[Optional(), Length(max=20)])
    unit = SelectField(_l("单位"), validate_choice=False)
    category = SelectField(_l("人员类别"), choices=choices(wording.CATEGORIES, ANY), validators=[Optional()])
    employment = SelectField(_l("用工性质"), choices=choices(wording.EMPLOYMENTS, ANY), validators=[Optional()])
    identity_level = SelectField(_l("身份确认"), choices=choices(wording.IDENTITY_LEVELS, ANY), validators=[Optional()])
    state = SelectField(_l("账号状态"), choices=choices(wording.STATES, ANY), validators=[Optional()])
    unconfirmed = BooleanField(_l("只看等待确认身份的"))


class FactsForm(Form):
    """The facts about a person."""

    name = StringField(_l("姓名"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=60)])
    sex = RadioField(_l("性别"), choices=choices(wording.SEXES), validators=[DataRequired(NEEDED)])
    post = StringField(_l("职务"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=60)])
    mobile = TelField(_l("手机号码"), filters=[strip], validators=[Optional(), Length(max=20)])
    category = SelectField(_l("人员类别"), choices=choices(wording.CATEGORIES), validators=[DataRequired(NEEDED)])
    employment = SelectField(_l("用工性质"), choices=choices(wording.EMPLOYMENTS), validators=[DataRequired(NEEDED)])
    appointed_on = DateField(_l("任职日期"), validators=[Optional()])

    def facts(self) -> Particulars:
        """The fields as plain data."""
        return Particulars(
            name=self.name.data,
            sex=self.sex.data,
            post=self.post.data,
            mobile=self.mobile.data or "",
            category=self.category.data,
            employment=self.employment.data,
            appointed_on=self.appointed_on.data,
        )


class UnitForm(Form):
    """A unit, found by a part of its name."""

    unit_query = StringField(_l("单位"), filters=[strip])
    unit = StringField(_l("单位"), filters=[strip])


class NewPersonForm(FactsForm, UnitForm):
    """A person whom staff add."""

    mobile = TelField(_l("手机号码"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=20)])
    username = StringField(
        _l("用户名"),
        filters=[strip],
        validators=[
            Optional(),
            Regexp(usernames.PATTERN, message=_l("用户名为 4 至 32 位字母、数字或 _ . -，以字母开头")),
        ],
    )


class ReasonForm(Form):
    """Why."""

    reason = TextAreaField(_l("理由"), filters=[strip], validators=[DataRequired(_l("请写明理由")), Length(max=200)])


class MoveForm(UnitForm, ReasonForm):
    """Another unit from a day on."""

    from_on = DateField(_l("从哪天起"), default=_today, validators=[DataRequired(DAY_NEEDED)])


class EndForm(ReasonForm):
    """The end of a membership."""

    until_on = DateField(_l("从哪天起不再任职"), default=_today, validators=[DataRequired(DAY_NEEDED)])


class BulkForm(UnitForm):
    """An act on several people; without a reason it only shows whom it would touch."""

    act = HiddenField()
    reason = TextAreaField(_l("理由"), filters=[strip], validators=[Optional(), Length(max=200)])
    from_on = DateField(_l("从哪天起"), default=_today, validators=[Optional()])


class SureForm(Form):
    """The last look before two accounts become one."""

    sure = BooleanField(_l("已核对两个账号属于同一个人，合并后不能还原"))


class JoinForm(ReasonForm, SureForm):
    """Which of two accounts stays, and why they are one person's."""


class SheetForm(Form):
    """A spreadsheet of people."""

    file = FileField(_l("表格文件"))


class ReadSheetForm(Form):
    """The checked rows of a spreadsheet, sealed, on their way back from the preview."""

    rows = HiddenField(validators=[DataRequired(NEEDED)])


class ExportForm(ReasonForm):
    """What for, and who gets it: personal data leaves the platform with the file."""

    receiver = StringField(_l("接收单位"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=120)])
    kind = RadioField(
        _l("格式"),
        choices=[SelectChoice("xlsx", "Excel（xlsx）"), SelectChoice("csv", "CSV")],
        default="xlsx",
        validators=[DataRequired(NEEDED)],
    )
