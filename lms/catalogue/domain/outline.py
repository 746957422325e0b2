"""A lecture's outline: typed as lines, kept as the HTML of a list, and shown as lines again when it is edited."""

import html
import re

_TAG = re.compile(r"<(?:p|ul|ol|li|br|strong|em|h3|h4|blockquote)\b", re.IGNORECASE)
_LIST = re.compile(r"<ul>\s*(?:<li>[^<]*</li>\s*)+</ul>")
_POINT = re.compile(r"<li>([^<]*)</li>")
_MARK = re.compile(r"^(?:[-*•·]|\d{1,2}[.、．)）])\s*")


def as_html(text: str) -> str:
    """HTML of what was typed: each line a point of a list, its own bullet or number dropped; HTML stays as it is, uncleaned."""
    if _TAG.search(text):
        return text.strip()
    points = [_MARK.sub("", line.strip()) for line in text.splitlines()]
    listed = "".join(f"<li>{html.escape(point, quote=False)}</li>" for point in points if point)
    return f"<ul>{listed}</ul>" if listed else ""


def as_text(outline: str) -> str:
    """What stands in the form when the outline is edited: lines when it is a plain list, else its HTML."""
    if not _LIST.fullmatch(outline.strip()):
        return outline
    return "\n".join(html.unescape(point) for point in _POINT.findall(outline))
