"""How modules are named, explained and kept apart."""

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "lms").rglob("*.py"))
PURE = [path for path in MODULES if "domain" in path.parts or path.parent.name == "kernel"]
BELOW_PAGES = [path for path in MODULES if {"service", "queries", "models", "events"} & {*path.parts, path.stem}]
EXPLAINED = [path for path in MODULES if {"service", "queries", "domain", "kernel"} & {*path.parts, path.stem}]
JUNK_DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "shared", "tools", "stuff"}
CLOCKS = {"now", "utcnow", "today", "time", "time_ns", "localtime", "gmtime"}
CLOCK = ROOT / "lms/kernel/clock.py"
IDS = ROOT / "lms/kernel/ids.py"
SQL_CLOCK = re.compile(r"CURRENT_(TIMESTAMP|TIME|DATE)\b|func\.(now|current_timestamp|localtime)\b")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK|TEMPORARY)\b")
OUTSIDE = {"os", "socket", "subprocess", "sqlite3", "urllib", "http", "shutil", "tempfile", "threading", "asyncio"}


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def source(path: Path) -> str:
    return path.read_text("utf-8")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(source(path))


def imports(path: Path) -> Iterator[str]:
    """The dotted names that a module imports."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module}.{name.name}" for name in node.names)


def test_a_module_opens_with_a_sentence() -> None:
    assert not [named(path) for path in MODULES if not ast.get_docstring(tree(path))]


def test_there_is_no_junk_drawer() -> None:
    assert not [named(path) for path in MODULES if path.stem in JUNK_DRAWERS]


def test_nothing_is_left_unfinished() -> None:
    assert not [named(path) for path in MODULES if UNFINISHED.search(source(path))]


def test_imports_say_the_whole_name() -> None:
    assert not [(named(path), name) for path in MODULES for name in imports(path) if name.startswith(".")]


def test_rules_import_the_standard_library_the_kernel_and_their_own_subject() -> None:
    wrong = []
    for path in PURE:
        subject = path.relative_to(ROOT).parts[1]
        near = ("lms.kernel.", f"lms.{subject}.domain.")
        for name in imports(path):
            if name.split(".")[0] not in sys.stdlib_module_names and not f"{name}.".startswith(near):
                wrong.append((named(path), name))
    assert not wrong


def test_rules_touch_no_file_network_or_process() -> None:
    assert not [(named(path), name) for path in PURE for name in imports(path) if name.split(".")[0] in OUTSIDE]


def test_no_module_keeps_an_alias_that_threads_would_complete_at_once() -> None:
    """`db.second` makes one that is whole."""
    kept = [(path, node) for path in MODULES for node in tree(path).body if isinstance(node, ast.Assign)]
    assert not [(named(path), node.lineno) for path, node in kept if "aliased(" in ast.unparse(node.value)]


def clock_readings(path: Path) -> Iterator[str]:
    """Calls of a clock, and imports of one, with their lines."""
    for node in ast.walk(tree(path)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in CLOCKS
            and ast.unparse(node.func.value).split(".")[-1] in {"datetime", "date", "time"}
        ):
            yield f"{named(path)}:{node.lineno} {ast.unparse(node.func)}"
    yield from (f"{named(path)} {name}" for name in imports(path) if name in {"time.time", "time.time_ns"})
    yield from (f"{named(path)} {found[0]}" for found in SQL_CLOCK.finditer(source(path)))


def test_only_the_clock_reads_the_clock() -> None:
    assert list(clock_readings(CLOCK)), "the test no longer sees a clock"
    assert not [reading for path in MODULES if path != CLOCK for reading in clock_readings(path)]


def test_only_one_module_makes_ids() -> None:
    made = re.compile(r"\buuid[14]\(")
    assert not [named(path) for path in MODULES if path != IDS and made.search(source(path))]


def test_public_names_of_rules_services_and_queries_say_what_they_are() -> None:
    silent = [
        f"{named(path)}:{node.lineno} {node.name}"
        for path in EXPLAINED
        for node in tree(path).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert not silent


def test_no_layer_below_the_pages_knows_pages() -> None:
    pages = ("flask.", "flask_", "wtforms.", "lms.web.")
    wrong = [(named(path), name) for path in BELOW_PAGES for name in imports(path) if f"{name}.".startswith(pages)]
    assert not wrong
