"""Honest viewers in a real Chromium lose next to nothing: pauses, seeking back, lost networks, other devices, crashes, long idling.

Clocks, timers and video run eight times as fast (tests/browser/lens.py); seconds here are those of that world.
"""

import os
import signal
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import update

from lms.accounts.models import AccountRow, AuthSessionRow
from lms.infra.db import unit_of_work
from lms.kernel import clock
from tests.browser.screening import Screening, Viewer
from tests.factories.accounts import HASH, PASSWORD

pytestmark = pytest.mark.browser

HONEST = 0.98
IN_FLIGHT = 4  # a beat that is under way for half a second, eight times as fast
STOPPED = "[data-watch-box=stopped]"


def test_pausing_and_seeking_back_cost_nothing(screening: Screening) -> None:
    me = screening.person()
    viewer = screening.visit(me)
    viewer.play()
    viewer.until(20)
    viewer.pause()
    viewer.wait(30)
    viewer.play()
    viewer.until(35)
    viewer.drag(10)
    viewer.until(45)
    end = viewer.settled()
    screening.credits(viewer, me, least=HONEST * end, most=end + 1)
    assert "已记录到 0:" in viewer.saved()


def test_half_a_minute_without_a_network_costs_nothing(screening: Screening) -> None:
    me = screening.person()
    viewer = screening.visit(me)
    viewer.play()
    viewer.until(20)
    viewer.context.set_offline(True)
    viewer.wait(30)
    assert "秒未上报" in viewer.saved()
    viewer.context.set_offline(False)
    viewer.until(70)
    end = viewer.settled()
    screening.credits(viewer, me, least=HONEST * end - 1, most=end + 1)


@pytest.mark.hard
def test_two_minutes_offline_cost_nothing_that_was_played(screening: Screening) -> None:
    """The buffer runs dry, the video stands and goes on by itself."""
    me = screening.person()
    viewer = screening.visit(me)
    viewer.play()
    viewer.until(20)
    viewer.context.set_offline(True)
    viewer.wait(120)
    viewer.context.set_offline(False)
    viewer.until(viewer.at() + 20)
    end = viewer.settled()
    screening.credits(viewer, me, least=HONEST * end - 1, most=end + 1)


def test_w6_ten_minutes_without_the_platform_lose_nothing_and_gain_nothing(screening: Screening) -> None:
    """Forty seconds are played into the outage, then both clocks jump over the rest of its ten minutes."""
    me = screening.person()
    viewer = screening.visit(me)
    viewer.play()
    viewer.until(20)
    viewer.cut_off()
    viewer.until(60)
    end = viewer.settled()
    before = screening.credited(me)
    assert before <= 21
    screening.lens.jump(viewer.page, 530)
    viewer.wait(4)
    assert "秒未上报" in viewer.saved()
    viewer.back_online()
    expect(viewer.page.locator("[data-watch-saved]")).to_contain_text("已记录到")
    screening.credits(viewer, me, least=HONEST * end, most=end + 1)
    assert [state for state, _ in screening.leases(me)] == ["active"], "all of it under the lease that it was played in"


def test_w4_two_devices_earn_once_and_the_first_is_told(screening: Screening) -> None:
    me = screening.person()
    desk, phone = screening.visit(me), screening.visit(me, width=390)
    desk.play()
    desk.until(30)
    phone.play()
    expect(desk.page.locator(STOPPED)).to_contain_text("您已在其他页面或设备上开始播放")
    assert desk.page.evaluate("document.querySelector('video').paused")
    stood = desk.at()
    phone.until(phone.at() + 20)
    end = phone.settled()
    assert desk.at() == stood, "the first page stays quiet"
    furthest = max(stood, end)
    screening.credits(phone, me, least=HONEST * furthest - 1, most=furthest + 1)
    assert [state for state, _ in screening.leases(me)] == ["superseded", "active"]

    buttons = desk.page.locator(f"{STOPPED} button")
    assert buttons.count() == 1
    moves = len(desk.places())
    buttons.click()
    desk.page.wait_for_function("before => window.lensPlaces.length > before", arg=moves)
    assert abs(desk.places()[-1] - end) < 1, "it goes on where the other device stopped"


def test_w5_a_killed_tab_loses_at_most_fifteen_seconds_and_the_next_page_brings_them_back(screening: Screening) -> None:
    me = screening.person()
    viewer = screening.visit(me)
    viewer.play()
    viewer.until(42)
    played = viewer.at()
    kill(viewer, screening.browser)
    assert screening.credited(me) >= played - 15 - IN_FLIGHT
    viewer.page = viewer.context.new_page()
    viewer.open()
    screening.credits(viewer, me, least=HONEST * played - 2, most=played + 1)
    viewer.play()
    viewer.until(played + 3)
    assert abs(viewer.places()[-1] - played) < 3, "it resumes where it was"


def kill(viewer: Viewer, browser: Browser) -> None:
    """Ends the processes that run pages, as a crash does: no farewell is sent."""
    processes = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    for process in processes:
        if process["type"] == "renderer":
            os.kill(process["id"], signal.SIGKILL)
    viewer.page.close()


def test_an_expired_sign_in_is_renewed_in_place(screening: Screening) -> None:
    me = screening.person()
    sign_in_possible(me)
    viewer = screening.visit(me)
    viewer.play()
    viewer.until(20)
    end_session(me)
    viewer.until(40)
    end = viewer.settled()
    screening.credits(viewer, me, least=HONEST * end, most=end + 1)  # the lease outlives the sign-in
    screening.lens.jump(viewer.page, 13 * 60)
    viewer.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    dialog = viewer.page.locator("dialog[data-session-sign-in]")
    expect(dialog).to_be_visible()
    viewer.page.evaluate("window.sameDocument = true")
    dialog.get_by_label("密码").fill(PASSWORD)
    dialog.get_by_role("button", name="登录并继续").click()
    expect(dialog).to_be_hidden()
    viewer.until(50)
    assert viewer.page.evaluate("window.sameDocument"), "the page was not lost"
    end = viewer.settled()
    screening.credits(viewer, me, least=HONEST * end - 1, most=end + 1)


def sign_in_possible(person_id: object) -> None:
    with unit_of_work() as session:
        session.execute(
            update(AccountRow)
            .where(AccountRow.person_id == person_id)
            .values(password_hash=HASH, password_at=clock.now())
        )


def end_session(person_id: object) -> None:
    with unit_of_work() as session:
        session.execute(
            update(AuthSessionRow).values(
                expires_at=clock.now() - timedelta(minutes=1), opened_at=clock.now() - timedelta(hours=12)
            )
        )


@pytest.mark.hard
def test_an_hour_of_idling_leaves_a_page_that_plays_and_saves(screening: Screening) -> None:
    me = screening.person()
    viewer = screening.visit(me)
    viewer.play()
    viewer.until(20)
    viewer.settled()
    for _ in range(31):
        screening.lens.jump(viewer.page, 120)
        viewer.wait(0.5)
    viewer.play()
    viewer.until(40)
    end = viewer.settled()
    screening.credits(viewer, me, least=HONEST * end - 1, most=end + 1)
    expect(viewer.page.locator("dialog[data-session-sign-in]")).to_be_hidden()


@pytest.mark.hard
def test_a_browser_that_keeps_no_copy_plays_and_warns_only_while_something_is_at_risk(screening: Screening) -> None:
    me = screening.person()
    viewer = screening.visit(me, script="Object.defineProperty(window, 'indexedDB', { value: undefined });")
    viewer.play()
    viewer.until(20)
    expect(viewer.page.locator("[data-watch-saved]")).to_contain_text("已记录到")
    viewer.cut_off()
    viewer.until(40)
    assert "保存之前请不要关闭本页" in viewer.saved()
    viewer.back_online()
    expect(viewer.page.locator("[data-watch-saved]")).to_contain_text("已记录到")
    end = viewer.settled()
    screening.credits(viewer, me, least=HONEST * end - 1, most=end + 1)
