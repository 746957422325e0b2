"""The course that a bank belongs to, as course.toml gives it."""

import re
import tomllib
from dataclasses import dataclass

from lms.questionbank.domain.items import ItemProblem, problem
from lms.questionbank.domain.limits import LIMITS, Limits
from lms.questionbank.domain.plaintext import canonical

_TEXTS = {"code": "编号", "title": "课程", "teacher": "教师", "institution": "单位", "post": "职务"}


@dataclass(frozen=True)
class Course:
    """Names and outline of one course; `code` begins the references of its items (C1-001)."""

    code: str
    number: int
    title: str
    teacher: str
    institution: str
    post: str
    outline: tuple[str, ...]


@dataclass(frozen=True)
class CourseResult:
    """The course, or None and the problems."""

    course: Course | None
    problems: tuple[ItemProblem, ...]


def parse_course(text: str, limits: Limits = LIMITS) -> CourseResult:
    """Reads course.toml; never raises, a problem of one field names the line on which the field stands."""
    try:
        data = tomllib.loads(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return CourseResult(None, (problem(1, "全文", f"不是有效的 TOML：{error}"),))
    problems: list[ItemProblem] = []
    texts = {field: _text(data.get(field), limits) for field in _TEXTS}
    problems += [
        problem(_line_of(text, field), f"{name} {field}", f"要写在引号里，最多 {limits.max_short_text} 个字")
        for field, name in _TEXTS.items()
        if not texts[field]
    ]
    number = data.get("number")
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        problems.append(problem(_line_of(text, "number"), "序号 number", "要写从 1 开始的整数"))
        number = 0
    outline = _outline(data.get("outline"), limits)
    if not outline:
        problems.append(problem(_line_of(text, "outline"), "提纲 outline", f"要写 1 到 {limits.max_outline} 条要点"))
    if problems:
        return CourseResult(None, tuple(problems))
    return CourseResult(Course(number=number, outline=outline, **texts), ())


def course_as_data(course: Course) -> dict[str, object]:
    """The course in the shape that question_banks/schema.json describes."""
    return {
        "code": course.code,
        "number": course.number,
        "title": course.title,
        "teacher": course.teacher,
        "institution": course.institution,
        "post": course.post,
        "outline": list(course.outline),
    }


def _text(value: object, limits: Limits) -> str:
    text = canonical(value) if isinstance(value, str) else ""
    return text if len(text) <= limits.max_short_text else ""


def _outline(value: object, limits: Limits) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > limits.max_outline:
        return ()
    points = tuple(_text(point, limits) for point in value)
    return points if all(points) else ()


def _line_of(text: str, field: str) -> int:
    match = re.search(rf"^\s*{field}\s*=", text, re.MULTILINE)
    return text.count("\n", 0, match.start()) + 1 if match else 1
