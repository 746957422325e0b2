"""Command: holds every bank of a folder to its format, its schema, its sources and the rules of the craft."""

import argparse
import importlib.util
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lms.questionbank.domain.captions import spoken_ms
from lms.questionbank.domain.citations import LawCitation, Notion
from lms.questionbank.domain.course import Course, course_as_data, parse_course
from lms.questionbank.domain.items import Item, ItemProblem, as_data
from lms.questionbank.domain.lecturetext import parse_lecture
from lms.questionbank.domain.quality import Report, assess, assess_all, assess_practice, spread_of_practice
from lms.questionbank.domain.sourceindex import SourceIndex, read_index
from lms.questionbank.domain.spread import Measure
from lms.questionbank.domain.textformat import parse
from lms.questionbank.domain.thresholds import THRESHOLDS

ITEMS, PRACTICE = "items.txt", "practice.txt"
_FOLDER = re.compile(r"^(\d\d)-[a-z0-9-]+$")


@dataclass(frozen=True)
class Violation:
    """What is wrong, in which file, on which line."""

    path: Path
    line: int
    message: str


@dataclass(frozen=True)
class Bank:
    """One folder as it was read."""

    folder: Path
    course: Course | None
    items: tuple[Item, ...]
    practice: tuple[Item, ...]
    place_of: dict[str, tuple[str, int]]
    seconds: int
    violations: tuple[Violation, ...]

    def at(self, ref: str, message: str) -> Violation:
        """A violation of the item with that reference."""
        name, line = self.place_of.get(ref, ("items.txt", 1))
        return Violation(self.folder / name, line, f"{ref} {message}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the report; 0 when every rule is kept, 1 when one is broken, 2 when there is nothing to check."""
    parser = argparse.ArgumentParser(prog="python -m lms.questionbank.check", description=__doc__)
    parser.add_argument("root", type=Path, help="the folder of the banks, with sources/ and schema.json")
    root: Path = parser.parse_args(arguments).root
    folders = sorted(path for path in root.glob("*") if path.is_dir() and _FOLDER.match(path.name))
    if not folders:
        print(f"{root} 里没有题库（应有 01-… 这样的文件夹）", file=sys.stderr)
        return 2
    index = read_index(path.read_text("utf-8") for path in sorted((root / "sources").glob("*.toml")))
    banks = [_read(folder) for folder in folders]
    violations = [violation for bank in banks for violation in _check_bank(bank, index)]
    violations += _check_schema(root / "schema.json", banks)
    violations += _check_together(root, banks)
    print("\n".join(f"{one.path}:{one.line}: {one.message}" for one in violations))
    asked = sum(len(bank.items) for bank in banks)
    practised = sum(len(bank.practice) for bank in banks)
    print(f"{len(banks)} 个题库，{asked} 道题，{practised} 道练习题，{len(violations)} 处不合规则")
    return 1 if violations else 0


def _read(folder: Path) -> Bank:
    texts: dict[str, str] = {}
    violations: list[Violation] = []
    for name in ("course.toml", ITEMS, PRACTICE, "lecture.txt"):
        try:
            texts[name] = (folder / name).read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            violations.append(Violation(folder / name, 1, f"文件读不出来：{error}"))

    def note(name: str, problems: Sequence[ItemProblem]) -> None:
        violations.extend(Violation(folder / name, one.line, one.message) for one in problems)

    course = None
    if "course.toml" in texts:
        result = parse_course(texts["course.toml"])
        course = result.course
        note("course.toml", result.problems)
        violations += _check_course(folder, course)
    found: dict[str, tuple[Item, ...]] = {}
    place_of: dict[str, tuple[str, int]] = {}
    for name in (PRACTICE, ITEMS):
        read = parse(texts.get(name, ""))
        note(name, read.problems)
        found[name] = read.items
        place_of |= {item.ref: (name, line) for item, line in zip(read.items, read.item_lines, strict=True)}
    seconds, faults = _check_lecture(folder / "lecture.txt", texts.get("lecture.txt"))
    violations += faults
    return Bank(folder, course, found[ITEMS], found[PRACTICE], place_of, seconds, tuple(violations))


def _check_lecture(path: Path, text: str | None) -> tuple[int, list[Violation]]:
    """How many seconds the speech takes, and what is wrong with the lecture."""
    if text is None:
        return 0, []
    lecture = parse_lecture(text)
    violations = [Violation(path, one.line, one.message) for one in lecture.problems]
    fewest, most = THRESHOLDS.slides
    if not fewest <= len(lecture.slides) <= most:
        violations.append(Violation(path, 1, f"有 {len(lecture.slides)} 张幻灯片，应有 {fewest} 到 {most} 张"))
    seconds = round(spoken_ms(lecture.slides) / 1000)
    shortest, longest = THRESHOLDS.lecture_seconds
    if not shortest <= seconds <= longest:
        violations.append(Violation(path, 1, f"讲稿约 {seconds} 秒，应在 {shortest} 到 {longest} 秒之间"))
    return seconds, violations


def _check_course(folder: Path, course: Course | None) -> list[Violation]:
    if course is None:
        return []
    path = folder / "course.toml"
    violations = []
    number = int(folder.name[:2])
    if course.number != number or course.code != f"C{number}":
        violations.append(Violation(path, 1, f"文件夹 {folder.name} 的编号应是 C{number}，序号应是 {number}"))
    fewest, most = THRESHOLDS.outline_points
    if not fewest <= len(course.outline) <= most:
        violations.append(Violation(path, 1, f"提纲有 {len(course.outline)} 条，应有 {fewest} 到 {most} 条"))
    return violations


def _check_bank(bank: Bank, index: SourceIndex) -> list[Violation]:
    title = bank.course.title if bank.course else "？"
    code = bank.course.code if bank.course else f"C{int(bank.folder.name[:2])}"
    report = assess(code, bank.items, index)
    practice = assess_practice(code, bank.practice, bank.items, index)
    _print_report(f"{bank.folder.name} {title}", report.measures + practice.measures)
    print(f"    讲稿约 {bank.seconds} 秒；{_citation_counts(bank.items, index)}\n")
    violations = list(bank.violations)
    for name, told in ((ITEMS, report), (PRACTICE, practice)):
        violations += _unkept(bank.folder / name, "", told)
        violations += [bank.at(finding.ref, finding.message) for finding in told.findings]
    return violations


def _check_together(root: Path, banks: Sequence[Bank]) -> list[Violation]:
    practice = [item for bank in banks for item in bank.practice]
    report, spread = assess_all([bank.items for bank in banks], practice), spread_of_practice(practice)
    violations: list[Violation] = []
    for title, told in (("全部题库", report), ("全部练习题", spread)):
        _print_report(title, told.measures)
        print()
        violations += _unkept(root, f"{title}，", told)
    bank_of = {ref: bank for bank in banks for ref in bank.place_of}
    return violations + [bank_of[finding.ref].at(finding.ref, finding.message) for finding in report.findings]


def _check_schema(path: Path, banks: Sequence[Bank]) -> list[Violation]:
    if importlib.util.find_spec("jsonschema") is None:
        print("没有安装 jsonschema，跳过 schema.json 的核对\n")
        return []
    from jsonschema import Draft202012Validator

    schema = json.loads(path.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    violations = []
    for bank in banks:
        if bank.course is None:
            continue
        data = {
            "course": course_as_data(bank.course),
            "items": [as_data(item) for item in bank.items],
            "practice": [as_data(item) for item in bank.practice],
        }
        for error in validator.iter_errors(data):
            place = list(error.absolute_path)
            lists = {"items": bank.items, "practice": bank.practice}
            if len(place) > 1 and place[0] in lists and isinstance(place[1], int):
                violations.append(bank.at(lists[str(place[0])][place[1]].ref, f"不合 schema.json：{error.message}"))
            else:
                violations.append(Violation(bank.folder / "course.toml", 1, f"不合 schema.json：{error.message}"))
    return violations


def _unkept(path: Path, prefix: str, report: Report) -> list[Violation]:
    return [
        Violation(path, 1, f"{prefix}{one.name}：{one.value}（要求：{one.allowed}）")
        for one in report.measures
        if not one.kept
    ]


def _print_report(title: str, measures: Sequence[Measure]) -> None:
    print(title)
    for measure in measures:
        print(f"  {'✓' if measure.kept else '✗'} {measure.name}：{measure.value}（要求：{measure.allowed}）")


def _citation_counts(items: Sequence[Item], index: SourceIndex) -> str:
    sources = [source for item in items for source in item.sources]
    provisions = [source for source in sources if isinstance(source, LawCitation)]
    found = sum(index.governs(provision) is not None for provision in provisions)
    notions = sum(isinstance(source, Notion) for source in sources)
    return f"依据 {len(sources)} 处：核对到条 {found}，只核对法名 {len(provisions) - found}，通说 {notions}"


if __name__ == "__main__":
    sys.exit(main())
