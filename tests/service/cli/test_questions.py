"""`lms questions` reads a file as the contract says, stores drafts or nothing, and writes banks out; never a traceback."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from lms.infra.db import reading
from lms.kernel import clock
from lms.questionbank import queries, service
from tests.service.cli.conftest import Command

BANK = "T1"
GOOD = "::一:: 工会是{=群众组织 ~%25%社团 ~机关####见法}\n\n工会会员{=代表 =%50%代}大会\n\n对吗{T}\n\n几{#3:1}\n\n连{=甲->一 =乙->二}\n"
BAD = GOOD + "\n只是说明\n"


@pytest.fixture
def bank(clean: Flask) -> str:
    service.ensure_bank(BANK, "题库", now=clock.now())
    return BANK


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.gift"
    path.write_text(GOOD, "utf-8")
    return path


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad.gift"
    path.write_text(BAD, "utf-8")
    return path


def answer(lms: Command, code: int, *words: object, **more: Any) -> dict[str, Any]:
    result = lms("questions", "import", *words, "--json", **more)
    assert result.exit_code == code, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    assert {"format", "items", "errors"} <= set(found)
    assert all({"type", "stem", "options", "answers", "feedback"} <= set(item) for item in found["items"])
    assert all(set(error) == {"where", "message"} for error in found["errors"])
    assert (found["errors"] == []) is (code == 0)
    return found


def stored() -> int:
    with reading() as session:
        return len(queries.on_their_way(session, BANK))


def test_a_dry_run_needs_neither_settings_nor_a_bank(lms: Command, good: Path) -> None:
    found = answer(lms, 0, good, "--bank", "NO", "--dry-run", without=("LMS_SECRET_KEY", "LMS_DATABASE_URL"))
    assert (found["format"], found["stored"]) == ("gift", None)


def test_the_answer_says_what_the_contract_says(lms: Command, good: Path) -> None:
    single, words, truth, number, pairs = answer(lms, 0, good, "--bank", "NO", "--dry-run")["items"]
    assert (single["type"], single["stem"], single["answers"], single["feedback"]) == (
        "single",
        "工会是",
        ["A"],
        "见法",
    )
    assert [(one["text"], one["fraction"]) for one in single["options"]] == [
        ("群众组织", 100),
        ("社团", 25),
        ("机关", 0),
    ]
    assert (words["type"], words["answers"]) == ("fill_in", ["代表", "代"])
    assert [(one["text"], one["fraction"]) for one in words["options"]] == [("代表", 100), ("代", 50)]
    assert (truth["type"], truth["answers"]) == ("true_false", [True])
    assert (number["type"], number["answers"]) == ("fill_in", ["3±1"])
    assert (pairs["type"], pairs["answers"]) == ("matching", [["甲", "一"], ["乙", "二"]])


def test_an_import_stores_drafts(lms: Command, bank: str, good: Path) -> None:
    assert answer(lms, 0, good, "--bank", bank)["stored"] == 5
    assert stored() == 5


def test_nothing_is_stored_when_anything_is_refused(lms: Command, bank: str, bad: Path) -> None:
    found = answer(lms, 1, bad, "--bank", bank)
    assert (len(found["items"]), found["stored"], stored()) == (5, None, 0)
    assert [error["where"] for error in found["errors"]] == ["第 11 行"]


def test_valid_rows_are_stored_when_asked(lms: Command, bank: str, bad: Path) -> None:
    assert answer(lms, 1, bad, "--bank", bank, "--valid-rows")["stored"] == 5
    assert stored() == 5


REFUSED = {
    "a bank that does not exist": ("good.gift", "--bank", ["--format", "gift"]),
    "a file that is not there": ("no.gift", "文件", []),
    "a folder": (".", "文件", []),
    "another format than said": ("good.gift", "全文", ["--format", "moodle-xml"]),
    "no workbook": ("good.gift", "文件", ["--format", "xlsx"]),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refuses(lms: Command, good: Path, bank: str, case: str) -> None:
    name, where, words = REFUSED[case]
    found = answer(lms, 1, good.parent / name, "--bank", "NO", *words)
    assert [error["where"].split()[0] for error in found["errors"]] in ([where], ["第"])
    assert stored() == 0


def test_people_read_lines(lms: Command, bad: Path) -> None:
    result = lms("questions", "import", bad, "--bank", "NO", "--dry-run")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[0] == "✗ 第 11 行: 没有答案的大括号，是说明（description），不是题目"
    assert result.stdout.splitlines()[-1] == "gift: 读到 5 道题，1 处有误，没有保存"


@pytest.mark.parametrize("format", service.WRITTEN)
def test_what_is_exported_is_imported_unchanged(
    lms: Command, bank: str, good: Path, tmp_path: Path, format: str
) -> None:
    answer(lms, 0, good, "--bank", bank)
    path = tmp_path / "out"
    assert lms("questions", "export", "--bank", bank, "--format", format, "--output", path).exit_code == 0
    found = answer(lms, 0, path, "--bank", bank)
    assert (found["format"], found["stored"], stored()) == (format, 0, 5)


def test_an_export_names_what_a_format_cannot_carry(lms: Command, bank: str, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("【填空】T1-1\n题干：甲____乙____\n答案1：一\n答案2：二\n", "utf-8")
    answer(lms, 0, path, "--bank", bank)
    result = lms("questions", "export", "--bank", bank, "--format", "gift")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "T1-1: GIFT 的填空题只能有一个空\n"


def test_a_bank_that_does_not_exist_is_not_exported(lms: Command, clean: Flask) -> None:
    result = lms("questions", "export", "--bank", "NO", "--format", "text")
    assert (result.exit_code, result.stdout) == (1, "")


def test_the_template_is_a_workbook(lms: Command, tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    assert lms("questions", "template", "--output", path).exit_code == 0
    assert path.read_bytes().startswith(b"PK")


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_what_is_wrong_with_a_file_quotes_no_id_number(lms: Command, tmp_path: Path, more: tuple[str, ...]) -> None:
    path = tmp_path / "number.gift"
    path.write_text("几{#110105194912310021:0}\n", "utf-8")
    result = lms("questions", "import", path, "--bank", "NO", "--dry-run", *more)
    assert result.exit_code == 1 and "不是数值" in result.output
    assert "110105194912310021" not in result.output
