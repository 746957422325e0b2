"""Pages stand on a layout, have a title, obey the content security policy and are set as Chinese is."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from lms import paths

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(paths.templates().rglob("*.html"))
FRAMES = ("layouts/", "macros/", "base.html")
INLINE = {
    "inline script": re.compile(r"<script\b(?![^>]*\bsrc=)", re.IGNORECASE),
    "style element": re.compile(r"<style\b", re.IGNORECASE),
    "style attribute": re.compile(r"[\s,(]style\s*=", re.IGNORECASE),
    "event handler": re.compile(r"[\s,(]on[a-z]{3,}\s*=", re.IGNORECASE),
    "javascript: address": re.compile(r"javascript:", re.IGNORECASE),
    "address of another host": re.compile(r"(?:src|href|action)\s*=\s*[\"']?(?:https?:)?//", re.IGNORECASE),
}
CHINESE = r"[\u3400-\u9fff\uff08\uff09\u300a\u300b\u201c\u201d]"
HALF_WIDTH = re.compile(rf"{CHINESE}\s*[,:;?!]\s*{CHINESE}")
HALF_WIDTH_AT_THE_END = re.compile(rf"{CHINESE}\s*[,:;?!](?=['\"<{{]|$)", re.MULTILINE)
HALF_WIDTH_BRACKETS = re.compile(rf"\((?=\s*{CHINESE})|{CHINESE}\s*\)|(?<=[\s>])\(\{{\{{|\}}\}}\)")
BETWEEN_EXPRESSIONS = re.compile(r"\}\}[,:;] \{\{")
TRANSLATORS = {"_", "_l", "N_", "gettext", "lazy_gettext"}


def named(path: Path) -> str:
    return path.relative_to(paths.templates()).as_posix()


@cache
def text_of(path: Path) -> str:
    """The template without its comments."""
    return re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.DOTALL)


def pages() -> Iterator[Path]:
    """Templates that are whole pages: not the frames, and not what another template imports or includes."""
    pattern = re.compile(r"\{%-? *(?:import|include|from) \"([^\"]+)\"")
    parts = {part for path in TEMPLATES for part in pattern.findall(text_of(path))}
    yield from (path for path in TEMPLATES if named(path) not in parts and not named(path).startswith(FRAMES))


def test_a_page_stands_on_a_layout() -> None:
    layout = re.compile(r'\s*\{%-? extends "layouts/(learner|staff|plain)\.html" -?%\}')
    assert not [named(path) for path in pages() if not layout.match(text_of(path))]


def test_a_page_has_a_title() -> None:
    titled = re.compile(r"\{% block title %\}\s*(?!\{% endblock)\S")
    assert not [named(path) for path in pages() if not titled.search(text_of(path))]


def test_nothing_runs_or_is_styled_inline() -> None:
    found = [
        f"{named(path)}: {what}: {match[0].strip()}"
        for path in TEMPLATES
        for what, pattern in INLINE.items()
        if (match := pattern.search(re.sub(r"\{%.*?%\}", "", text_of(path), flags=re.DOTALL)))
    ]
    assert not found


def test_a_form_that_changes_something_carries_its_token_and_address() -> None:
    wrong = []
    for path in TEMPLATES:
        for form in re.findall(r"<form\b.*?</form>", text_of(path), flags=re.DOTALL | re.IGNORECASE):
            if not re.search(r'method="post"', form, re.IGNORECASE):
                continue
            has_token = re.search(r"csrf_token|csrf\(\)|hidden_tag|language_form", form)
            if not has_token or "action=" not in form:
                wrong.append(f"{named(path)}: {form[:100]}")
    assert not wrong


def test_templates_are_set_in_full_width_punctuation() -> None:
    found = [
        f"{named(path)}: {match[0]}"
        for path in TEMPLATES
        for pattern in (HALF_WIDTH, HALF_WIDTH_AT_THE_END, HALF_WIDTH_BRACKETS, BETWEEN_EXPRESSIONS)
        for match in pattern.finditer(text_of(path))
    ]
    assert not found, "beside Chinese texts stand ，：；？！（）; between two expressions {{ _('：') }}"


def test_every_column_of_a_table_has_a_name() -> None:
    named_tables = re.compile(r"ui\.table\([^%]*?\[[^%]*?(\"\"|'')[^%]*?\]")
    found = [f"{named(path)}: {match[0]}" for path in TEMPLATES for match in named_tables.finditer(text_of(path))]
    assert not found
    assert not [named(path) for path in TEMPLATES if re.search(r"<th\b[^>]*>\s*</th>", text_of(path))]


def texts_for_people(path: Path) -> Iterator[tuple[int, str]]:
    """Line and text of every string that a module marks for translation."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TRANSLATORS and node.args:
            text = node.args[0]
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                yield node.lineno, text.value


def test_texts_in_code_are_set_in_full_width_punctuation() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for path in sorted((ROOT / "lms").rglob("*.py"))
        for line, text in texts_for_people(path)
        if any(pattern.search(text) for pattern in (HALF_WIDTH, HALF_WIDTH_AT_THE_END, HALF_WIDTH_BRACKETS))
    ]
    assert not found
