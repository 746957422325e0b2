"""From HTML to the marked text that papers are written in (`marks.py`); nothing active is left."""

import re
from html.parser import HTMLParser

from lms.questionbank.domain.marks import OWN_FILES, name_in, picture_mark

_BLOCKS = frozenset(
    {"p", "div", "li", "tr", "table", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre"}
)
_TABULAR = frozenset({"table", "tr", "td", "th"})
_STRONG = frozenset({"b", "strong"})
_SILENT = frozenset({"script", "style", "template", "title", "head"})
_BLANK_LINES = re.compile(r"\n\s*\n+")
_SPACES = re.compile(r"[^\S\n]+")
_FORMULA = re.compile(r"\\\((?P<inline>[^$]+?)\\\)|\\\[(?P<own>[^$]+?)\\\]|\$\$(?P<dollars>[^$]+?)\$\$|(?P<sign>\$)")


class _Reader(HTMLParser):
    """Gathers the text of a fragment."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._strong = 0
        self._silent = 0
        self._first_row = False
        self._row: list[str] | None = None
        self._before: list[str] = []
        self._heads = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag in _STRONG:
            self._strong += 1
            self._mark(opening=True)
        elif tag in _TABULAR:
            self._tabular(tag)
        elif tag == "br" or tag in _BLOCKS:
            self._line()
        elif tag == "img" and not self._silent:
            self.parts.append(_picture({name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in _STRONG and self._strong:
            self._strong -= 1
            self._mark(opening=False)
        elif tag in ("tr", "table"):
            self._end_row()
        elif tag in _BLOCKS:
            self._line()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(_FORMULA.sub(_formula, _SPACES.sub(" ", data.replace("\n", " "))))

    def finish(self) -> None:
        """Ends a row that the fragment left open."""
        self._end_row()

    def _tabular(self, tag: str) -> None:
        """A cell begins, a row or a table: what stood in the cell before is over."""
        if tag in ("td", "th") and self._row is not None:
            self._end_cell()
            self._heads = self._heads and tag == "th"
            self._row.append("")
            return
        self._end_row()
        self._first_row = self._first_row or tag == "table"
        if tag == "tr":
            self._before, self.parts = self.parts, []
            self._row, self._heads = [], True

    def _end_cell(self) -> None:
        if self._row:
            self._row[-1] = _SPACES.sub(" ", "".join(self.parts).replace("\n", " ")).strip()
        else:  # words between a row and its first cell: browsers put them before the table
            self._before += self.parts
        self.parts = []

    def _end_row(self) -> None:
        """Writes the row on a line, closed in by bars when it begins or ends with an empty cell; heads get their line below."""
        if self._row is None:
            self._line()
            return
        self._end_cell()
        row, self._row, self.parts = self._row, None, self._before
        line = " | ".join(row)
        self.parts.append("\n" + (f"| {line} |" if row and not (row[0] and row[-1]) else line) + "\n")
        if self._first_row and self._heads and len(row) > 1:
            self.parts.append("|".join(["---"] * len(row)) + "\n")
        self._first_row = False

    def _line(self) -> None:
        self.parts.append("\n")

    def _mark(self, *, opening: bool) -> None:
        if self._strong == (1 if opening else 0) and not self._silent:
            self.parts.append("**")


def _picture(attributes: dict[str, str]) -> str:
    said, source = attributes.get("alt", ""), attributes.get("src", "")
    if source.startswith(OWN_FILES):
        return picture_mark(said, name_in(source))
    return f"（图：{said}）" if said else "（图）"


def _formula(match: re.Match[str]) -> str:
    """TeX as Moodle's filter knows it: between \\( \\), \\[ \\] and two dollar signs; a single sign is a sign."""
    if match["sign"]:
        return r"\$"
    if match["inline"]:
        return f"${match['inline'].strip()}$"
    return f"\n$${(match['own'] or match['dollars']).strip()}$$\n"


def from_html(html: str) -> str:
    """The marked text of an HTML fragment: no tag of it is left, whatever it was."""
    reader = _Reader()
    reader.feed(html.replace("<![", "&lt;!["))  # the parser fails at a section that it does not know
    reader.close()
    reader.finish()
    text = "".join(reader.parts).replace("****", "")
    lines = (line.strip() for line in _BLANK_LINES.sub("\n", text).split("\n"))
    return "\n".join(lines).strip()
