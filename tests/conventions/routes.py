"""Lists every address with its method and guard; `python -m tests.conventions.routes > tests/conventions/routes.txt` keeps it.

The list is reviewed by people: an address that appears, vanishes or changes its guard has to change there too.
"""

import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

from flask import Flask

from lms.app import create_app
from lms.settings import Settings
from lms.web import guards

LIST = Path(__file__).with_name("routes.txt")
UPDATE = "python -m tests.conventions.routes > tests/conventions/routes.txt"


def routes(app: Flask) -> Iterator[str]:
    """One line `METHOD path guard` for each address and method, by path."""
    lines = [
        (rule.rule, method, guards.guard_of(app.view_functions[rule.endpoint]))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    ]
    for path, method, guard in sorted(lines):
        yield f"{method} {path} {guard}"


def main() -> None:
    """Prints the list of the application as it is."""
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(
            mode="test", home=Path(home), secret_key=secrets.token_hex(32), field_key=secrets.token_hex(32)
        )
        for line in routes(create_app(settings)):
            print(line)


if __name__ == "__main__":
    main()
