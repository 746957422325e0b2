"""What an item rests on: an article of a law (工会法 第二条 第一款) or a standard notion of the textbooks (通说：……)."""

import re
from dataclasses import dataclass

from lms.questionbank.domain.numerals import NUMERAL, chinese, value_of
from lms.questionbank.domain.plaintext import canonical

NOTION_LABEL = "通说"

_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")
_NOTION = re.compile(rf"^{NOTION_LABEL}\s*[:：]\s*(.*)$")
_PART = re.compile(
    rf"^(?P<law>.*?)\s*(?:第(?P<article>{NUMERAL})条(?:之(?P<branch>{NUMERAL}))?)?"
    rf"\s*(?:第(?P<paragraph>{NUMERAL})款)?\s*(?:第[（(]?(?P<point>{NUMERAL})[）)]?项)?$"
)


@dataclass(frozen=True)
class LawCitation:
    """One provision; `paragraph` is its 款, `point` its 项, `branch` the N of 第X条之N."""

    law: str
    article: int
    branch: int | None = None
    paragraph: int | None = None
    point: int | None = None

    @property
    def text(self) -> str:
        """The citation as it is written in a bank."""
        article = f"第{chinese(self.article)}条" + (f"之{chinese(self.branch)}" if self.branch else "")
        paragraph = f"第{chinese(self.paragraph)}款" if self.paragraph else ""
        point = f"第{chinese(self.point)}项" if self.point else ""
        return " ".join(part for part in (self.law, article, paragraph, point) if part)


@dataclass(frozen=True)
class Notion:
    """A notion that the textbooks share, in a few words."""

    statement: str

    @property
    def text(self) -> str:
        """The notion as it is written in a bank."""
        return f"{NOTION_LABEL}：{self.statement}"


Citation = LawCitation | Notion


def parse_citations(value: str) -> tuple[tuple[Citation, ...], tuple[str, ...]]:
    """The citations of a 依据 line and the parts that are none; ；separates provisions, 、continues within one law."""
    found: list[Citation] = []
    unread: list[str] = []
    for chunk in re.split("[；;]", value):
        text = canonical(chunk)
        if not text:
            continue
        notion = _NOTION.match(text)
        if notion:
            statement = canonical(notion[1])
            found.append(Notion(statement)) if statement else unread.append(text)
            continue
        previous: LawCitation | None = None
        for part in text.split("、"):
            previous = _provision(canonical(part), previous)
            if previous is None:
                unread.append(text)
                break
            found.append(previous)
    return tuple(found), tuple(unread)


def _provision(text: str, previous: LawCitation | None) -> LawCitation | None:
    match = _PART.match(text.translate(_DIGITS))
    if match is None:
        return None
    law = _law_name(match["law"]) or (previous.law if previous else "")
    article = _positive(match["article"])
    branch = _positive(match["branch"])
    paragraph = _positive(match["paragraph"])
    if article is None and previous and not match["law"]:
        article, branch = previous.article, previous.branch
        paragraph = paragraph or previous.paragraph
    if not law or article is None:
        return None
    return LawCitation(law, article, branch, paragraph, _positive(match["point"]))


def _law_name(text: str) -> str:
    name = re.sub(r"\s", "", text).replace("(", "（").replace(")", "）")
    return name[1:-1] if name.startswith("《") and name.endswith("》") else name


def _positive(text: str | None) -> int | None:
    number = value_of(text) if text else None
    return number if number and number <= 9999 else None
