"""The words that Moodle XML and the neutral item have for the same thing."""

from lms.questionbank.domain.exchange import Kind, TextFormat

TYPE_OF = {
    Kind.SINGLE: "multichoice",
    Kind.MULTIPLE: "multichoice",
    Kind.TRUE_FALSE: "truefalse",
    Kind.FILL_IN: "shortanswer",
    Kind.MATCHING: "matching",
    Kind.SHORT_ANSWER: "essay",
}
NUMERICAL = "numerical"
UNSUPPORTED = {
    "cloze": "完形填空",
    "description": "说明",
    "calculated": "计算题",
    "calculatedsimple": "简单计算题",
    "calculatedmulti": "计算多选题",
    "ddwtos": "拖放填词",
    "ddimageortext": "图上拖放",
    "ddmarker": "拖放标记",
    "gapselect": "选词填空",
    "ordering": "排序题",
    "randomsamatch": "随机匹配",
    "coderunner": "编程题",
    "stack": "公式题",
}
FORMAT_NAMES = {TextFormat.PLAIN: "plain_text", TextFormat.HTML: "html", TextFormat.MARKDOWN: "markdown"}
FORMATS = {name: format for format, name in FORMAT_NAMES.items()}
AUTO_FORMATS = frozenset({"moodle_auto_format", ""})
TRUE_WORDS = frozenset({"1", "true"})
