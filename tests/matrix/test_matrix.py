"""T3: every address × every role × {own, same unit, other unit, other province, absent} × method, against the file people read."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from tests.matrix import notation
from tests.matrix.findings import Survey

LIMIT_SECONDS = 480
"""Alone on two quiet cores all of it takes less than the goal, 60 by the clock (`python -m tests.matrix`). Among the other
sessions of `make test`, on a machine whose neighbours are loud, a processor's second has done a sixth as much: this bound
stops a survey that grew, not one that waits."""


@pytest.fixture(scope="module")
def found(request: pytest.FixtureRequest) -> Survey:
    if request.config.getoption("--database") != "sqlite":
        pytest.skip("asks once, on databases of its own")
    asked = [sys.executable, "-m", "tests.matrix", "--json"]  # apart: processes of a pool leave a helper behind
    told = subprocess.run(asked, stdout=subprocess.PIPE, check=True, cwd=Path(__file__).parents[2])
    return msgspec.json.decode(told.stdout, type=Survey)


def test_every_line_is_as_the_file_says(found: Survey) -> None:
    listed = {(line.method, line.path): line for line in notation.read(notation.FILE.read_text("utf-8"))}
    met = {(line.method, line.path): line for line in found.lines}
    missing = [" ".join(key) for key in met.keys() - listed.keys()]
    gone = [" ".join(key) for key in listed.keys() - met.keys()]
    differs = [f"{listed[key]}\n  now {met[key]}" for key in met.keys() & listed.keys() if met[key] != listed[key]]
    assert not (missing or gone or differs), "\n".join(
        ["addresses without a line:", *missing, "lines without an address:", *gone, "other than written:", *differs,
         f"Is it meant? Then: {notation.UPDATE}"]
    )  # fmt: skip


def test_no_request_is_answered_with_a_fault(found: Survey) -> None:
    assert not found.errors, "\n".join(found.errors)


def test_what_is_elsewhere_and_what_is_absent_look_alike(found: Survey) -> None:
    assert not found.unlike, "\n".join(found.unlike)


def test_no_word_of_another_s_leaks(found: Survey) -> None:
    assert not found.leaks, "\n".join(found.leaks)


def test_no_id_number_is_sent_in_full(found: Survey) -> None:
    assert not found.numbers, "\n".join(found.numbers)


def test_every_export_gave_a_file_in_which_words_were_looked_for(found: Survey) -> None:
    exports = {line.path for line in found.lines if line.method == "POST" and line.path.endswith("/export")}
    assert len(exports) >= 5
    missing = exports - set(found.files)
    assert not missing


def test_a_role_that_ended_opens_nothing_at_the_next_request(found: Survey) -> None:
    assert not found.still_let_in, "\n".join(found.still_let_in)


def test_methods_that_are_not_listed_are_refused(found: Survey) -> None:
    assert not found.methods, "\n".join(found.methods)


def test_the_survey_is_whole_and_quick(found: Survey) -> None:
    assert found.asked > 10_000
    assert found.seconds <= LIMIT_SECONDS, "of a processor: what else the machine does is not counted"
