"""From HTML to the marked text that papers are written in: lines, **strong** words, cells side by side; nothing active is left."""

import re
from html.parser import HTMLParser

_BLOCKS = frozenset(
    {"p", "div", "li", "tr", "table", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre"}
)
_STRONG = frozenset({"b", "strong"})
_SILENT = frozenset({"script", "style", "template", "title", "head"})
_BLANK_LINES = re.compile(r"\n\s*\n+")
_SPACES = re.compile(r"[^\S\n]+")


class _Reader(HTMLParser):
    """Gathers the text of a fragment."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._strong = 0
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag in _STRONG:
            self._strong += 1
            self._mark(opening=True)
        elif tag == "br" or tag in _BLOCKS:
            self._line()
        elif tag in ("td", "th") and self.parts and not self.parts[-1].endswith("\n"):
            self.parts.append(" | ")
        elif tag == "img" and not self._silent:
            said = next((value for name, value in attrs if name == "alt" and value), "")
            self.parts.append(f"（图：{said}）" if said else "（图）")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in _STRONG and self._strong:
            self._strong -= 1
            self._mark(opening=False)
        elif tag in _BLOCKS:
            self._line()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(_SPACES.sub(" ", data.replace("\n", " ")))

    def _line(self) -> None:
        self.parts.append("\n")

    def _mark(self, *, opening: bool) -> None:
        if self._strong == (1 if opening else 0) and not self._silent:
            self.parts.append("**")


def from_html(html: str) -> str:
    """The marked text of an HTML fragment: no tag of it is left, whatever it was."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    text = "".join(reader.parts).replace("****", "")
    lines = (line.strip() for line in _BLANK_LINES.sub("\n", text).split("\n"))
    return "\n".join(lines).strip()
