"""An exam in real browsers on the worst of days: same paper, nothing lost, no key among the bytes, nothing for axe to object to.

Issue "Question banks and exams that hold when it counts", requirements 32 to 34.
"""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from lms.access.domain import roles
from lms.exams import service
from lms.exams.domain.watching import Kind
from lms.exams.queries import told
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.scope import EVERYWHERE
from tests.browser.examroom import Desk, ExamRoom
from tests.factories.exams import CANARY
from tests.factories.people import PASSWORD, make_person

pytestmark = pytest.mark.browser

CANDIDATE_SEES = {"position", "type", "stem", "points", "options", "prompts", "places"}
KEYS = (CANARY, "中华人民共和国工会法")
"""What stands in every explanation, source, rule and reference, and an answer that a blank takes."""
Given = dict[int, tuple[str, ...]]


def go(page: Page, position: int) -> None:
    page.locator(f"[data-exam-number='{position}']").click()


def choose(desk: Desk, given: Given, position: int, option: int) -> None:
    """Ticks an option of a choice, the only one."""
    go(desk.page, position)
    boxes = desk.page.locator(f"#q{position} input")
    for number in range(boxes.count()):
        if boxes.nth(number).is_checked() and boxes.nth(number).get_attribute("type") == "checkbox":
            boxes.nth(number).uncheck()
    boxes.nth(option).check()
    given[position] = (str(boxes.nth(option).get_attribute("value")),)


def type_in(desk: Desk, given: Given, position: int, *texts: str) -> None:
    """Types into each place of an item, or takes the option of each prompt by its number."""
    go(desk.page, position)
    places = desk.page.locator(f"#q{position} .exam-field :is(input, select, textarea)")
    taken = []
    for number, text in enumerate(texts):
        place = places.nth(number)
        if place.evaluate("element => element.tagName") == "SELECT":
            place.select_option(index=int(text))
        else:
            place.fill(text)
        taken.append(place.input_value())
    given[position] = tuple(taken)


def retrying(page: Page) -> None:
    expect(page.locator("[data-exam-status]")).to_have_text("未保存，正在重试", timeout=30_000)


def sign_in_again(page: Page) -> None:
    """In place, with the user name that stands there already."""
    dialog = page.locator("dialog[data-session-sign-in]")
    expect(dialog).to_be_visible(timeout=30_000)
    dialog.get_by_label("密码").fill(PASSWORD)
    dialog.get_by_role("button", name="登录").click()
    expect(dialog).not_to_be_visible()


def test_line_cut_twice_tab_killed_sign_in_expired_and_two_devices_in_turn(exam_room: ExamRoom) -> None:
    person = exam_room.candidate()
    given: Given = {}
    desk = exam_room.sit(person)
    paper = desk.stems()
    assert len(paper) == 8
    choose(desk, given, 1, 0)
    desk.saved()

    # The line is cut, answers are given meanwhile, and it comes back.
    desk.context.set_offline(True)
    choose(desk, given, 2, 1)
    retrying(desk.page)
    with desk.page.expect_response(lambda answer: "reconnect" in (answer.request.post_data or "")):
        desk.context.set_offline(False)
    desk.saved()
    assert exam_room.answers(person) == given

    # It is cut again, and the tab dies with answers that no server has.
    desk.context.set_offline(True)
    choose(desk, given, 3, 2)
    type_in(desk, given, 5, "工会法", "５０")
    retrying(desk.page)
    assert exam_room.answers(person) != given
    desk.kill()
    desk.context.set_offline(False)
    attempt_id = exam_room.attempt_id(person)
    desk.new_page().goto(f"/attempts/{attempt_id}")
    desk.saved()
    assert exam_room.answers(person) == given
    assert desk.stems() == paper

    # The sign-in is over; the page stays, and the answer goes on as soon as the person is back.
    desk.context.clear_cookies()
    type_in(desk, given, 6, "1", "2")
    sign_in_again(desk.page)
    desk.saved()
    assert exam_room.answers(person) == given

    # A phone takes over; the first page is told without doing anything, and takes over again.
    phone = exam_room.sit(person, width=390, height=844)
    expect(desk.page.locator("[data-exam-notice]")).to_contain_text("在其他页面或设备上打开", timeout=25_000)
    assert phone.stems() == paper
    type_in(phone, given, 7, "工会是职工自愿结合的工人阶级群众组织。")
    phone.saved()
    desk.page.locator("[data-exam-notice]").get_by_role("button", name="在本页面继续作答").click()
    go(desk.page, 7)
    expect(desk.page.locator("#q7 textarea")).to_have_value(given[7][0])
    type_in(desk, given, 8, "十人以上即可建立。", "上一级工会")
    desk.saved()
    assert exam_room.answers(person) == given
    assert desk.stems() == paper

    # What was sent while the attempt was open: the paper, and nothing made from a key.
    during = list(exam_room.recorder.sent)
    everything = b"".join(body for _path, body in during)
    assert all(stem.encode() in everything for stem in ("案例：某企业没有工会。", "怎样建立？"))
    leaks = [path for path, body in during for key in KEYS if key in unescaped(body)]
    assert leaks == []
    opened = [json.loads(body[body.index(b'{"') :]) for path, body in during if path.endswith("/openings")]
    assert opened and all(
        set(one) <= CANDIDATE_SEES for answer in opened if "questions" in answer for one in answer["questions"]
    )

    # Handing in: everything that was acknowledged is what is scored, and this browser keeps nothing.
    desk.page.get_by_role("button", name="交卷").click()
    desk.page.get_by_role("button", name="确认交卷").click()
    desk.page.wait_for_url("**/result")
    assert exam_room.answers(person) == given
    assert kept(desk.page) == []
    with reading() as session:
        events = {one.kind for one in told(session, attempt_id)}
    assert {Kind.RECONNECT, Kind.REOPENED} <= events


def unescaped(body: bytes) -> str:
    """What a body says, also where it is written in escapes."""
    text = body.decode("utf-8", "replace")
    return text + re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)


def kept(page: Page) -> list[object]:
    """What the browser still holds of exams."""
    return list(
        page.evaluate(
            """async () => {
              const database = await new Promise((resolve, reject) => {
                const opening = indexedDB.open("lms-exam", 1);
                opening.onsuccess = () => resolve(opening.result);
                opening.onerror = () => reject(opening.error);
              });
              const asking = database.transaction("answers").objectStore("answers").getAll();
              return await new Promise((resolve) => { asking.onsuccess = () => resolve(asking.result); });
            }"""
        )
    )


@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_on_start_paper_last_look_and_result(exam_room: ExamRoom, width: int) -> None:
    person = exam_room.candidate()
    desk = exam_room.desk(person, width=width)
    desk.page.goto(f"/exams/{exam_room.hall.exam_id}")
    assert desk.violations() == []
    desk.page.locator(".exam-button").click()
    desk.page.wait_for_url("**/attempts/*")
    attempt_id = exam_room.attempt_id(person)
    invigilator = make_person(exam_room.hall.land.national, "监考", now=clock.now())
    service.tell(
        exam_room.hall.exam_id, attempt_id, "请注意时间", by=invigilator.person_id, reach=EVERYWHERE, now=clock.now()
    )
    expect(desk.page.get_by_text("请注意时间")).to_be_visible(timeout=25_000)
    for position in range(1, 9):
        go(desk.page, position)
        assert desk.violations() == [], position
    desk.page.get_by_role("button", name="显示全部题目").click()
    assert desk.violations() == []
    desk.page.locator("[data-exam-flag='2']").click()
    desk.page.get_by_role("button", name="交卷").click()
    expect(desk.page.get_by_role("dialog", name="确认交卷？")).to_be_visible()
    assert desk.page.locator("[data-exam-flagged] button").all_text_contents() == ["2"]
    assert desk.violations() == []
    desk.page.goto(f"/attempts/{attempt_id}/hand-in")
    assert desk.violations() == []
    desk.page.get_by_role("button", name="确认交卷").click()
    desk.page.wait_for_url("**/result")
    assert desk.violations() == []


def test_the_paper_fits_at_200_per_cent_and_is_answered_by_keys_alone(exam_room: ExamRoom) -> None:
    person = exam_room.candidate()
    desk = exam_room.sit(person, width=640, height=400)  # 1280 x 800 at 200 %
    page = desk.page
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.locator("#q1 input").first.focus()
    page.keyboard.press("Space")
    desk.saved()
    chosen = page.locator("#q1 input").first.get_attribute("value")
    assert exam_room.answers(person) == {1: (chosen,)}
    page.keyboard.press("Alt+t")
    expect(page.locator("[data-exam-announce]")).to_have_text(re.compile("剩余"))
    page.get_by_role("button", name="下一题").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "q2"
    page.get_by_role("button", name="交卷").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="确认交卷？")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="确认交卷？")).not_to_be_visible()


def test_more_time_shows_on_the_board_of_a_second_person_and_then_on_the_paper(exam_room: ExamRoom) -> None:
    national = exam_room.hall.land.national
    first, second = (
        make_person(national, name, grants={roles.CLASS_MANAGER: national}, now=clock.now())
        for name in ("监考甲", "监考乙")
    )
    candidate = exam_room.candidate()
    desk = exam_room.sit(candidate)
    board = f"/staff/classes/{exam_room.hall.class_id}/exam-board"
    theirs = exam_room.desk(second)
    theirs.page.goto(board)
    assert theirs.violations() == []
    ours = exam_room.desk(first)
    ours.page.goto(board)
    ours.page.get_by_label("理由").fill("二号楼停电")
    ours.page.get_by_role("button", name="提出加时").click()
    expect(ours.page.get_by_text("等待另一位工作人员")).to_be_visible()
    expect(theirs.page.get_by_role("button", name="确认加时")).to_be_visible(timeout=15_000)
    assert theirs.violations() == []
    theirs.page.get_by_role("button", name="确认加时").click()
    expect(theirs.page.get_by_text("已为 1 份答卷加时")).to_be_visible()
    expect(desk.page.get_by_text("作答时间延长了")).to_be_visible(timeout=15_000)
    expect(desk.page.locator("[data-exam-left]")).to_have_text(re.compile(r"剩余 1:0\d:\d\d"))
    choose(desk, {}, 1, 0)
    desk.saved()
    expect(theirs.page.locator("[data-board-answered]")).to_have_text("1 / 8", timeout=15_000)
    desk.page.get_by_role("button", name="交卷").click()
    desk.page.get_by_role("button", name="确认交卷").click()
    expect(theirs.page.locator("[data-board-seat]")).to_have_text("已交卷", timeout=15_000)


@pytest.mark.parametrize("hours", [-30, 3])
def test_e2_a_clock_that_is_wrong_in_the_browser_changes_nothing(exam_room: ExamRoom, hours: int) -> None:
    person = exam_room.candidate()
    desk = exam_room.desk(person)
    desk.context.add_init_script(WRONG_CLOCK.replace("HOURS", str(hours)))
    desk.page.goto(f"/exams/{exam_room.hall.exam_id}")
    desk.page.locator(".exam-button").click()
    desk.page.wait_for_url("**/attempts/*")
    expect(desk.page.locator("[data-exam-left]")).to_have_text(re.compile(r"剩余 59:\d\d"))
    choose(desk, {}, 1, 0)
    desk.saved()
    told_at = desk.page.locator("[data-exam-status]").inner_text().removeprefix("已保存 ")
    now = clock.now().astimezone(clock.SHANGHAI)
    seconds = [int(part) for part in told_at.split(":")]
    apart = abs(seconds[0] * 3600 + seconds[1] * 60 + seconds[2] - (now.hour * 3600 + now.minute * 60 + now.second))
    assert min(apart, 86_400 - apart) < 60


WRONG_CLOCK = """
const RightDate = Date;
const wrong = () => RightDate.now() + HOURS * 3_600_000;
globalThis.Date = class extends RightDate {
  constructor(...given) { super(...(given.length ? given : [wrong()])); }
  static now() { return wrong(); }
};
"""


def test_a_page_from_before_the_platform_was_renewed_says_so_and_goes_on_when_it_is_opened_again(
    exam_room: ExamRoom,
) -> None:
    person = exam_room.candidate()
    desk = exam_room.sit(person, width=390, height=844)
    given: Given = {}
    choose(desk, given, 1, 0)
    desk.saved()
    desk.page.evaluate("document.querySelector('#q2 input').value = 'A'")
    go(desk.page, 2)
    desk.page.locator("#q2 input").first.check()
    again = desk.page.get_by_role("link", name="重新打开本页")
    expect(again).to_be_visible()
    assert not desk.violations()
    again.click()
    choose(desk, given, 2, 0)
    desk.saved()
    assert exam_room.answers(person) == given
