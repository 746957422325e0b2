"""My hours as files: only mine, all of them, readable by programs, and at a cost that does not grow with the ledger."""

import io
from datetime import timedelta
from uuid import UUID

from flask.testing import FlaskClient
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import select

from lms.hours.domain.statement import MOST_LINES
from lms.hours.models import CreditEntryRow
from lms.infra.db import reading, unit_of_work
from lms.kernel import ids
from tests.factories import learning
from tests.factories.learning import School
from tests.service.hours.ledger import credited
from tests.web.conftest import Statements
from tests.web.hours.conftest import TODAY

PDF, SHEET = "/me/hours/statement.pdf", "/me/hours/statement.xlsx"
LARGEST = 3_000_000


def text_of(client: FlaskClient) -> str:
    answer = client.get(PDF)
    assert answer.status_code == 200 and answer.mimetype == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store"
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.data)).pages)


def sheets_of(client: FlaskClient) -> tuple[list[tuple], list[str]]:
    book = load_workbook(io.BytesIO(client.get(SHEET).data))
    lines, notes = book.worksheets
    return list(lines.iter_rows(values_only=True)), [row[0] for row in notes.iter_rows(values_only=True)]


def add_lines(person_id: UUID, count: int) -> None:
    """So many lines of trainings, as many people have after decades."""
    with reading() as session:
        one = session.execute(select(CreditEntryRow).where(CreditEntryRow.person_id == person_id).limit(1)).scalar_one()
        like = {column.name: getattr(one, column.name) for column in CreditEntryRow.__table__.columns}
    with unit_of_work() as session:
        for number in range(count):
            changed = {
                "id": ids.new_id(TODAY),
                "source_id": ids.new_secret_id(),
                "title": f"课程{number}",
                "hours": 100,
                "earned_at": TODAY - timedelta(minutes=number),
                "count_year": 2027,
                "ledger": "self_study",
            }
            session.add(CreditEntryRow(**(like | changed)))


def test_both_files_hold_every_line_and_the_totals(learner: FlaskClient, entries: tuple[UUID, UUID]) -> None:
    page = learner.get("/me/hours").text
    assert f'href="{PDF}"' in page and f'href="{SHEET}"' in page
    text = text_of(learner)
    for said in ("去年的课程", "今年的课程", "2026 年", "总计", "学时以平台学时台账为准", "2027-03-10 10:00"):
        assert said in text
    lines, notes = sheets_of(learner)
    assert [line[2:5] for line in lines[1:]] == [
        ("今年的课程", "集中培训", "8"),
        ("去年的课程", "网络自学", "4"),
    ]
    assert "总计　4　8　12" in notes


def test_hours_of_others_are_not_in_them(school: School, courses, entries, learner: FlaskClient) -> None:
    other = learning.add_course(school, "别人的课程")
    credited(other, learning.add_person(school.unit_id, "李四"), at=TODAY)
    assert "别人的课程" not in text_of(learner)
    assert all("别人的课程" not in line for line in sheets_of(learner)[0])


def test_without_hours_they_say_so(learner: FlaskClient) -> None:
    assert "还没有学时记录" in text_of(learner)
    assert len(sheets_of(learner)[0]) == 1


def test_a_title_never_becomes_a_formula(school: School, person: UUID, learner: FlaskClient) -> None:
    credited(learning.add_course(school, "=1+1"), person, at=TODAY)
    book = load_workbook(io.BytesIO(learner.get(SHEET).data))
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row if "1+1" in str(cell.value)]
    assert cells and all(cell.data_type == "s" and cell.value.startswith("'") for cell in cells)


def test_a_character_without_a_font_is_told_and_the_table_still_comes(
    school: School, person: UUID, learner: FlaskClient
) -> None:
    credited(learning.add_course(school, "课程\U000e0041"), person, at=TODAY)
    answer = learner.get(PDF)
    assert answer.status_code == 409 and "改为下载表格" in answer.text
    assert learner.get(SHEET).status_code == 200


def test_a_thousand_lines_cost_as_many_statements_as_ten(
    person: UUID, learner: FlaskClient, entries: tuple[UUID, UUID], statements: Statements
) -> None:
    counts = []
    for more in (8, MOST_LINES):
        add_lines(person, more)
        for path in (PDF, SHEET):
            learner.get(path)
            with statements() as seen:
                answer = learner.get(path)
            assert len(answer.data) < LARGEST
            counts.append(len(seen))
    assert len(set(counts)) == 1
    lines, notes = sheets_of(learner)
    assert len(lines) == MOST_LINES + 1 and any("只列出最近 1000 条" in note for note in notes)
    assert "总计　1012　8　1020" in notes


def test_who_downloads_again_and_again_is_asked_to_wait(learner: FlaskClient) -> None:
    answers = [learner.get(SHEET).status_code for _ in range(21)]
    assert answers == [200] * 20 + [429]
