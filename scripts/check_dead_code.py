"""Names the functions, classes, imports and branches of lms/ that nothing uses; exit 1 when there are any.

vulture finds the candidates. A name that a decorator hands to a framework, or that a template, a migration or
the project file mentions, is used. Unused fields are not reported: records carry what callers may need.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from vulture import Vulture

ROOT = Path(__file__).resolve().parent.parent
KINDS = {"function", "class", "method", "property", "import", "unreachable_code"}
# The decorator registers what it stands on.
REGISTERED = [
    "@*.route", "@*.get", "@*.post", "@*.put", "@*.patch", "@*.delete", "@*.before_request", "@*.after_request",
    "@*.teardown_request", "@*.teardown_appcontext", "@*.errorhandler", "@*.app_errorhandler", "@*.context_processor",
    "@*.template_filter", "@*.app_template_filter", "@*.app_template_global", "@*.user_loader", "@*.request_loader",
    "@*.unauthorized_handler", "@*.command", "@*.group", "@*.connect", "@*.connect_via", "@*.listens_for",
    "@handler", "@jobs.handler", "@sweep", "@jobs.sweep", "@listens_for", "@compiles", "@*.register_check",
]  # fmt: skip
# What SQLAlchemy, WTForms, Werkzeug, Flask-Login, click, pyHanko, gunicorn and html.parser call by name.
CALLED_BY_LIBRARIES = [
    "process_bind_param", "process_result_value", "process_literal_param", "load_dialect_impl", "validate_*",
    "process_formdata", "process_data", "pre_validate", "post_validate", "post_load", "get_id", "is_active",
    "is_authenticated", "is_anonymous", "__*__", "list_commands", "get_command", "async_sign_raw", "_update_meta",
    "post_fork", "when_ready", "handle_starttag", "handle_endtag", "handle_data", "_get_file_stream",
]  # fmt: skip


def names_elsewhere() -> set[str]:
    """Every word of the files outside lms/ that may name a piece of it."""
    files = [ROOT / "pyproject.toml", *(ROOT / "templates").rglob("*.*"), *(ROOT / "migrations").rglob("*.py")]
    return {word for file in files for word in re.findall(r"\w+", file.read_text(encoding="utf-8"))}


def main() -> int:
    finder = Vulture(ignore_decorators=REGISTERED, ignore_names=CALLED_BY_LIBRARIES)
    finder.scavenge([str(ROOT / "lms")])
    known = names_elsewhere()
    dead = [item for item in finder.get_unused_code(min_confidence=60) if item.typ in KINDS and item.name not in known]
    for item in dead:
        print(f"{item.filename.relative_to(ROOT)}:{item.first_lineno}: unused {item.typ} '{item.name}'")
    print(f"dead code: {len(dead)} found")
    return 1 if dead else 0


if __name__ == "__main__":
    sys.exit(main())
