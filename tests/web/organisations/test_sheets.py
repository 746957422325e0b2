"""Units come and go as spreadsheets: shown before they are founded, founded all or none, exported without formulas."""

import io
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from openpyxl import Workbook, load_workbook
from sqlalchemy import select
from werkzeug.test import TestResponse

from lms.audit.models import AuditEntryRow
from lms.infra.db import reading
from lms.infra.spreadsheet import read_table
from lms.kernel import ids
from lms.kernel.scope import EVERYWHERE
from lms.organisations import queries, service
from lms.organisations.models import UnitImportRow
from lms.organisations.queries import Unit
from tests.factories.people import NOW, make_person, post, signed_in
from tests.factories.together import at_once
from tests.web.organisations.conftest import Office

HEADER = ["单位名称", "类别", "统一社会信用代码", "上级单位"]
CODE = "91110000600037341L"
ROWS = [
    ["晨光厂工会", "单位工会", CODE, "鄞州区总工会"],
    ["鄞州区总工会", "县级工会", "", ""],
    ["<b>曙光·厂</b>工会", "", "", "鄞州区总工会"],
]


def csv(*rows: list[str], encoding: str = "utf-8-sig") -> bytes:
    return "\r\n".join(",".join(row) for row in (HEADER, *rows)).encode(encoding)


def xlsx(*rows: list[object]) -> bytes:
    book, target = Workbook(), io.BytesIO()
    for row in (HEADER, *rows):
        book.worksheets[0].append(row)
    book.save(target)
    return target.getvalue()


def bring(client: FlaskClient, unit: Unit, data: bytes, name: str = "units.csv") -> TestResponse:
    return post(client, f"/staff/units/{unit.id}/import", {"file": (io.BytesIO(data), name)})


def below(unit: Unit) -> tuple[Unit, ...]:
    with reading() as session:
        return queries.subtree(session, unit.path, limit=99)[1:]


@pytest.mark.parametrize(
    ("data", "name"),
    [(csv(*ROWS), "单位.csv"), (csv(*ROWS, encoding="gb18030"), "a.csv"), (xlsx(*ROWS), "a.xlsx")],  # type: ignore[arg-type]
    ids=["utf-8", "gb18030", "xlsx"],
)
def test_a_sheet_is_shown_then_founded(office: Office, data: bytes, name: str) -> None:
    answer = bring(office.admin, office.city, data, name)
    assert answer.status_code == 303, answer.text
    preview = office.admin.get(answer.location).text
    assert "将新建 3 个单位" in preview and "&lt;b&gt;曙光·厂&lt;/b&gt;工会" in preview
    assert below(office.city) == ()
    assert post(office.admin, answer.location + "/application").status_code == 303
    made = {one.name: one for one in below(office.city)}
    assert set(made) == {row[0] for row in ROWS}
    assert made["晨光厂工会"].parent_id == made["鄞州区总工会"].id
    assert made["晨光厂工会"].uscc == CODE
    with reading() as session:
        assert [one.id for one in queries.search(session, "晨光", (office.city.path,))] == [made["晨光厂工会"].id]
        assert [one.action for one in queries.changes(session, made["晨光厂工会"].id)] == ["created"]
        entry = session.execute(select(AuditEntryRow).where(AuditEntryRow.action == "unit.imported")).scalar_one()
    assert entry.details["rows"] == 3


def test_one_wrong_row_founds_nothing(office: Office) -> None:
    answer = bring(office.admin, office.city, csv(*ROWS, ["曙光厂工会", "", "4.4E17", ""], ["", "", "", "x"]))
    assert answer.status_code == 422
    answer = bring(
        office.admin, office.city, csv(*ROWS, ["曙光厂工会", "", "123", ""], ["某厂工会", "", "", "无此工会"])
    )
    assert answer.status_code == 422
    assert "第 5 行：" in answer.text and "18 位" in answer.text
    assert "第 6 行：" in answer.text and "没有找到上级单位" in answer.text
    assert below(office.city) == ()


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "a.csv"),
        (b"\x00\xff\xfe\x81" * 50, "a.csv"),
        (b"PK\x03\x04" + b"\x00" * 200, "a.xlsx"),
        (xlsx(["晨光厂工会", "", 440106000000000000, ""]), "a.xlsx"),
        (xlsx(["=1+1", "", "", ""]), "a.xlsx"),
        (b"%PDF-1.7", "a.xlsx"),
        ("名称\n晨光".encode(), "a.csv"),
        (csv(*[[f"第{number}厂工会", "", "", ""] for number in range(2001)]), "a.csv"),
        (csv(["长" * 300, "", "", ""]), "a.csv"),
    ],
    ids=["empty", "noise", "broken zip", "ruined digits", "formula", "pdf", "no header", "too many", "too long"],
)
def test_a_bad_file_is_refused_with_a_reason(office: Office, data: bytes, name: str) -> None:
    answer = bring(office.admin, office.city, data, name)
    assert answer.status_code == 422
    assert "error-summary" in answer.text
    assert below(office.city) == ()


def test_no_file_is_refused(office: Office) -> None:
    assert post(office.admin, f"/staff/units/{office.city.id}/import").status_code == 422


def test_a_sheet_is_applied_once(office: Office) -> None:
    data = csv(*ROWS)
    location = bring(office.admin, office.city, data).location
    import_id = UUID(location.rsplit("/", 1)[1])
    with reading() as session:
        (actor,) = session.execute(select(UnitImportRow.actor_id)).scalars()
    at_once(*[lambda: service.apply_sheet(import_id, actor_id=actor, reach=EVERYWHERE, now=NOW)] * 3)
    assert len(below(office.city)) == 3
    assert post(office.admin, location + "/application").status_code == 409
    assert "已经导入" in office.admin.get(location).text
    assert bring(office.admin, office.city, data).status_code == 422


def test_what_no_longer_fits_founds_nothing(office: Office) -> None:
    location = bring(office.admin, office.city, csv(*ROWS)).location
    service.add_unit(parent_id=office.city.id, name="鄞州区总工会", kind="county", reach=EVERYWHERE, now=NOW)
    assert post(office.admin, location + "/application").status_code == 303
    assert "第 3 行：" in office.admin.get(location).text
    assert len(below(office.city)) == 1


def test_parents_and_codes_are_looked_for_within_the_scope_only(office: Office) -> None:
    answer = bring(office.admin, office.city, csv(["晨光厂工会", "", "", office.land.other_province.name]))
    assert answer.status_code == 422 and "没有找到上级单位" in answer.text
    answer = bring(office.admin, office.city, csv(["晨光厂工会", "", "", office.land.province.name]))
    assert answer.status_code == 422


def test_others_sheets_and_units_are_as_if_absent(office: Office) -> None:
    location = bring(office.national_admin, office.city, csv(*ROWS)).location
    assert office.admin.get(location).status_code == 404
    assert post(office.admin, location + "/application").status_code == 404
    for unit_id in (office.land.other_unit.id, ids.new_id()):
        for page in ("import", "export.xlsx", "export.csv"):
            assert office.admin.get(f"/staff/units/{unit_id}/{page}").status_code == 404
        assert (
            post(
                office.admin, f"/staff/units/{unit_id}/import", {"file": (io.BytesIO(csv(*ROWS)), "a.csv")}
            ).status_code
            == 404
        )
    assert office.learner.get(f"/staff/units/{office.land.unit.id}/export.csv").status_code == 403


def test_the_template_can_be_read_back(office: Office) -> None:
    answer = office.admin.get("/staff/units/import-template.xlsx")
    assert read_table(answer.data, "a.xlsx").rows == [(1, HEADER)]
    assert len(load_workbook(io.BytesIO(answer.data)).sheetnames) >= 2


@pytest.mark.parametrize("name", ["=1+1工会", "+工会", "-工会", "@工会", "\t=1工会", "'=1工会", "x\n=1"])
@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_an_export_holds_no_formula_and_comes_back_as_it_was(office: Office, name: str, form: str) -> None:
    made = service.add_unit(parent_id=office.city.id, name=name, kind="unit", reach=EVERYWHERE, now=NOW)
    answer = office.admin.get(f"/staff/units/{office.city.id}/export.{form}")
    assert answer.status_code == 200
    rows = read_table(answer.data, f"a.{form}").rows
    assert rows[0][1][:4] == HEADER
    assert rows[2][1][0] == made.name and rows[2][1][3] == office.city.name
    if form == "xlsx":
        cells = [cell for row in load_workbook(io.BytesIO(answer.data)).worksheets[0].iter_rows() for cell in row]
        assert all(cell.data_type != "f" for cell in cells)
        assert not any(str(cell.value or "").lstrip().startswith(("=", "+", "-", "@")) for cell in cells)
    with reading() as session:
        entry = session.execute(select(AuditEntryRow).where(AuditEntryRow.action == "unit.exported")).scalar_one()
    assert entry.details == {"rows": 2, "format": form}


def test_an_export_holds_the_subtree_only(office: Office) -> None:
    text = office.admin.get(f"/staff/units/{office.land.province.id}/export.csv").text
    assert "宁波市总工会" in text and "湖南" not in text


def test_a_reader_may_not_import(office: Office) -> None:
    stranger = signed_in(office.admin.application, make_person(office.land.unit, "旁人"))
    assert stranger.get("/staff/units/import-template.xlsx").status_code == 403
    assert bring(stranger, office.city, csv(*ROWS)).status_code == 403
