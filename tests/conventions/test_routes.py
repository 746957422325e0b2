"""Every address is on the reviewed list, names its guard and is spelt as the others are."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.conventions.routes import reviewed, routes
from tests.matrix.notation import UPDATE

WORD = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)?")
VARIABLE = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>")
TYPES = {"uuid", "int", "string"}
FILES = "/media/<uuid:asset_id>/<path:name>"
"""The one address whose tail is a path: the files of a package, under a signed grant."""


def rules(app: Flask) -> Iterator[Rule]:
    yield from sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule)


def test_every_address_is_on_the_reviewed_list(app: Flask) -> None:
    found, listed = set(routes(app)), reviewed()
    new, gone = sorted(found - listed), sorted(listed - found)
    assert not new and not gone, (
        f"\nnew: {new}\ngone: {gone}\nIs each guard right? Then: {UPDATE}\n(`git diff` shows what a reviewer will see)"
    )


def test_every_address_names_a_guard(app: Flask) -> None:
    assert not [line for line in routes(app) if line.endswith(" None")]


def test_staff_addresses_ask_for_a_permission(app: Flask) -> None:
    open_ones = [line for line in routes(app) if " /staff" in line and line.split(" ", 2)[2] in {"public", "signed_in"}]
    assert not open_ones


def test_what_is_public_and_writes_is_little(app: Flask) -> None:
    found = {line.removesuffix(" public") for line in routes(app) if line.endswith(" public")}
    assert {line for line in found if not line.startswith("GET ")} == {
        "POST /sign-in",
        "POST /sign-in/code",
        "POST /forgotten",
        "POST /register",
        "POST /language",
        "POST /verify",
        "POST /verify/number",
        "POST /api/v1/session",
        "POST /api/v1/leases/<uuid:lease_id>/beats",
        "POST /api/v1/leases/<uuid:lease_id>/presence",
        "POST /api/v1/screens/<uuid:screen_id>/presence",
        "POST /api/v1/screens/<uuid:screen_id>/reports",
    }


def test_a_view_answers_one_method(app: Flask) -> None:
    several = [rule.rule for rule in rules(app) if len((rule.methods or set()) - {"HEAD", "OPTIONS"}) != 1]
    assert not several, "the form page and its submission are two functions"


def test_paths_are_kebab_case(app: Flask) -> None:
    wrong = [
        rule.rule
        for rule in rules(app)
        for part in rule.rule.strip("/").split("/")
        if part and not WORD.fullmatch(VARIABLE.sub("x", part))
    ]
    assert not wrong


def test_variables_have_a_type(app: Flask) -> None:
    wrong = [
        (rule.rule, name)
        for rule in rules(app)
        for kind, name in VARIABLE.findall(rule.rule)
        if kind not in TYPES and rule.rule != FILES
    ]
    assert not wrong, "say <uuid:lecture_id>, not <lecture_id>"


@pytest.mark.parametrize("rule", ["/static/<path:filename>"])
def test_flask_serves_no_files_of_its_own(app: Flask, rule: str) -> None:
    assert rule not in {one.rule for one in rules(app)}


def test_json_addresses_carry_their_version(app: Flask) -> None:
    wrong = [rule.rule for rule in rules(app) if rule.rule.startswith("/api/") and not rule.rule.startswith("/api/v1/")]
    assert not wrong
