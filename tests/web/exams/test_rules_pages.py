"""Setting up an exam through its pages: two persons, what each sees, and what is refused."""

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from sqlalchemy import update

from lms.access.domain import roles
from lms.exams import queries
from lms.infra.db import reading, unit_of_work
from lms.questionbank.models import ItemVersionRow
from tests.factories.exams import CANARY, Hall, make_candidate, own_banks
from tests.factories.people import make_person
from tests.web.conftest import Statements

RULES = {
    "title": "结业考试",
    "total": "100",
    "pass_mark": "60",
    "minutes": "90",
    "max_attempts": "2",
    "counts": "best",
    "limits": "start",
    "partial": "proportional",
    "review": "full",
    "shuffle_items": "y",
    "shuffle_options": "y",
}


@pytest.fixture
def manager(hall: Hall, take_seat: Callable):
    return take_seat(make_person(hall.land.national, "周文", grants={roles.CLASS_MANAGER: hall.land.national}))


@pytest.fixture
def second(hall: Hall, take_seat: Callable):
    return take_seat(make_person(hall.land.national, "吴丽", grants={roles.UNIT_ADMIN: hall.land.national}))


def begin(hall: Hall, manager) -> str:
    answer = manager.post(f"/staff/classes/{hall.class_id}/exam/drafts")
    assert answer.status_code == 303
    return answer.location


def version(hall: Hall) -> int:
    with reading() as session:
        return queries.exam(session, hall.exam_id).rules.version


def test_two_persons_set_up_an_exam(hall: Hall, manager, second) -> None:
    draft = begin(hall, manager)
    assert begin(hall, manager) == draft, "a second click leads to the same draft"
    assert manager.post(f"{draft}/rules", RULES).status_code == 303
    page = manager.get(draft).text
    assert "共 30 题，100 分" in page and "作答时间 90 分钟" in page and "少选按比例得分" in page
    assert "第 1 部分 单项选择题（每份试卷从每个题库最多抽 2 道，最好各有 6 道）：C1 有 3 道、C2 有 3 道" in page
    assert manager.post(f"{draft}/proposal", {"reason": "延长时间"}).status_code == 303
    refused = manager.post(f"{draft}/decision", {"decision": "publish"})
    assert refused.status_code == 403 and "拟定人不能自己发布" in refused.text
    assert version(hall) == 1
    queue = second.get("/staff/exam-drafts").text
    assert "非公企业工会主席上岗资格网络培训班" in queue and draft in queue
    published = second.post(f"{draft}/decision", {"decision": "publish"})
    assert published.status_code == 303 and version(hall) == 2
    assert second.post(f"{draft}/decision", {"decision": "publish"}).status_code == 409, "once"
    shown = second.get(published.location).text
    assert "周文" in shown and "吴丽" in shown and "第 2 版" in shown


def test_the_learner_reads_the_rules_before_the_start(hall: Hall, manager, second, take_seat) -> None:
    draft = begin(hall, manager)
    window = {"opens_at": "2026-11-21T09:00", "closes_at": "2026-11-21T12:00", "late_entry_minutes": "120"}
    manager.post(f"{draft}/rules", RULES | window | {"limits": "end", "wait_minutes": "30", "counts": "last"})
    manager.post(f"{draft}/proposal", {"reason": "统一考试"})
    assert second.post(f"{draft}/decision", {"decision": "publish"}).status_code == 303
    page = take_seat(make_candidate(hall)).get(f"/exams/{hall.exam_id}").text
    for words in (
        "2026-11-21 09:00 起可以开始考试",
        "2026-11-21 12:00 一律交卷",
        "迟到超过 120 分钟不能入场",
        "共有 2 次机会，以最后一次为准",
        "两次考试之间至少间隔 30 分钟",
        "60 分及格",
        "少选按比例得分，有错选不得分",
        "所有人考完以后公布",
        "时间 90 分钟",
    ):
        assert words in page, words
    assert re.search(r"剩余次数</dt><dd[^>]*>2<", page)


def test_who_began_before_is_counted_beside_the_draft(hall: Hall, manager, take_seat) -> None:
    take_seat(make_candidate(hall)).post(f"/exams/{hall.exam_id}")
    assert "已有 1 份答卷按原来的规则开始，其中 1 份正在作答" in manager.get(begin(hall, manager)).text


def test_a_blueprint_without_rules_is_not_proposed(hall: Hall, manager) -> None:
    draft = begin(hall, manager)
    manager.post(f"{draft}/sections/3/removal")
    refused = manager.post(f"{draft}/proposal", {"reason": "少一部分"})
    assert refused.status_code == 422 and "总分不符合要求" in refused.text
    assert manager.post(f"{draft}/proposal", {"reason": " "}).status_code == 422


def test_an_impossible_draw_is_refused_by_its_cell(hall: Hall, manager) -> None:
    draft = begin(hall, manager)
    with unit_of_work() as session:
        session.execute(update(ItemVersionRow).where(ItemVersionRow.bank_code == "C3").values(state="withdrawn"))
    refused = manager.post(f"{draft}/proposal", {"reason": "照旧"})
    assert refused.status_code == 409 and "题库中的试题不够组卷" in refused.text
    assert "第 2 部分 多项选择题，题库 C3：每份试卷需要 2 道，只有 0 道" in refused.text


@pytest.mark.parametrize(
    ("path", "fields", "words"),
    [
        pytest.param("rules", RULES | {"minutes": "0"}, "请填写 1 到 480 的整数", id="NO_TIME"),
        pytest.param("rules", RULES | {"minutes": "九十"}, "", id="NO_NUMBER"),
        pytest.param(
            "rules", RULES | {"closes_at": "2027-09-01T09:00"}, "应在培训班的起止日期之内", id="AFTER_THE_CLASS"
        ),
        pytest.param("rules", RULES | {"limits": "sometimes"}, "", id="UNKNOWN_LIMIT"),
        pytest.param("sections", {"type": "case", "count": "1", "points": "1"}, "至少要选一个题库", id="NO_BANK"),
        pytest.param("sections", {"type": "case", "count": "1", "points": "1", "banks": "X9"}, "", id="FOREIGN_BANK"),
        pytest.param(
            "sections", {"type": "single", "count": "1", "points": "1", "banks": "C1"}, "与已有部分重复", id="TWICE"
        ),
        pytest.param("decision", {}, "请选择处理意见", id="NO_DECISION"),
    ],
)
def test_bad_input_is_named_and_changes_nothing(hall: Hall, manager, path: str, fields: dict, words: str) -> None:
    draft = begin(hall, manager)
    refused = manager.post(f"{draft}/{path}", fields)
    assert refused.status_code == 422 and words in refused.text
    with reading() as session:
        found = queries.planning.open_draft(session, hall.class_id)
    assert found is not None and len(found.plan.sections) == 3
    assert found.plan.settings is not None and found.plan.settings.minutes == 60


@pytest.mark.parametrize("name", ["knowledge_points", "banks", "difficulties"])
def test_what_is_refused_quotes_no_number(hall: Hall, manager, name: str) -> None:
    draft, number = begin(hall, manager), "330102199003071234"
    manager.post(f"{draft}/sections/1/removal")
    typed = {"type": "single", "count": "1", "points": "1", "banks": "C1"} | {name: number}
    refused = manager.post(f"{draft}/sections", typed)
    assert refused.status_code == 422 and 'role="alert"' in refused.text
    assert number not in re.sub(r"<(?:input|textarea)[^>]*>[^<]*", "", refused.text), "but where it was typed"


def test_a_section_is_typed_in(hall: Hall, manager) -> None:
    draft = begin(hall, manager)
    fields = {"type": "single", "count": "2", "points": "5", "banks": ["C1", "C2"], "difficulties": ["1", "2"]}
    manager.post(f"{draft}/sections/1/removal")
    assert manager.post(f"{draft}/sections", fields | {"knowledge_points": f"知识点{CANARY}；"}).status_code == 303
    with reading() as session:
        found = queries.planning.open_draft(session, hall.class_id)
    assert found is not None
    section = found.plan.sections[-1]
    assert (section.banks, section.difficulties) == (("C1", "C2"), (1, 2))
    assert section.knowledge_points == (f"知识点{CANARY}",)


def test_a_sample_paper_shows_no_key_and_needs_its_permission(hall: Hall, manager, second) -> None:
    draft = begin(hall, manager)
    assert manager.post(f"{draft}/sample").status_code == 303, "banks of no unit are shown to nobody"
    own_banks(hall)
    sample = manager.post(f"{draft}/sample")
    assert sample.status_code == 200 and sample.text.count("exam-question") == 30
    assert CANARY not in sample.text, "neither explanation nor source nor void rule"
    assert second.post(f"{draft}/sample").status_code == 403
    assert second.get(f"{draft}/sections/1/items").status_code == 403


def test_items_are_chosen_by_hand(hall: Hall, manager) -> None:
    draft = begin(hall, manager)
    assert manager.get(f"{draft}/sections/1/items").status_code == 303
    own_banks(hall)
    page = manager.get(f"{draft}/sections/1/items").text
    offered = re.findall(r'name="add" value="([0-9a-f-]{36})"', page)
    assert len(offered) == 24
    assert manager.post(f"{draft}/sections/1/items", {"add": offered[:2]}).status_code == 303
    page = manager.get(f"{draft}/sections/1/items").text
    assert "已选定 2 道" in page and page.count('name="drop"') == 2
    assert manager.post(f"{draft}/sections/1/items", {"add": "nonsense"}).status_code == 404
    assert manager.post(f"{draft}/sections/9/items", {"add": offered[:1]}).status_code == 404


def test_other_roles_and_other_provinces_do_not_get_in(hall: Hall, manager, take_seat) -> None:
    draft = begin(hall, manager)
    page = f"/staff/classes/{hall.class_id}/exam"
    tutor = take_seat(make_person(hall.land.national, "班主任", grants={roles.CLASS_TUTOR: hall.land.national}))
    foreign = take_seat(
        make_person(hall.land.other_province, "外省", grants={roles.CLASS_MANAGER: hall.land.other_province})
    )
    learner = take_seat(make_candidate(hall))
    for seat, status in ((tutor, 403), (foreign, 404), (learner, 403)):
        assert seat.get(page).status_code == status
        assert seat.get(draft).status_code == status
        for path in (
            "rules",
            "sections",
            "proposal",
            "decision",
            "withdrawal",
            "reopening",
            "sections/1/removal",
            "sample",
        ):
            assert seat.post(f"{draft}/{path}", RULES | {"reason": "x"}).status_code == status, path
    with_no_token = manager.client.post(f"{draft}/withdrawal", data={"csrf_token": "no"})
    assert with_no_token.status_code == 400


def test_the_pages_take_a_fixed_number_of_statements(hall: Hall, manager, statements: Statements) -> None:
    draft = begin(hall, manager)
    page = f"/staff/classes/{hall.class_id}/exam"
    addresses = (page, draft, "/staff/exam-drafts")
    few = [_count(manager, one, statements) for one in addresses]
    _more(hall)
    assert [_count(manager, one, statements) for one in addresses] == few
    assert max(few) <= 14, few


def _count(manager, address: str, statements: Statements) -> int:
    manager.get(address)
    with statements() as seen:
        assert manager.get(address).status_code == 200
    return len([one for one in seen if not one.startswith(("BEGIN", "PRAGMA"))])


def _more(hall: Hall) -> None:
    """Twice the items."""
    with unit_of_work() as session:
        for row in session.query(ItemVersionRow).all():
            values = {c.name: getattr(row, c.name) for c in row.__table__.columns}
            session.add(ItemVersionRow(**values | {"id": uuid4(), "position": row.position + 500}))
