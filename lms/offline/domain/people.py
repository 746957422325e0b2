"""Reads who attended: rows of a spreadsheet or lines that were typed, each with a name or user name and, if need be, own hours."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import category

from lms.kernel import namesakes
from lms.kernel.errors import N_

COLUMNS = {"name": N_("姓名"), "username": N_("用户名"), "mobile": N_("手机"), "hours": N_("学时")}
"""Titles of the columns in Chinese, whatever the reader's language: they stand in the file."""
MOST_PROBLEMS = 200
_HOURS = re.compile(r"[0-9]{1,4}(\.[0-9]{1,2})?")
_MOBILE = re.compile(r"1[0-9]{10}")
_USERNAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{3,31}")
_GAPS = re.compile(r"[\s,，;；、]+")


@dataclass(frozen=True)
class Problem:
    """What is wrong in one place; `row` as people count it, `column` a title of COLUMNS or ""."""

    row: int
    column: str
    text: str


@dataclass(frozen=True)
class Named:
    """Somebody as a row names them; `hours` None takes those of the training."""

    number: int
    name: str = ""
    username: str = ""
    mobile: str = ""
    hours: int | None = None


@dataclass(frozen=True)
class Listed:
    """What a list says."""

    rows: tuple[Named, ...]
    problems: tuple[Problem, ...]


def read_lines(text: str, *, most: int) -> Listed:
    """Typed lines: a name or a user name, then, where two have one name, the mobile number; in any order, one person a line."""
    rows = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(rows) > most:
        return Listed((), (Problem(most + 1, "", N_("人数超过上限，请分几次登记或用表格导入")),))
    return _checked([_of_line(number, line) for number, line in rows], [])


def _of_line(number: int, line: str) -> Named:
    found = {"name": "", "username": "", "mobile": ""}
    for word in filter(None, _GAPS.split(_tidy(line))):
        kind = "mobile" if _MOBILE.fullmatch(word) else "username" if _USERNAME.fullmatch(word) else "name"
        found[kind] = f"{found[kind]} {word}".strip() if kind == "name" else word
    return Named(number, found["name"], found["username"].lower(), found["mobile"])


def read_table(rows: Sequence[tuple[int, Sequence[str]]]) -> Listed:
    """A header and the rows below it. Every row is looked at, so that all problems are told at once."""
    if not rows:
        return Listed((), (Problem(1, "", N_("表格里没有内容")),))
    number, header = rows[0]
    titles = [_tidy(cell) for cell in header]
    places = {field: titles.index(title) for field, title in COLUMNS.items() if title in titles}
    doubled = [Problem(number, title, N_("这一列出现了两次")) for title in COLUMNS.values() if titles.count(title) > 1]
    if doubled:
        return Listed((), tuple(doubled))
    if not {"name", "username"} & set(places):
        return Listed((), (Problem(number, COLUMNS["name"], N_("缺少这一列")),))
    if len(rows) == 1:
        return Listed((), (Problem(number, "", N_("表头下面没有人员")),))
    named, problems = [], []
    for row, cells in rows[1:]:
        typed = {field: _tidy(cells[place]) if place < len(cells) else "" for field, place in places.items()}
        hours, wrong = _hours(row, typed.pop("hours", ""))
        problems += wrong
        name, username, mobile = (typed.get(field, "") for field in ("name", "username", "mobile"))
        named.append(Named(row, name, username.lower(), mobile, hours))
    return _checked(named, problems)


def _hours(row: int, text: str) -> tuple[int | None, list[Problem]]:
    if not text:
        return None, []
    hours = hundredths(text)
    return hours, [] if hours else [Problem(row, COLUMNS["hours"], N_("请填写大于 0 的学时，例如 4 或 0.5"))]


def hundredths(text: str) -> int | None:
    """Hours as typed ("4", "0.5") in hundredths; None for what is no such number."""
    if not _HOURS.fullmatch(text):
        return None
    whole, _, part = text.partition(".")
    return int(whole) * 100 + int(f"{part}00"[:2])


def _checked(rows: Sequence[Named], problems: list[Problem]) -> Listed:
    seen: set[tuple[str, str, str]] = set()
    crowded = namesakes.one_too_many(one.name if one.mobile else "" for one in rows)
    found = [*problems, *(Problem(rows[place].number, COLUMNS["name"], namesakes.TOO_MANY) for place in crowded)]
    for one in rows:
        who = (one.name, one.username, one.mobile)
        if not (one.name or one.username):
            found.append(Problem(one.number, COLUMNS["name"], N_("请填写姓名或用户名")))
        elif one.mobile and not _MOBILE.fullmatch(one.mobile):
            found.append(Problem(one.number, COLUMNS["mobile"], N_("请填写 11 位手机号码")))
        elif who in seen:
            found.append(Problem(one.number, "", N_("与前面的一行相同")))
        seen.add(who)
    if not rows and not found:
        found.append(Problem(1, "", N_("请至少填写一人")))
    return Listed(tuple(rows), tuple(sorted(found, key=lambda one: one.row)[:MOST_PROBLEMS]))


def _tidy(cell: str) -> str:
    return "".join(c for c in cell if category(c) not in {"Cc", "Cf"} or c == "\t").strip()
