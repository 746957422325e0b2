"""A spreadsheet of people is taken over whole or not at all, and a second time changes nothing."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from lms.accounts import queries
from lms.accounts.domain import importing as rules, particulars
from lms.accounts.models import AccountRow, MembershipRow, PersonRow
from lms.accounts.service import asking, bulk, closing, importing, people
from lms.accounts.service.importing import ImportRefused
from lms.audit.models import AuditEntryRow
from lms.infra.db import reading
from lms.kernel.errors import Invalid, NotFound
from lms.kernel.texts import is_invisible
from tests.factories.cadres import NOW, TODAY, Land, at_work, make_admin, make_facts, stored
from tests.factories.people import make_land, make_person
from tests.factories.together import at_once

HEADER = ["姓名", "性别", "单位", "职务", "手机", "人员类别", "用工性质", "任职日期", "用户名"]
LI = ["李娜", "女", "杭州某公司工会", "干事", "13900000001", "社会化工会工作者", "兼职", "2021/5/6", "lina"]
RARE = ["阿依古丽·𠮷㐂", "女", "杭州某公司工会", "=1+1", "13900000002", "其他", "挂职", "2021年5月6日"]


@pytest.fixture
def country(clean: Flask) -> Land:
    return make_land()


def sheet(*rows: list[str]) -> list[tuple[int, list[str]]]:
    return list(enumerate([HEADER, *rows], start=1))


def count() -> tuple[int, int, int]:
    with reading() as session:
        tables = (PersonRow, AccountRow, MembershipRow)
        one, two, three = (session.execute(select(func.count()).select_from(table)).scalar_one() for table in tables)
        return one, two, three


def test_everybody_is_added_as_written_without_a_password_and_a_second_time_nobody(country: Land) -> None:
    by = at_work(make_admin(country.province), country.province)
    before = count()
    found = importing.preview(sheet(LI, RARE), by=by, now=NOW)
    assert (len(found.new), found.known, found.problems) == (2, 0, ())
    assert count() == before
    sealed = importing.seal(sheet(LI, RARE), by=by, now=NOW)
    assert "李" not in sealed and "13900000001" not in sealed
    added = importing.apply(sealed, by=by, now=NOW)
    assert [stored(one).name for one in added] == ["李娜", "阿依古丽·𠮷㐂"]
    assert stored(added[1]).post == "=1+1"
    with reading() as session:
        shown = queries.profile(session, added[0], (country.province.path,))
        assert (shown.username, shown.has_password, shown.mobile) == ("lina", False, "13900000001")
        made_up = queries.profile(session, added[1], (country.province.path,)).username
        entry = session.execute(select(AuditEntryRow).where(AuditEntryRow.action == "people.imported")).scalar_one()
    assert made_up.startswith("aygl")
    assert entry.details == {"added": 2, "known": 0}
    again = importing.preview(sheet(LI, RARE), by=by, now=NOW)
    assert (len(again.new), again.known, again.problems) == (0, 2, ())
    after = count()
    assert importing.apply(sealed, by=by, now=NOW) == ()
    assert count() == after


def changed(row: list[str], **cells: str) -> list[str]:
    return [cells.get(title, cell) for title, cell in zip(HEADER, row, strict=False)]


WRONG = {
    "no name": ({"姓名": " "}, "姓名"),
    "a name too long": ({"姓名": "王" * 61}, "姓名"),
    "an unknown sex": ({"性别": "公"}, "性别"),
    "an unknown unit": ({"单位": "没有的单位"}, "单位"),
    "a unit of another province": ({"单位": "长沙某公司工会"}, "单位"),
    "a mobile number of ten digits": ({"手机": "1390000000"}, "手机"),
    "a number ruined by a spreadsheet": ({"手机": "1.39E+10"}, "手机"),
    "a category of one's own": ({"人员类别": "处级"}, "人员类别"),
    "no day": ({"任职日期": "去年"}, "任职日期"),
    "a day to come": ({"任职日期": "2030-01-01"}, "任职日期"),
    "a user name that is a number": ({"用户名": "33010619900101001X"}, "用户名"),
}


@pytest.mark.parametrize("case", WRONG)
def test_one_wrong_row_keeps_everybody_out_and_is_named(country: Land, case: str) -> None:
    by = at_work(make_admin(country.province), country.province)
    before = count()
    cells, column = WRONG[case]
    rows = sheet(RARE, changed(LI, **cells))
    found = importing.preview(rows, by=by, now=NOW)
    assert [(one.row, one.column) for one in found.problems] == [(3, column)]
    with pytest.raises(ImportRefused):
        importing.apply(importing.seal(rows, by=by, now=NOW), by=by, now=NOW)
    assert count() == before


def test_what_is_wrong_in_the_header_or_twice_in_the_file_is_named(country: Land) -> None:
    by = at_work(make_admin(country.province), country.province)
    bare = importing.preview([(1, ["姓名", "姓名"]), (2, ["王"])], by=by, now=NOW)
    assert {one.column for one in bare.problems} == set(HEADER) - {"用户名"}
    twice = importing.preview(sheet(LI, changed(LI, 用户名="")), by=by, now=NOW)
    assert [(one.row, one.column) for one in twice.problems] == [(3, "手机")]
    same_name = importing.preview(sheet(LI, changed([*RARE, "LiNa"])), by=by, now=NOW)
    assert [(one.row, one.column) for one in same_name.problems] == [(3, "用户名")]
    assert importing.preview([], by=by, now=NOW).problems


def test_a_crash_in_the_middle_leaves_nobody(country: Land, monkeypatch: pytest.MonkeyPatch) -> None:
    by = at_work(make_admin(country.province), country.province)
    before, add = count(), people.add
    done: list[object] = []

    def dying(*args: object, **kwargs: object) -> object:
        if done:
            raise KeyboardInterrupt
        done.append(add(*args, **kwargs))  # type: ignore[arg-type]  # as it was called
        return done[0]

    monkeypatch.setattr(people, "add", dying)
    with pytest.raises(KeyboardInterrupt):
        importing.apply(importing.seal(sheet(LI, RARE), by=by, now=NOW), by=by, now=NOW)
    assert done and count() == before


def test_two_clicks_at_once_add_everybody_once(country: Land) -> None:
    by = at_work(make_admin(country.province), country.province)
    sealed = importing.seal(sheet(changed(LI, 用户名=""), RARE), by=by, now=NOW)
    before = count()[0]
    answers = at_once(*[lambda: importing.apply(sealed, by=by, now=NOW)] * 3)
    assert sorted(len(answer) for answer in answers) == [0, 0, 2]  # type: ignore[arg-type]  # ids
    assert count()[0] == before + 2


def test_sealed_rows_are_for_one_person_and_an_hour(country: Land) -> None:
    admin, other = make_admin(country.province), make_admin(country.province)
    by = at_work(admin, country.province)
    sealed = importing.seal(sheet(LI), by=by, now=NOW)
    for text, who, now in (
        (sealed, at_work(other, country.province), NOW),
        (sealed, by, NOW + timedelta(minutes=61)),
        (sealed[:-3], by, NOW),
        ("", by, NOW),
        ("x.y", by, NOW),
    ):
        with pytest.raises(ImportRefused):
            importing.apply(text, by=who, now=now)


def test_staff_add_and_edit_people_and_the_audit_names_fields_only(country: Land) -> None:
    by = at_work(make_admin(country.province), country.province)
    made = people.create(people.NewPerson(make_facts(), country.unit.id, ""), by=by, now=NOW)
    with pytest.raises(people.KnownAlready):
        people.create(people.NewPerson(make_facts(), country.unit.id, ""), by=by, now=NOW)
    closing.close(people.create(people.NewPerson(make_facts("离开者"), country.unit.id, ""), by=by, now=NOW), now=NOW)
    assert people.create(people.NewPerson(make_facts("离开者"), country.unit.id, ""), by=by, now=NOW), "who is back"
    with pytest.raises(NotFound):
        people.create(people.NewPerson(make_facts("别人"), country.other_unit.id, ""), by=by, now=NOW)
    new = make_facts("单 于·𠮷", "", category="division", post="<b>主席</b>")
    assert people.edit(made, new, by=by, naming=by.scopes, now=NOW) == ("name", "post", "category")
    assert people.edit(made, new, by=by, naming=by.scopes, now=NOW) == ()
    row = stored(made)
    assert (row.name, row.post, row.name_key) == ("单 于·𠮷", "<b>主席</b>", "shanyu𠮷")
    with reading() as session:
        entry = session.execute(select(AuditEntryRow).where(AuditEntryRow.action == "person.edited")).scalar_one()
    assert entry.details["fields"] == ["name", "post", "category"]
    assert (entry.details["before"], entry.details["after"]) == ({"category": "enterprise"}, {"category": "division"})
    assert "单" not in str(entry.details)
    with pytest.raises(Invalid) as caught:
        people.edit(
            made, make_facts("", "123", sex="x", appointed_on=TODAY + timedelta(days=1)), by=by, naming=(), now=NOW
        )
    assert set(caught.value.fields) == {"name", "mobile", "sex", "appointed_on"}


def test_an_act_on_many_is_done_for_all_or_for_none(country: Land) -> None:
    by = at_work(make_admin(country.province), country.province)
    mine, foreign = [make_person(country.unit).person_id for _ in range(3)], make_person(country.other_unit).person_id
    with pytest.raises(NotFound):
        bulk.run(bulk.Order("confirm", [*mine, foreign], "查验"), by=by, now=NOW)
    assert {stored(one).identity_level for one in mine} == {"declared"}
    assert bulk.run(bulk.Order("confirm", [*mine, mine[0]], "查验"), by=by, now=NOW) == 3
    assert bulk.run(bulk.Order("confirm", mine, "查验"), by=by, now=NOW) == 0
    moved = bulk.Order("move", mine, "调动", country.province.id, TODAY)
    assert bulk.run(moved, by=by, now=NOW) == 3
    assert bulk.run(moved, by=by, now=NOW) == 0
    assert {stored(one).unit_path for one in mine} == {country.province.path}
    assert bulk.run(bulk.Order("disable", mine, "离职"), by=by, now=NOW) == 3
    for order in (bulk.Order("disable", [], "x"), bulk.Order("delete", mine, "x"), bulk.Order("move", mine, "x")):
        with pytest.raises(Invalid):
            bulk.run(order, by=by, now=NOW)
    with pytest.raises(Invalid):
        bulk.run(bulk.Order("disable", mine, " "), by=by, now=NOW)


def test_a_list_asks_for_no_more_than_ten_of_one_name(country: Land) -> None:
    by = at_work(make_admin(country.province), country.province)
    rows = [changed(LI, 手机=f"1390000{number:04}", 用户名="") for number in range(11)]
    assert importing.preview(sheet(*rows[:10]), by=by, now=NOW).problems == ()
    found = importing.preview(sheet(*rows), by=by, now=NOW)
    assert [(one.row, one.column) for one in found.problems] == [(12, "姓名")]


def test_looking_is_recorded_and_bounded(country: Land, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(asking.A_DAY, asking.Guess.LIST, 2)
    one, other = (at_work(make_admin(country.province, name), country.province) for name in ("甲", "乙"))
    for _ in range(2):
        importing.preview(sheet(LI, RARE), by=one, now=NOW)
    with pytest.raises(asking.TooManyGuesses):
        importing.preview(sheet(LI), by=one, now=NOW)
    importing.preview(sheet(LI), by=other, now=NOW)
    with reading() as session:
        rows = session.execute(select(AuditEntryRow.action, AuditEntryRow.actor_id, AuditEntryRow.details)).all()
    told = [row[1:] for row in rows if row[0] == "people.import_previewed"]
    of_one = (one.person_id, {"rows": 2, "known": 0, "taken": 0})
    assert told.count(of_one) == 2 and len(told) == 3
    assert [row[1:] for row in rows if row[0] == "people.guesses_limited"] == [
        (one.person_id, {"what": "list", "times": 1})
    ]


def test_user_names_that_are_taken_are_told_so_often_a_day(country: Land, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(asking.A_DAY, asking.Guess.USERNAME, 2)
    by = at_work(make_admin(country.province), country.province)
    taken = [make_person(country.other_unit, f"外省{number}").username for number in range(3)]
    rows = [[*RARE[:4], f"139000001{number:02}", *RARE[5:], name] for number, name in enumerate(taken)]
    rows = [[f"新人{number}", *row[1:]] for number, row in enumerate(rows)]
    assert len(importing.preview(sheet(*rows[:2]), by=by, now=NOW).problems) == 2
    with pytest.raises(asking.TooManyGuesses):
        importing.preview(sheet(rows[2]), by=by, now=NOW)


@pytest.mark.parametrize("text", ["中" * 2000, "1-" * 1000, "王强" + " " * 1997 + "x"], ids=["HAN", "DIGITS", "BLANKS"])
def test_a_long_text_in_every_cell_is_told_of_and_read_no_further(
    country: Land, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """A file of a few kilobytes holds it once for all cells."""
    looked = [0]

    def counted(sign: str) -> bool:
        looked[0] += 1
        return is_invisible(sign)

    monkeypatch.setattr(rules, "is_invisible", counted)
    rows = sheet(*[[text] * len(HEADER)] * 300)
    by = at_work(make_admin(country.province), country.province)
    problems = importing.preview(rows, by=by, now=NOW).problems
    assert looked[0] < 300 * len(HEADER) * 130
    told = {one.column: one.text for one in problems if one.row == 2}
    assert set(told) == set(HEADER)
    assert told["姓名"] == told["职务"] == particulars.TOO_LONG
    more = [(number, [*cells, text]) for number, cells in sheet(LI)]  # a column of their own beside
    assert len(importing.seal(more, by=by, now=NOW)) < 1500
    assert importing.preview(more, by=by, now=NOW).problems == ()


def test_blanks_around_a_text_make_it_no_longer(country: Land) -> None:
    by = at_work(make_admin(country.province), country.province)
    padded = sheet([" " * 300 + cell + " " * 300 for cell in LI])
    assert importing.preview(padded, by=by, now=NOW).problems == ()


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("李娜" + "\u200b" * 130, True),
        ("\u200b" * 600 + "李娜" + " " * 500, True),
        ("李娜" + "\u200b" * 1_300, False),
        ("李" * 130, False),
        ("\u200b" * 1_300, False),
    ],
)
def test_what_is_not_seen_of_a_cell_changes_no_name_and_a_cell_that_is_too_long_is_refused(
    name: str, taken: bool
) -> None:
    table = rules.read([(1, HEADER), (2, [name, *LI[1:]])], today=TODAY)
    assert [problem.row for problem in table.problems] == ([] if taken else [2])
    if taken:
        assert "李娜" in repr(table.rows[0]) and "…" not in repr(table.rows[0])
