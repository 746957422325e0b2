"""`python -m lms.questionbank.check` prints a report and names file and line of each violation."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from lms.questionbank.check import main
from lms.questionbank.domain.items import Item, ItemType, as_data
from lms.questionbank.domain.textformat import render
from tests.unit.questionbank.banks import SOURCES, item, sound_bank

SCHEMA = Path(__file__).parents[3] / "question_banks" / "schema.json"

COURSE = """code = "C1"
number = 1
title = "劳动关系与工会"
teacher = "李德齐"
institution = "中国劳动关系学院"
post = "教授"
outline = ["一", "二", "三", "四", "五", "六", "七", "八"]
"""


def practice_items() -> list[Item]:
    """Other items, as many of each type as the sound bank has."""
    return [item(100 + place, one.type, "".join(one.answer)) for place, one in enumerate(sound_bank())]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with one sound bank."""
    bank = tmp_path / "01-labour-relations"
    bank.mkdir()
    (bank / "course.toml").write_text(COURSE, "utf-8")
    (bank / "items.txt").write_text(render(sound_bank()), "utf-8")
    (bank / "practice.txt").write_text(render(practice_items()), "utf-8")
    slide = f"【幻灯片】标题\n- 要点\n讲稿：\n{'说' * 20}\n{'说' * 20}\n"
    (bank / "lecture.txt").write_text(slide * 8, "utf-8")
    (tmp_path / "sources").mkdir()
    for number, text in enumerate(SOURCES):
        (tmp_path / "sources" / f"{number}.toml").write_text(text, "utf-8")
    (tmp_path / "schema.json").write_bytes(SCHEMA.read_bytes())
    return tmp_path


def test_a_sound_folder_passes(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(root)]) == 0

    printed = capsys.readouterr().out
    assert "01-labour-relations 劳动关系与工会" in printed
    assert "✓ 单选答案的字母：A4 B4 C4 D4" in printed
    assert "✓ 练习题：40（要求：至少 5）" in printed
    assert "1 个题库，40 道题，40 道练习题，0 处不合规则" in printed


PLANTED = {
    "a broken item": ("items.txt", "答案：A", "答案：Z", "items.txt:49: 第 49 行，答案：Z 不是本题的选项"),
    "a rule of the craft": ("items.txt", "解析：这是第一句。", "解析：", "items.txt:1: C1-001 解析有 1 句"),
    "a broken practice item": (
        "practice.txt",
        "答案：A",
        "答案：Z",
        "practice.txt:49: 第 49 行，答案：Z 不是本题的选项",
    ),
    "a practice item of another course": (
        "practice.txt",
        "C1-100",
        "C2-100",
        "practice.txt:1: C2-100 编号应以 C1- 开头",
    ),
    "a practice item that asks for a missing article": ("practice.txt", "第二条", "第九条", "practice.txt:1: C1-100"),
    "a practice item beside the schema": ("practice.txt", "C1-100", "C1-1000", "practice.txt:1: C1-1000 不合 schema"),
    "a broken course": ("course.toml", 'post = "教授"', "", "course.toml:1: 第 1 行，职务 post"),
    "a course in the wrong folder": ("course.toml", "number = 1", "number = 2", "course.toml:1: 文件夹"),
    "a short outline": ("course.toml", '"七", "八"', '"七"', "course.toml:1: 提纲有 7 条"),
    "a broken lecture": ("lecture.txt", "- 要点\n", "", "lecture.txt:1: 第 1 行，要点：没有填写"),
    "an item beside the schema": ("items.txt", "C1-001", "C1-1001", "items.txt:1: C1-1001 不合 schema.json"),
}


@pytest.mark.parametrize("case", PLANTED)
def test_names_file_and_line_of(case: str, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name, old, new, expected = PLANTED[case]
    path = root / "01-labour-relations" / name
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")

    assert main([str(root)]) == 1

    assert f"01-labour-relations/{expected}" in capsys.readouterr().out


def test_a_lecture_must_have_its_length(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "01-labour-relations" / "lecture.txt").write_text("【幻灯片】标题\n- 要点\n讲稿：\n一句。\n", "utf-8")

    assert main([str(root)]) == 1

    printed = capsys.readouterr().out
    assert "有 1 张幻灯片，应有 8 到 10 张" in printed
    assert "讲稿约 1 秒，应在 60 到 90 秒之间" in printed


@pytest.mark.parametrize("name", ["course.toml", "items.txt", "practice.txt", "lecture.txt"])
def test_a_missing_file_is_a_violation(name: str, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "01-labour-relations" / name).unlink()

    assert main([str(root)]) == 1

    assert f"{name}:1: 文件读不出来" in capsys.readouterr().out


def test_a_copy_in_another_bank_is_named_at_its_line(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = root / "02-copy"
    other.mkdir()
    copied = replace(item(1, ItemType.SINGLE, "B"), ref="C2-001")
    (other / "items.txt").write_text("# 课程二\n\n" + render([copied]), "utf-8")

    assert main([str(root)]) == 1

    assert "02-copy/items.txt:3: C2-001 与 C1-001 近乎重复" in capsys.readouterr().out


def test_an_exam_item_among_those_for_practice_is_named(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = root / "01-labour-relations" / "practice.txt"
    path.write_text(render([*practice_items(), sound_bank()[0]]), "utf-8")

    assert main([str(root)]) == 1

    printed = capsys.readouterr().out
    assert "C1-001 编号与考试题重复" in printed and "C1-001 与 C1-001 近乎重复" in printed


def test_too_few_items_for_practice_are_said(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "01-labour-relations" / "practice.txt").write_text(render(practice_items()[:4]), "utf-8")

    assert main([str(root)]) == 1

    assert "practice.txt:1: 练习题：4（要求：至少 5）" in capsys.readouterr().out


def test_a_folder_without_banks_is_nothing_to_check(tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 2


def test_the_schema_knows_the_types_apart() -> None:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    validator = Draft202012Validator({"$ref": "#/$defs/item", "$defs": schema["$defs"]})
    sound = [as_data(one) for one in sound_bank()]

    assert all(validator.is_valid(data) for data in sound)
    assert not validator.is_valid({**sound[0], "answer": ["A", "B"]})
    assert not validator.is_valid({**sound[20], "answer": ["A"]})
    assert not validator.is_valid({**sound[-1], "answer": ["A"]})
    assert not validator.is_valid({**sound[0], "type": "essay"})
