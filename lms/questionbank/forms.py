"""Forms of the pages of question banks."""

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
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, Optional

from lms.questionbank.domain.itemstatistics import Signal
from lms.questionbank.domain.typed import Typed
from lms.web.forms import Form, strip

TYPE_LABELS = {
    "single": _l("单选"),
    "multiple": _l("多选"),
    "true_false": _l("判断"),
    "fill_in": _l("填空"),
    "matching": _l("匹配"),
    "short_answer": _l("简答"),
    "case": _l("案例"),
}
STATE_LABELS = {
    "published": _l("已发布"),
    "draft": _l("草稿"),
    "province_review": _l("省级审核"),
    "national_review": _l("全国审核"),
    "returned": _l("退回修改"),
    "withdrawn": _l("已停用"),
}
STATE_TONES = {
    "published": "success",
    "province_review": "info",
    "national_review": "info",
    "returned": "warning",
}
ACTION_LABELS = {
    "written": _l("编写"),
    "handed_in": _l("提交审核"),
    "approved": _l("通过"),
    "returned": _l("退回修改"),
    "withdrawn": _l("停用"),
}
LEVEL_LABELS = {"province": _l("省级审核"), "national": _l("全国审核")}
DIFFICULTY_LABELS = {1: _l("1（易）"), 2: _l("2（较易）"), 3: _l("3（中）"), 4: _l("4（较难）"), 5: _l("5（难）")}
SIGNAL_LABELS = {
    Signal.HARD: _l("偏难"),
    Signal.EASY: _l("偏易"),
    Signal.WEAK: _l("区分度低"),
    Signal.DISTRACTOR: _l("错误选项可疑"),
}
"""What the statistics of an item say in one word."""
SIGNAL_ADVICE = {
    Signal.HARD: _l("得分率不到三成：核对答案和题干有无歧义，再看课件是否讲过；都没有问题的，降低难度或调高难度等级。"),
    Signal.EASY: _l("得分率超过九成，几乎人人答对：把干扰项改得更像真的，或换一个考点。"),
    Signal.WEAK: _l("总分高的人并不比总分低的人答得更好：核对答案，删去猜得出答案的提示，改写有歧义的表述。"),
    Signal.DISTRACTOR: _l("选某个错误选项的人总体成绩反而更好：先核对答案，再看这个选项是不是也说得通。"),
}
"""What each of them means, and what to do about it."""
KIND_LABELS = {"exam": _l("考试题库"), "practice": _l("练习题库")}
FORMAT_LABELS = {
    "xlsx": _l("Excel 表格（本平台模板）"),
    "csv": _l("CSV 表格"),
    "text": _l("文本（题干、A.、B.、答案、解析）"),
    "gift": _l("GIFT"),
    "aiken": _l("Aiken"),
    "moodle-xml": _l("Moodle XML"),
    "qti": _l("QTI 2.1、3.0"),
}


class FileForm(Form):
    """A file of items and the format it is in."""

    file = FileField(_l("题目文件"))
    format = SelectField(
        _l("格式"),
        choices=[SelectChoice("", _l("自动识别")), *(SelectChoice(*one) for one in FORMAT_LABELS.items())],
        default="",
    )

    def refuse_file(self, why: str) -> None:
        """Says beside the file what is wrong with it."""
        self.show({"file": why})


class StoreForm(Form):
    """How a file that was read is stored."""

    only_valid = BooleanField(_l("有错误的题目不导入，其余导入"))
    replacing = BooleanField(_l("编号相同而内容不同的草稿，用文件中的替换"))


class ItemForm(Form):
    """An item as it is typed in; rows of options and of a case's questions are read beside it."""

    token = HiddenField()
    stem = TextAreaField(_l("题干"), filters=[strip])
    truth = RadioField(
        _l("答案"), choices=[SelectChoice("T", _l("正确")), SelectChoice("F", _l("错误"))], validate_choice=False
    )
    blanks = TextAreaField(
        _l("答案"),
        description=_l("每空一行；几种写法都算对时用 | 隔开，例如 北京 | 首都。数值可带误差：3±0.5，或范围 1..5。"),
        filters=[strip],
    )
    case_sensitive = BooleanField(_l("区分大小写"))
    pairs = TextAreaField(
        _l("配对"), description=_l("每行一对：左边 => 右边。只写右边的一行是干扰项。"), filters=[strip]
    )
    reference = TextAreaField(_l("参考答案"), filters=[strip])
    feedback = TextAreaField(_l("解析"), filters=[strip])
    ref = StringField(_l("编号"), description=_l("不填时自动编号。"), filters=[strip])
    knowledge_point = StringField(
        _l("知识点"), description=_l("分级用 / 隔开，例如 劳动法/集体合同。"), filters=[strip]
    )
    difficulty = SelectField(
        _l("难度"), choices=[SelectChoice(str(key), label) for key, label in DIFFICULTY_LABELS.items()], default="2"
    )
    source = StringField(_l("依据"), description=_l("法律名称和条款，例如 《工会法》第二条。"), filters=[strip])
    void_rule = StringField(_l("何时失效"), description=_l("哪项规定修改后，这道题要重新审看。"), filters=[strip])
    valid_until = DateField(_l("有效期至"), validators=[Optional()])
    situational = BooleanField(_l("情境题"))
    shuffle = BooleanField(_l("选项可以打乱"), default=True)
    picture = FileField(_l("图片文件"), description=_l("PNG、JPEG、GIF 或 WebP，最大 1 MB；每题最多 8 张。"))
    picture_alt = StringField(
        _l("图片的文字说明"),
        description=_l("写明图中与答题有关的内容，读屏软件会读出来；不要写出答案。"),
        filters=[strip],
    )
    picture_place = SelectField(_l("插入到"), choices=[], validate_choice=False)

    def fill(self, typed: Typed) -> None:
        """Shows an item."""
        for name in SHOWN_FIELDS:
            self._fields[name].data = getattr(typed, name)
        self.difficulty.data = str(typed.difficulty)


SHOWN_FIELDS = (
    *("stem", "truth", "blanks", "case_sensitive", "pairs", "reference", "feedback", "ref", "knowledge_point"),
    *("source", "void_rule", "valid_until", "situational", "shuffle"),
)


class ItemDecisionForm(Form):
    """A reviewer's decision on an item."""

    token = HiddenField()
    level = HiddenField()
    decision = RadioField(
        _l("审核结论"),
        choices=[SelectChoice("approve", _l("通过")), SelectChoice("return", _l("退回修改"))],
        validators=[DataRequired(_l("请选择审核结论"))],
    )
    comment = TextAreaField(
        _l("意见"), description=_l("退回时请写明理由。"), filters=[strip], validators=[Length(max=500)]
    )


class PointForm(Form):
    """A knowledge point that authors may choose."""

    path = StringField(_l("知识点"), description=_l("分级用 / 隔开，例如 劳动法/集体合同。"), filters=[strip])


class FlagForm(Form):
    """All items that rest on a source are to be looked at again."""

    source = StringField(_l("依据中含有"), description=_l("例如：工会法"), filters=[strip])
    reason = StringField(_l("原因"), description=_l("例如：工会法 2026 年修正"), filters=[strip])


class WhyForm(Form):
    """Why an item is flagged or stopped."""

    reason = StringField(_l("原因"), filters=[strip], validators=[Length(max=200)])
