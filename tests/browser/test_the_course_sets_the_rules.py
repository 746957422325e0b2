"""The page keeps to the course's policy and says so: speed, skipping ahead, pausing when hidden, questions whether one is there."""

import pytest
from playwright.sync_api import Locator, expect
from sqlalchemy import update

from lms.catalogue.models import CourseRow
from lms.infra.db import unit_of_work
from lms.kernel import clock
from lms.learning.domain.presence import Kind, Terms
from lms.questionbank import service as questionbank
from tests.browser.screening import Screening, Viewer
from tests.factories.questions import add_published

pytestmark = pytest.mark.browser

HONEST = 0.98
NOTE = "[data-watch-box=note]"
ASKING = Terms(from_minutes=1, to_minutes=1, seconds=30)


def test_an_allowed_speed_counts_in_full(screening: Screening) -> None:
    screening.policy(max_rate_percent=150)
    me = screening.person()
    viewer = screening.visit(me)
    viewer.page.get_by_text("怎样算学习时间？").click()
    expect(viewer.page.locator(".watch-more .rules").last).to_contain_text("最快可以用 1.5 倍速播放")
    viewer.play()
    viewer.until(3)
    viewer.page.locator("div.vjs-playback-rate").hover()
    viewer.page.get_by_role("menuitemradio", name="1.5x").click()
    assert viewer.page.evaluate("document.querySelector('video').playbackRate") == 1.5
    viewer.until(60)
    end = viewer.settled()
    screening.credits(viewer, me, least=HONEST * end - 1, most=end + 1)


def test_a_first_viewing_does_not_skip_ahead_where_the_course_says_so(screening: Screening) -> None:
    screening.policy(seek_courtesy=True)
    viewer = screening.visit(screening.person())
    viewer.play()
    viewer.until(15)
    viewer.drag(150)
    expect(viewer.page.locator(NOTE)).to_contain_text("第一次观看时不能跳到还没播放过的部分")
    assert viewer.at() < 60
    viewer.drag(5)
    viewer.page.wait_for_function("document.querySelector('video').currentTime < 15")


def test_a_hidden_page_pauses_and_says_why(screening: Screening) -> None:
    screening.policy(pause_when_hidden=True)
    me = screening.person()
    viewer = screening.visit(me)
    viewer.play()
    viewer.until(15)
    hide = "document.dispatchEvent(new Event('visibilitychange'))"
    viewer.page.evaluate(f"Object.defineProperty(document, 'hidden', {{ value: true, configurable: true }}); {hide}")
    viewer.page.wait_for_function("document.querySelector('video').paused")
    viewer.page.evaluate(f"delete document.hidden; {hide}")
    expect(viewer.page.locator(NOTE)).to_contain_text("您离开了本页，视频已自动暂停")
    viewer.play()
    viewer.until(30)
    expect(viewer.page.locator(NOTE)).to_be_hidden()


def test_a_question_answered_in_time_costs_nothing(screening: Screening) -> None:
    screening.policy(presence=ASKING)
    me = screening.person()
    viewer = screening.visit(me, width=390)
    stood = asked(viewer)
    dialog_of(viewer).get_by_role("button", name="我在学习").click()
    expect(dialog_of(viewer)).to_be_hidden()
    viewer.until(stood + 10)
    end = viewer.settled()
    screening.credits(viewer, me, least=HONEST * end - 1, most=end + 1)


@pytest.mark.hard
def test_a_question_answered_late_costs_the_wait_and_nothing_that_was_played(screening: Screening) -> None:
    screening.policy(presence=ASKING)
    me = screening.person()
    viewer = screening.visit(me)
    stood = asked(viewer)
    viewer.wait(50)
    expect(dialog_of(viewer)).to_contain_text("确认的时间过了，计时已停")
    dialog_of(viewer).get_by_role("button", name="我在学习").click()
    expect(viewer.page.locator(NOTE)).to_contain_text("秒才确认，这段等待不计入学习时间")
    viewer.until(stood + 15)
    end = viewer.settled()
    screening.credits(viewer, me, least=HONEST * end - 1, most=end + 1)


@pytest.mark.hard
def test_an_item_of_the_practice_bank_asks_and_a_wrong_answer_costs_nothing(screening: Screening) -> None:
    screening.policy(presence=ASKING, presence_kind=Kind.ITEM)
    give_practice(screening)
    me = screening.person()
    viewer = screening.visit(me, width=390)
    stood = asked(viewer)
    dialog, page = dialog_of(viewer), viewer.page
    expect(dialog.get_by_role("group", name="练习题 P1-")).to_be_visible()
    page.keyboard.press("Tab")
    expect(dialog.get_by_role("radio").first).to_be_focused()
    page.keyboard.press("Space")  # 选项甲: the right one is 乙
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(page.locator(NOTE)).to_contain_text("刚才的题答得不对。这不影响学习时间")
    viewer.until(stood + 10)
    end = viewer.settled()
    screening.credits(viewer, me, least=HONEST * end - 1, most=end + 1)


def give_practice(screening: Screening) -> None:
    """A practice bank with one single choice for the course that is shown."""
    questionbank.ensure_bank("P1", "练习", kind="practice", now=clock.now())
    with unit_of_work() as session:
        session.execute(update(CourseRow).values(practice_bank_code="P1"))
    add_published("P1", "single")


def asked(viewer: Viewer) -> float:
    """Plays until the server asks; where the video then stands."""
    viewer.play()
    expect(dialog_of(viewer)).to_be_visible(timeout=60_000)
    return viewer.at()


def dialog_of(viewer: Viewer) -> Locator:
    return viewer.page.get_by_role("dialog", name="请确认您正在学习")
