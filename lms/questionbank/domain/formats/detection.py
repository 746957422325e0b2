"""Which format a file is in, told from its content."""

import re
from enum import StrEnum


class Format(StrEnum):
    """The formats that are read."""

    GIFT = "gift"
    AIKEN = "aiken"
    MOODLE_XML = "moodle-xml"
    QTI = "qti"
    XLSX = "xlsx"
    CSV = "csv"
    TEXT = "text"


_LOOKED_AT, _HEADER = 200_000, 1_000
_TYPES = "单选|多选|判断|填空|匹配|简答|案例|单项选择|多项选择|答案|解析"
_TEXT = re.compile(
    rf"^[ \t　]*(?:[【\[](?:子题\S?)?(?:{_TYPES})|(?:正确|参考)?答案\s*[:：]|题干\s*[:：])", re.MULTILINE
)
_TABLE = re.compile(r"\A[^\n]*(?:题干|题目|题型)[^\n]*[,\t;，]|\A[^\n]*[,\t;][^\n]*(?:题干|题目|题型)")
_AIKEN = re.compile(r"^[ \t　]*ANSWER\s*:", re.MULTILINE)
_SURELY_GIFT = re.compile(r"^[ \t　]*(?:::|\$CATEGORY:)", re.MULTILINE | re.IGNORECASE)
_GIFT = re.compile(r"(?<!\\)\{\s*(?:[=~#}]|T\b|F\b|TRUE\b|FALSE\b)")
_QTI = re.compile(r"<(?:\w+:)?(?:assessmentItem|qti-assessment-item|assessmentTest|questestinterop)\b")


def format_of(text: str) -> Format:
    """The format of a text file; plain text when nothing says otherwise."""
    looked_at = text.lstrip("\ufeff \t\r\n")[:_LOOKED_AT]
    if looked_at.startswith("<"):
        return Format.QTI if _QTI.search(looked_at) else Format.MOODLE_XML
    first = looked_at[:_HEADER]
    signs = (
        (_SURELY_GIFT, Format.GIFT),
        (_TABLE, Format.CSV),
        (_TEXT, Format.TEXT),
        (_AIKEN, Format.AIKEN),
        (_GIFT, Format.GIFT),
    )
    return next(
        (format for sign, format in signs if sign.search(first if format is Format.CSV else looked_at)), Format.TEXT
    )
