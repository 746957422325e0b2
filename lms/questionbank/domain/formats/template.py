"""The table to fill in: what each column wants, in words for people."""

from dataclasses import dataclass

from lms.questionbank.domain.exchange import KIND_TITLES, TextFormat
from lms.questionbank.domain.formats.labels import ANSWER, GENERAL, STEM, WEIGHTS
from lms.questionbank.domain.formats.sheet import CODE, OPTION, TYPE, usual_columns


@dataclass(frozen=True)
class Explained:
    """A column: its title, an example, how to fill it in, and what to choose from."""

    title: str
    example: str = ""
    hint: str = ""
    choices: tuple[str, ...] = ()


_WORDS = {
    CODE: ("C1-001", "可以不写；写了就不能重复，再次导入时靠它认出同一道题"),
    STEM: ("工会的性质是：", "问题本身；填空题用 ____ 表示要填的地方"),
    ANSWER: ("A", "单选一个字母，多选几个字母（ABD），判断写 正确 或 错误；填空见说明；简答写参考答案"),
    GENERAL: ("工会是职工自愿结合的群众组织。", "答题以后给学员看的解释"),
    "依据": ("工会法 第二条", "法律名称和条款"),
    "知识点": ("工会的性质", "几个字"),
    "难度": ("2", "1 到 5；也可以写 易（1）、中（2）、难（3）"),
    "情境": ("否", "题目是不是工作中的一件小事"),
    "失效": ("工会法第二条修订", "哪条规定修订以后这道题要停用"),
    "有效期至": ("2027-12-31", "到哪一天为止有效，可以不写"),
    "名称": ("", "题目的名称，可以不写"),
    "分类": ("工会法/总则", "用 / 分层"),
    "格式": ("", "文字的格式，不写就是纯文本"),
    WEIGHTS: ("50；50；-100；0", "每个选项得百分之几，按选项顺序；不写就是答案平分 100"),
    "分值": ("1", "不写就是 1"),
    "罚分": ("", "每多答一次扣去的比例，0 到 1，一般不写"),
    "标签": ("", "几个标签用 ； 隔开"),
    "设置": ("", "可以写 不打乱选项、区分大小写"),
}
_CHOICES = {
    TYPE: tuple(KIND_TITLES.values()),
    "情境": ("是", "否"),
    "格式": tuple(format.value for format in TextFormat),
}


def _explained(column: str) -> Explained:
    if column == TYPE:
        return Explained(column, "单选", "从列表中选；案例题下面的小题写 子题·单选 这样的题型", _CHOICES[TYPE])
    if column.startswith(OPTION):
        return Explained(
            column, "群众组织" if column.endswith("A") else "", "一格一个选项；匹配题一格一对：左边 => 右边"
        )
    example, hint = _WORDS[column]
    return Explained(column, example, hint, _CHOICES.get(column, ()))


EXPLAINED = tuple(map(_explained, usual_columns()))
NOTES = (
    "一行一道题。先写表头，不要改动表头的文字；不用的栏目可以空着，也可以删去。",
    "填空题：一个空的几种答案用 | 隔开，例如 北京 | 首都；几个空各写一行（单元格内换行）。",
    "填空题的数值答案写 3±0.5 或 1..5；只写 3 就是文字“3”。答案前写 %50% 表示只得一半的分，例如 北京 | %50%北平。",
    "填空答案里的 * 表示任意文字，星号本身写 \\*。答案里要写 | ； 或反斜杠时，前面加一个反斜杠。",
    "匹配题：选项A 写 左边 => 右边；只写 => 右边 的是多余的右边。",
    "案例题：一行写案例本身（题型 案例），下面几行写小题，题型写 子题·单选、子题·判断 等。",
    "选项多于六个时，在后面加 选项G、选项H 等栏目。",
    "某个选项的反馈写在 反馈A 栏，判断题写在 反馈正确、反馈错误 栏，填空第 1 空第 2 个答案写在 反馈1.2 栏。",
    "没有公式、图片和合并的单元格。长数字的列请设为文本格式。",
)
