"""Reads pages as a person does: text without marks, and the parts of a list."""

import html
import re


def text_of(page: str) -> str:
    """The text of a page in one line."""
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


def items(page: str, name: str) -> list[str]:
    """The list items that have the class `name`, or begin with a link that has it."""
    return re.findall(rf'<li(?: class="{name}[" ]|>\s*<a class="{name}[" ]).*?</li>', page, re.DOTALL)
