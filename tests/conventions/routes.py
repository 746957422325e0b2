"""Lists every address with its method and guard; docs/permission-matrix.txt holds the reviewed list, with what each role meets."""

from collections.abc import Iterator

from flask import Flask

from lms.web import guards
from tests.matrix import notation


def routes(app: Flask) -> Iterator[str]:
    """One line `METHOD path guard` for each address and method, by path."""
    lines = [
        (rule.rule, method, guards.guard_of(app.view_functions[rule.endpoint]))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    ]
    for path, method, guard in sorted(lines):
        yield f"{method} {path} {guard}"


def reviewed() -> set[str]:
    """The same lines, as the matrix has them."""
    return {f"{line.method} {line.path} {line.guard}" for line in notation.read(notation.FILE.read_text("utf-8"))}
