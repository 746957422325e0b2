"""Forms of the pages of question banks."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FileField, SelectChoice, SelectField

from lms.web.forms import Form

TYPE_LABELS = {
    "single": _l("单选"),
    "multiple": _l("多选"),
    "true_false": _l("判断"),
    "fill_in": _l("填空"),
    "matching": _l("匹配"),
    "short_answer": _l("简答"),
    "case": _l("案例"),
}
STATE_LABELS = {"published": _l("已发布"), "draft": _l("草稿"), "withdrawn": _l("已停用")}
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
