"""An item as labelled values, the way people write it in a table or a text: what each label is called and means."""

import re
from dataclasses import dataclass, field

from lms.questionbank.domain.exchange import KIND_TITLES, Kind

STEM, ANSWER, WEIGHTS, GENERAL = "题干", "答案", "得分", "解析"
LABELS = (
    STEM, ANSWER, GENERAL, "依据", "知识点", "难度", "情境", "失效", "有效期至", "名称", "分类", "格式", WEIGHTS, "分值", "罚分",
    "标签", "设置",
)  # fmt: skip
SYNONYMS = {
    "题目": STEM, "试题": STEM, "题目内容": STEM, "试题内容": STEM, "问题": STEM,
    "正确答案": ANSWER, "参考答案": ANSWER, "标准答案": ANSWER, "正确选项": ANSWER,
    "答案解析": GENERAL, "试题解析": GENERAL, "题目解析": GENERAL, "详解": GENERAL,
    "来源": "依据", "出处": "依据", "难度等级": "难度", "难易程度": "难度", "有效期": "有效期至", "章节": "分类",
}  # fmt: skip
FEEDBACK = "反馈"
CHILD = "子题"
CASE_SENSITIVE, NO_SHUFFLE = "区分大小写", "不打乱选项"
KINDS = {
    "单选": Kind.SINGLE, "单项选择": Kind.SINGLE, "单选选择": Kind.SINGLE,
    "多选": Kind.MULTIPLE, "多项选择": Kind.MULTIPLE, "不定项选择": Kind.MULTIPLE,
    "判断": Kind.TRUE_FALSE, "是非": Kind.TRUE_FALSE,
    "填空": Kind.FILL_IN,
    "匹配": Kind.MATCHING, "连线": Kind.MATCHING, "配对": Kind.MATCHING,
    "简答": Kind.SHORT_ANSWER, "问答": Kind.SHORT_ANSWER, "论述": Kind.SHORT_ANSWER, "主观": Kind.SHORT_ANSWER,
    "案例": Kind.CASE, "案例分析": Kind.CASE, "材料": Kind.CASE, "材料分析": Kind.CASE,
}  # fmt: skip
TRUE_WORDS = frozenset({"正确", "对", "√", "✓", "T", "TRUE", "是", "Y"})
FALSE_WORDS = frozenset({"错误", "错", "×", "✗", "X", "F", "FALSE", "否", "N"})
_CHILD = re.compile(rf"^{CHILD}\s*[·・.:：、-]?\s*")


@dataclass
class Labelled:
    """An item's values by label; `kind` is None when it is to be told from the rest, `options` are letters with their texts."""

    kind: Kind | None
    ref: str = ""
    is_child: bool = False
    values: dict[str, str] = field(default_factory=dict)
    options: list[tuple[str, str]] = field(default_factory=list)


def kind_of(name: str) -> tuple[Kind | None, bool]:
    """The kind of a name such as 单选题 or 子题·判断, None when it is none; and whether it belongs to the case before."""
    rest = _CHILD.sub("", name.strip())
    return KINDS.get(rest.strip().removesuffix("题")), rest != name.strip()


def kind_name(kind: Kind, *, is_child: bool) -> str:
    """What `kind_of` reads back."""
    return f"{CHILD}·{KIND_TITLES[kind]}" if is_child else KIND_TITLES[kind]


def label_of(name: str) -> str | None:
    """The label that a name stands for: its own, a synonym's, 反馈A; None when it is none."""
    text = re.sub(r"\s", "", name)
    text = SYNONYMS.get(text, text)
    return text if text in LABELS or _FEEDBACK.fullmatch(text) else None


_FEEDBACK = re.compile(rf"{FEEDBACK}(?:[A-Z]|正确|错误|[0-9]{{1,2}}\.[0-9]{{1,2}})")
