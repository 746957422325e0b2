"""The lecture's page works by key, finger and screen reader: axe-core finds nothing, gaps are reached, questions are answered."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.screening import Screening, Viewer

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
FINGER = 44
BUTTON = {"id": "00000000-0000-0000-0000-000000000001", "kind": "button", "seconds": 60, "place": 5}
ITEM = {
    "id": "00000000-0000-0000-0000-000000000002",
    "kind": "item",
    "seconds": 60,
    "place": 0,
    "stem": "企业职工代表大会的工作机构是谁？",
    "options": [{"key": "A", "text": "企业工会委员会"}, {"key": "B", "text": "企业董事会"}],
}


def violations(page: Page) -> list[Any]:
    """What axe-core objects to, by the rules of WCAG and of best practice: rule and elements."""
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [(one["id"], [node["target"] for node in one["nodes"]]) for one in found["violations"]]


def ask(viewer: Viewer, question: dict[str, Any], lost_ms: int = 0) -> list[Any]:
    """Lets the next beat carry a question; what is answered to it is kept and taken."""
    answers: list[Any] = []

    def beat(route: Route) -> None:
        answer = route.fetch()
        body = answer.json()
        if answer.status == 200 and not answers:
            body["presence"] = question
        route.fulfill(response=answer, json=body)

    def take(route: Route) -> None:
        answers.append(route.request.post_data_json)
        route.fulfill(json={"lease_state": "active", "presence": None, "held_ms": lost_ms, "lost_ms": lost_ms})

    viewer.context.route("**/beats", beat)
    viewer.context.route("**/presence", take)
    return answers


def watch_with_a_gap(viewer: Viewer) -> None:
    """0:00 to 0:10 and 0:40 to 0:45 or a little more."""
    viewer.play()
    viewer.until(10)
    viewer.drag(40)
    viewer.until(45)
    viewer.pause()
    expect(viewer.page.locator("[data-watch-gaps]")).to_be_visible()


def dialog_of(viewer: Viewer) -> Locator:
    return viewer.page.get_by_role("dialog", name="请确认您正在学习")


@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_on_the_page_and_in_the_dialog(screening: Screening, width: int) -> None:
    viewer = screening.visit(screening.person(), width=width)
    assert violations(viewer.page) == []
    watch_with_a_gap(viewer)
    for summary in viewer.page.locator(".watch-more > summary").all():
        summary.click()
    assert violations(viewer.page) == []
    ask(viewer, ITEM)
    viewer.play()
    expect(dialog_of(viewer)).to_be_visible()
    assert violations(viewer.page) == []


def test_gaps_are_broad_enough_for_a_finger_and_named(screening: Screening) -> None:
    viewer = screening.visit(screening.person(), width=390)
    watch_with_a_gap(viewer)
    viewer.page.get_by_text("为什么还不是 100%？").click()
    targets = viewer.page.locator(".watch-gap-list button, .missing button, .watch-more > summary, [data-watch-strip]")
    assert targets.count() >= 5
    for target in targets.all():
        box = target.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= FINGER, target.inner_text()
    name = viewer.page.locator(".watch-gap-list button").get_attribute("aria-label")
    assert str(name).startswith("跳到没看的部分：0:")
    strip = viewer.page.locator("[data-watch-strip]")
    box = strip.bounding_box()
    assert box
    strip.click(position={"x": box["width"] * 30 / 240, "y": 3})
    viewer.page.wait_for_function(
        "() => { const at = document.querySelector('video').currentTime; return at > 5 && at < 30; }"
    )


def test_a_gap_is_reached_and_watched_by_keys_alone(screening: Screening) -> None:
    viewer = screening.visit(screening.person())
    watch_with_a_gap(viewer)
    page = viewer.page
    page.locator(".vjs-play-control").focus()
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('[data-watch-gap-list]') !== null"):
            break
    page.keyboard.press("Enter")
    page.wait_for_function(
        "() => { const v = document.querySelector('video'); return v.currentTime > 5 && v.currentTime < 30 && !v.paused; }"
    )


def test_a_question_stops_the_video_and_is_answered_by_keys(screening: Screening) -> None:
    viewer = screening.visit(screening.person())
    answers = ask(viewer, BUTTON)
    viewer.play()
    dialog = dialog_of(viewer)
    expect(dialog).to_be_visible()
    page = viewer.page
    assert page.evaluate("document.querySelector('video').paused")
    assert page.evaluate("document.activeElement.id") == "presence-title"
    assert page.title().startswith("【请确认】")
    stood = viewer.at()
    page.keyboard.press("Escape")
    viewer.wait(12)
    expect(dialog).to_be_visible()
    assert viewer.at() == stood
    page.keyboard.press("Tab")
    expect(dialog.get_by_role("button")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    assert answers == [{"id": BUTTON["id"]}]
    viewer.until(stood + 2)
    assert not page.title().startswith("【请确认】")


@pytest.mark.hard
def test_an_item_is_answered_by_a_finger_and_a_late_answer_says_what_it_cost(screening: Screening) -> None:
    viewer = screening.visit(screening.person(), width=390)
    answers = ask(viewer, ITEM, lost_ms=75_000)
    viewer.play()
    dialog = dialog_of(viewer)
    expect(dialog.get_by_text("企业职工代表大会的工作机构是谁？")).to_be_visible()
    viewer.wait(62)
    expect(dialog).to_contain_text("确认的时间过了，计时已停")
    dialog.get_by_text("企业工会委员会").click()
    dialog.get_by_role("button", name="回答并接着播放").click()
    expect(dialog).to_be_hidden()
    assert answers == [{"id": ITEM["id"], "answer": ["A"]}]
    expect(viewer.page.locator("[data-watch-box=note]")).to_contain_text("过了 75 秒才确认")


@pytest.mark.hard
def test_a_question_is_seen_out_of_full_screen(screening: Screening) -> None:
    viewer = screening.visit(screening.person())
    viewer.play()
    viewer.until(3)
    viewer.page.locator(".vjs-fullscreen-control").click()
    expect(viewer.page.locator(":fullscreen")).to_have_count(1)
    ask(viewer, BUTTON)
    expect(dialog_of(viewer)).to_be_visible()
    expect(viewer.page.locator(":fullscreen")).to_have_count(0)
    dialog_of(viewer).get_by_role("button").click()
    expect(viewer.page.locator(":fullscreen")).to_have_count(1)
