"""One item, one text format: texts that come in another are turned into it."""

import html
import re
from collections.abc import Iterable

from lms.questionbank.domain.exchange import TextFormat

_HTML = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]{0,12}(?:\s[^<>]{0,2000})?/?>|<!--|&(?:[a-zA-Z]{2,8}|#[0-9]{1,6});")
_MARKDOWN_SIGNS = re.compile(r"([\\`*_\[\]<>&#])")


def looks_like_html(text: str) -> bool:
    """Whether the text holds a tag or a character reference."""
    return _HTML.search(text) is not None


def common_format(formats: Iterable[TextFormat]) -> TextFormat:
    """The format that can say all of them: html says plain text too, markdown says both."""
    found = set(formats)
    return next(
        (format for format in (TextFormat.MARKDOWN, TextFormat.HTML) if format in found),
        TextFormat.PLAIN,
    )


def as_format(text: str, given: TextFormat, wanted: TextFormat) -> str:
    """The text in a format that can say it; the signs of plain text that would mean something there are escaped."""
    if given is not TextFormat.PLAIN or wanted is given:
        return text
    if wanted is TextFormat.HTML:
        return html.escape(text, quote=False).replace("\n", "<br>")
    return _MARKDOWN_SIGNS.sub(r"\\\1", text).replace("\n", "  \n")
