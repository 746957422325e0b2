"""What an error tells people are sentences marked for translation; codes and facts stand in `extra`."""

import ast
import importlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from lms.kernel import errors as kernel_errors
from lms.kernel.errors import DomainError
from tests.conventions.test_templates import CHINESE, ROOT, texts_for_people

STARTED_ON_IMPORT = {"wsgi.py", "__main__.py"}
MODULES = sorted(path for path in (ROOT / "lms").rglob("*.py") if path.name not in STARTED_ON_IMPORT)
CODE_LIKE = re.compile(r"[a-z]+_[a-z]|\b[a-z]{2,}\b(?<!vtt)(?<!srt)|\b[A-Z]\d|[<>=≠/{}]")
PLACEHOLDER = re.compile(r"%\(\w+\)s")
STORED = {"asset.reason"}  # kept by the video's checks as a source sentence


def module_of(path: Path) -> ModuleType:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return importlib.import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))


def reads_like_code(text: str) -> bool:
    return not re.search(CHINESE, text) or bool(CODE_LIKE.search(PLACEHOLDER.sub("", text)))


def valued(node: ast.expr, module: ModuleType) -> Any:
    """What a plain name, or name with dots, stands for in a module; None for anything else."""
    if isinstance(node, ast.Name):
        return getattr(module, node.id, None)
    if isinstance(node, ast.Attribute) and isinstance(holder := valued(node.value, module), ModuleType | type):
        return getattr(holder, node.attr, None)
    return None


def takes_a_detail(call: ast.Call, module: ModuleType) -> bool:
    """Whether the call makes an error whose first argument is the detail."""
    found = valued(call.func, module)
    return isinstance(found, type) and issubclass(found, DomainError) and found.__init__ is DomainError.__init__


def calls_of_super(tree: ast.Module, module: ModuleType) -> set[ast.Call]:
    """The calls of `super().__init__` in errors that take other arguments."""
    return {
        call
        for kind in ast.walk(tree)
        if isinstance(kind, ast.ClassDef)
        and isinstance(one := getattr(module, kind.name, None), type)
        and issubclass(one, DomainError)
        for call in ast.walk(kind)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "super().__init__"
    }


def details() -> Iterator[tuple[str, ast.expr, ModuleType]]:
    """Place, expression and module of every detail that is given to an error."""
    for path in MODULES:
        source = path.read_text("utf-8")
        if path == Path(kernel_errors.__file__):
            continue
        tree, module = ast.parse(source), module_of(path)
        own = calls_of_super(tree, module)
        for call in ast.walk(tree):
            if not isinstance(call, ast.Call):
                continue
            given = [*call.args[:1], *(word.value for word in call.keywords if word.arg == "detail")]
            if given and (call in own or takes_a_detail(call, module)):
                yield f"{path.relative_to(ROOT)}:{call.lineno}", given[0], module


def sentences(node: ast.expr, module: ModuleType) -> list[str]:
    """The texts that an expression may be: N_("…"), the name of one, or an entry of a table of them."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "N_":
        return [ast.literal_eval(node.args[0])]
    table = valued(node.value, module) if isinstance(node, ast.Subscript) else None
    if isinstance(table, Mapping):
        return [str(text) for text in table.values()]
    text = valued(node, module)
    return [text] if isinstance(text, str) else []


def kinds(kind: type[DomainError] = DomainError) -> Iterator[type[DomainError]]:
    yield kind
    for under in kind.__subclasses__():
        if under.__module__.startswith("lms."):
            yield from kinds(under)


def test_details_are_marked_sentences() -> None:
    marked = {text for path in MODULES for _line, text in texts_for_people(path)}
    found = list(details())
    assert len(found) >= 5
    wrong = [
        f"{place}: {ast.unparse(node)}"
        for place, node, module in found
        if ast.unparse(node) not in STORED
        and (not (texts := sentences(node, module)) or any(reads_like_code(one) or one not in marked for one in texts))
    ]
    assert not wrong, "an error's detail is N_(a Chinese sentence); facts go to extra"


def test_titles_are_sentences() -> None:
    for path in MODULES:
        module_of(path)
    assert not [kind.__name__ for kind in kinds() if reads_like_code(kind.title)]


@pytest.mark.parametrize(
    "text", ["C1 / single: 0 < 1", "one_level_for_each_person", "状态 voided", "100 ≠ 90", "作废 / 交卷"]
)
def test_codes_are_recognised(text: str) -> None:
    assert reads_like_code(text)
