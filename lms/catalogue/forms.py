"""The forms of authors and reviewers."""

from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import HiddenField, RadioField, SelectChoice, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional, Regexp
from wtforms.widgets import CheckboxInput, ListWidget

from lms.moderation.service import PRINCIPLES
from lms.web.forms import Form, strip

NEEDED = _l("请填写此项")
NEW_COURSE = "new"
PRINCIPLE_LABELS = {
    "political": _l("政治性：导向正确，符合党的路线方针政策和法律法规"),
    "scientific": _l("科学性：观点、数据、引文准确，题目答案无误"),
    "complete": _l("完整性：视频、字幕、提纲、试题齐全，内容不缺失"),
    "reasonable": _l("合理性：难易、时长、表达适合学习对象"),
    "standard": _l("标准符合性：画面、声音、字幕、题目格式符合制作要求"),
}


class LectureForm(Form):
    """A lecture with its video, captions and items; files that were received before are named by the hidden ids."""

    title = StringField(_l("标题"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=120)])
    course = SelectField(_l("所属课程"), validators=[DataRequired(NEEDED)])
    teacher_name = StringField(_l("主讲教师"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=60)])
    teacher_institution = StringField(
        _l("教师所在单位"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=120)]
    )
    teacher_post = StringField(_l("教师职务或职称"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=60)])
    outline = TextAreaField(_l("课程提纲"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=8000)])
    video = FileField(_l("视频文件"))
    captions = FileField(_l("字幕文件"))
    items = TextAreaField(_l("试题"), filters=[strip])
    items_file = FileField(_l("试题文件"))
    practice_items = TextAreaField(_l("练习题"), filters=[strip])
    asset_id = HiddenField()
    caption_id = HiddenField()


class DecisionForm(Form):
    """A reviewer's decision on exactly the content whose hash the page showed."""

    content_hash = HiddenField()
    level = HiddenField()
    findings = SelectMultipleField(
        _l("五项原则"),
        choices=[SelectChoice(name, PRINCIPLE_LABELS[name]) for name in PRINCIPLES],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    credit_hours = StringField(
        _l("核定学时"),
        filters=[strip],
        validators=[
            Optional(),
            Regexp(r"^\d{1,2}(\.\d{1,2})?$", message=_l("请填写 100 以内的数，最多两位小数，例如 4 或 0.5")),
        ],
    )
    comment = TextAreaField(_l("审核意见"), filters=[strip], validators=[Length(max=2000)])
    decision = RadioField(
        _l("审核结论"),
        choices=[
            SelectChoice("approve", _l("通过")),
            SelectChoice("return", _l("退回修改")),
            SelectChoice("decline", _l("不予通过")),
        ],
        validators=[DataRequired(_l("请选择审核结论"))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in (self.findings, self.credit_hours, self.comment):
            field.flags.required = True  # not marked as optional: whether they are needed hangs on the decision

    @property
    def hundredths(self) -> int | None:
        """The hours in hundredths, None when none were given."""
        return int(Decimal(self.credit_hours.data) * 100) if self.credit_hours.data else None


class ReasonForm(Form):
    """Why something is stopped or put back."""

    reason = TextAreaField(_l("理由"), filters=[strip], validators=[DataRequired(_l("请写明理由")), Length(max=1000)])
