"""Reads the rows of a spreadsheet of people: what stands in each, and what is wrong with it, by row and column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from lms.accounts.domain import particulars, usernames, wording
from lms.accounts.domain.particulars import Particulars
from lms.kernel import namesakes
from lms.kernel.errors import N_
from lms.kernel.texts import is_invisible

COLUMNS = {
    "name": N_("姓名"),
    "sex": N_("性别"),
    "unit": N_("单位"),
    "post": N_("职务"),
    "mobile": N_("手机"),
    "category": N_("人员类别"),
    "employment": N_("用工性质"),
    "appointed_on": N_("任职日期"),
    "username": N_("用户名"),
}
"""Titles of the columns in Chinese, whatever the reader's language: they stand in the file."""
OPTIONAL = frozenset({"username"})
CODED = {"sex": wording.SEXES, "category": wording.CATEGORIES, "employment": wording.EMPLOYMENTS}
MOST_PROBLEMS = 200
LONGEST = 120
"""As many signs has the name of a unit, the longest of what may stand in a cell."""
LOOKED_AT = 1_200
"""Where so many signs stand in a cell it is too long, whatever of them is seen."""
_DAY_SIGNS = str.maketrans({"/": "-", ".": "-", "年": "-", "月": "-", "日": None})


@dataclass(frozen=True)
class Problem:
    """What is wrong in one place; `row` as people count it, `column` a title of COLUMNS or ""."""

    row: int
    column: str
    text: str


@dataclass(frozen=True)
class ReadRow:
    """A row that is right in itself; `unit` is a name or a code as typed."""

    number: int
    facts: Particulars
    unit: str
    username: str


@dataclass(frozen=True)
class Table:
    """What a spreadsheet says."""

    rows: tuple[ReadRow, ...]
    problems: tuple[Problem, ...]


def bounded(rows: Sequence[tuple[int, Sequence[str]]]) -> list[tuple[int, list[str]]]:
    """The rows with no more of each cell than shows that it is too long: a small file may hold a long text in every one."""
    return [(number, [_cut(cell) for cell in cells]) for number, cells in rows]


def read(rows: Sequence[tuple[int, Sequence[str]]], *, today: date) -> Table:
    """Reads a header and the rows below it. Every row is looked at, so that all problems are told at once."""
    if not rows:
        return Table((), (Problem(1, "", N_("表格里没有内容")),))
    rows = bounded(rows)
    number, header = rows[0]
    titles = [_tidy(cell) for cell in header]
    missing = [
        Problem(number, title, N_("缺少这一列"))
        for field, title in COLUMNS.items()
        if title not in titles and field not in OPTIONAL
    ]
    doubled = [Problem(number, title, N_("这一列出现了两次")) for title in COLUMNS.values() if titles.count(title) > 1]
    if missing or doubled:
        return Table((), tuple(missing + doubled))
    places = {field: titles.index(title) for field, title in COLUMNS.items() if title in titles}
    read_rows: list[ReadRow] = []
    problems: list[Problem] = []
    for row_number, cells in rows[1:]:
        row, wrong = _row(row_number, cells, places, today)
        read_rows.append(row)
        problems += wrong
    if not read_rows:
        problems.append(Problem(number, "", N_("表头下面没有人员")))
    return Table(tuple(read_rows), tuple((problems + _repeated(read_rows))[:MOST_PROBLEMS]))


def _row(number: int, cells: Sequence[str], places: Mapping[str, int], today: date) -> tuple[ReadRow, list[Problem]]:
    typed = {field: _tidy(cells[place]) if place < len(cells) else "" for field, place in places.items()}
    wrong: dict[str, str] = {}
    coded = {}
    for field, words in CODED.items():
        code = next((value for value, word in words.items() if word == typed[field]), None)
        if code is None:
            wrong[field] = particulars.NEEDED if not typed[field] else N_("只能填写模板中列出的选项")
        coded[field] = code or next(iter(words))
    day = _day(typed["appointed_on"])
    if day is None:
        wrong["appointed_on"] = N_("请填写日期，例如 2020-03-01") if typed["appointed_on"] else particulars.NEEDED
    facts = Particulars(
        typed["name"], coded["sex"], typed["post"], typed["mobile"], coded["category"], coded["employment"], day
    )
    wrong |= {
        field: text
        for field, text in particulars.problems(facts, today=today, mobile_known=False).items()
        if field not in wrong
    }
    if not typed["unit"]:
        wrong["unit"] = particulars.NEEDED
    username = typed.get("username", "").lower()
    if username and not usernames.is_username(username):
        wrong["username"] = N_("用户名为 4 至 32 位字母、数字或 _ . -，以字母开头")
    problems = [Problem(number, COLUMNS[field], text) for field, text in wrong.items()]
    return ReadRow(number, facts, typed["unit"], username), problems


def _repeated(rows: Sequence[ReadRow]) -> list[Problem]:
    people: set[tuple[str, str]] = set()
    names: set[str] = set()
    crowded = namesakes.one_too_many(row.facts.name for row in rows)
    found = [Problem(rows[place].number, COLUMNS["name"], namesakes.TOO_MANY) for place in crowded]
    for row in rows:
        who = (row.facts.name, row.facts.mobile)
        if who in people:
            found.append(Problem(row.number, COLUMNS["mobile"], N_("姓名和手机与前面的一行相同")))
        if row.username and row.username in names:
            found.append(Problem(row.number, COLUMNS["username"], N_("用户名与前面的一行相同")))
        people.add(who)
        names.add(row.username)
    return found


def _day(text: str) -> date | None:
    parts = text.translate(_DAY_SIGNS).split("-")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) <= 4 for part in parts):
        return None
    try:
        return date(*(int(part) for part in parts))
    except ValueError:
        return None


def _cut(cell: str) -> str:
    if len(cell) <= LONGEST:
        return cell
    tidy = _tidy(cell[:LOOKED_AT])
    if len(cell) <= LOOKED_AT and len(tidy) <= LONGEST:
        return tidy
    return tidy[:LONGEST].ljust(LONGEST + 1, "…")


def _tidy(cell: str) -> str:
    hidden = {sign for sign in set(cell) if is_invisible(sign)}
    return ("".join(sign for sign in cell if sign not in hidden) if hidden else cell).strip()
