"""The main job end to end in real browsers: upload, two reviews, study, exam, certificate, verification."""

import json
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import create_engine, text

from lms import paths
from lms.infra import ffmpeg
from lms.infra.slides import Slide
from lms.portal.demo import fonts
from lms.questionbank.domain.items import Item
from lms.questionbank.domain.marks import plain
from lms.questionbank.domain.textformat import parse
from tests.browser.conftest import Demo

pytestmark = pytest.mark.browser

TITLE = "浏览器走查：职工代表大会怎么开"
ITEM = """【单选】W-001
题干：企业职工代表大会的工作机构是谁？
A. 企业工会委员会
B. 企业董事会
C. 企业人事部门
D. 企业财务部门
答案：A
解析：工会法规定企业工会委员会是职工代表大会的工作机构。
依据：工会法 第三十六条 第一款
知识点：职工代表大会
难度：1
情境：否
失效：工会法第三十六条修订
"""
PLAY_SECONDS = 30_000


def wait_for_playing(page: Page, seconds: float) -> None:
    page.wait_for_function(
        "least => { const v = document.querySelector('video'); return v && v.currentTime >= least; }",
        arg=seconds,
        timeout=PLAY_SECONDS,
    )


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lecture of 6 seconds as an uploader would bring it."""
    path = tmp_path_factory.mktemp("clip") / "走查.mp4"
    regular, bold = fonts()
    ffmpeg.make_lecture(
        [Slide("职工代表大会", ("依法召开", "工会是工作机构"))],
        [6.0],
        program=ffmpeg.find(),
        font=regular,
        font_bold=bold,
        out=path,
        teacher_line="走查教师",
        course_line="走查",
    )
    return path


def test_nothing_is_seen_before_both_reviews_and_then_it_can_be_studied(visit: Any, demo: Demo, clip: Path) -> None:
    """Steps 1 to 4 for a fresh upload: uploader, province, nation, and a learner who must see nothing until the end."""
    uploader = visit("uploader")
    page = uploader.page
    page.goto("/staff/lectures/new")
    page.get_by_label("标题").fill(TITLE)
    page.get_by_label("主讲教师").fill("走查教师")
    page.get_by_label("教师所在单位").fill("浙江省工会干部学校")
    page.get_by_label("教师职务或职称").fill("讲师")
    page.get_by_label("课程提纲").fill("职工代表大会的性质\n职工代表大会的职权")
    page.locator("input[name=video]").set_input_files(clip)
    page.locator("textarea[name=items]").fill(ITEM)
    page.locator("main").get_by_role("button", name="保存").click()
    page.wait_for_url("**/staff/lectures/*-*")
    page.locator("main").get_by_role("button", name="提交审核").click()
    expect(page.get_by_text("省级审核").first).to_be_visible()
    detail_url = page.url
    revision_id = detail_url.rsplit("/", 1)[-1]

    def state() -> str:
        page.goto(detail_url)
        return page.locator(".page-header .badge").inner_text()

    until = time.monotonic() + 60
    while state() != "省级审核":
        assert time.monotonic() < until, f"still {state()}"
        time.sleep(1)
    asset_id = playlist_of(page)
    lecture_id = lecture_of(demo, revision_id)

    learner = visit("learner", width=390)
    assert_hidden(learner.page, revision_id, lecture_id, asset_id)

    decide(visit("province_reviewer").page, revision_id, hours=None)
    assert_hidden(learner.page, revision_id, lecture_id, asset_id)

    decide(visit("national_reviewer").page, revision_id, hours="1")
    learner.page.goto("/courses")
    learner.page.get_by_role("link", name=TITLE, exact=True).click()
    play_to_the_end(learner.page)
    learner.page.goto("/me/hours")
    expect(learner.page.get_by_role("cell", name=TITLE, exact=True)).to_be_visible()


def playlist_of(page: Page) -> str:
    return str(page.locator("video-js[data-playlist]").get_attribute("data-playlist")).split("/")[2]


def lecture_of(demo: Demo, revision_id: str) -> str:
    """The lecture's id, which no page tells before it is published: a learner might guess it."""
    engine = create_engine(demo.database)
    with engine.connect() as connection:
        found = connection.execute(
            text("SELECT lecture_id FROM lecture_version WHERE revision_id = :revision"),
            {"revision": UUID(revision_id).hex if engine.dialect.name == "sqlite" else UUID(revision_id)},
        ).scalar_one()
    engine.dispose()
    return str(UUID(str(found)))


def assert_hidden(page: Page, revision_id: str, lecture_id: str, asset_id: str) -> None:
    """By no list, page, API or direct file address."""
    page.goto("/courses")
    assert TITLE not in page.content()
    page.goto("/")
    assert TITLE not in page.content()
    for address in (
        f"/media/{asset_id}/master.m3u8",
        f"/media/{asset_id}/poster.jpg",
        f"/staff/lectures/{revision_id}",
        f"/staff/reviews/{revision_id}",
        f"/lectures/{lecture_id}",
        f"/lectures/{lecture_id}/poster",
        f"/api/v1/lectures/{lecture_id}/progress",
    ):
        answer = page.request.get(address, max_redirects=0)
        assert answer.status in {403, 404}, f"{address}: {answer.status}"
        assert TITLE not in answer.text()
    assert api(page, "POST", "/api/v1/leases", {"lecture_id": lecture_id})[0] == 404


def decide(page: Page, revision_id: str, *, hours: str | None) -> None:
    """Watches the video, reads the items, approves."""
    page.goto("/staff/reviews")
    page.get_by_role("link", name=TITLE, exact=True).click()
    page.wait_for_url(f"**/staff/reviews/{revision_id}")
    page.locator(".vjs-big-play-button").click()
    wait_for_playing(page, 1.0)
    expect(page.get_by_text("企业职工代表大会的工作机构是谁")).to_be_visible()
    for box in page.locator("input[name=findings]").all():
        box.check()
    if hours:
        page.locator("input[name=credit_hours]").fill(hours)
    page.locator("textarea[name=comment]").fill("内容准确，同意。")
    page.get_by_label("通过", exact=True).check()
    page.get_by_role("button", name="提交审核结论").click()
    with page.expect_response(lambda answer: answer.url.endswith("/decision")) as decided:
        page.locator("dialog button[value=yes]").click()
    assert decided.value.status == 303


def play_to_the_end(page: Page) -> None:
    """Presses play once and waits until the page says that the course is complete."""
    page.locator(".vjs-big-play-button").click()
    expect(page.locator("[data-watch-box=complete]")).to_be_visible(timeout=PLAY_SECONDS)


def test_a_new_cadre_registers_studies_passes_and_holds_a_certificate(visit: Any, demo: Demo, tmp_path: Path) -> None:
    """Steps 4 to 6 on a phone: registration, eight courses really played, the exam, the certificate, a stranger's check."""
    visitor = visit(width=390)
    page = visitor.page
    register(page)
    page.get_by_role("link", name="全国非公企业工会主席上岗资格网络培训班（演示）").click()
    page.get_by_role("button", name="报名").click()
    expect(page.get_by_text("报名成功")).to_be_visible()
    assert_exam_locked(page, demo)
    assert_forged_beats_earn_nothing(page, demo)
    for number in range(len(demo.facts["courses"])):
        page.goto("/")
        page.locator(".resume-button").click()
        play_to_the_end(page)
        assert number < 7 or "参加考试" in page.locator("[data-watch-box=complete]").inner_text()
    page.goto("/me/hours")
    assert "32 学时" in page.locator("main").inner_text()

    page.goto(f"/exams/{demo.facts['exam_id']}")
    sit_the_exam(page)

    page.goto("/me/certificates")
    expect(page.get_by_text("您的身份还没有经单位确认")).to_be_visible()
    confirm_identity(visit("unit_admin").page, "钱学敏")
    page.goto("/me/certificates")
    download_link = page.get_by_role("link", name="下载证书（PDF）")
    expect(download_link).to_be_visible(timeout=30_000)
    with page.expect_download() as waiting:
        download_link.click()
    certificate = tmp_path / "certificate.pdf"
    waiting.value.save_as(certificate)
    assert certificate.read_bytes().startswith(b"%PDF-1.7")
    assert_verified_by_a_stranger(visit(width=390).page, page, certificate, tmp_path)
    assert_verified_by_command(demo, certificate, tmp_path)


def confirm_identity(page: Page, name: str) -> None:
    """The unit's administrator finds the person and vouches for them."""
    page.goto("/staff/people")
    page.get_by_label("姓名、拼音或首字母").fill(name)
    page.locator("main").get_by_role("button", name="查找").click()
    page.get_by_role("link", name=name, exact=True).click()
    page.locator("main").get_by_role("link", name="确认身份").click()
    page.get_by_label("理由").fill("查验身份证原件")
    page.locator("main").get_by_role("button", name="确认身份").click()
    expect(page.get_by_text("身份已确认。")).to_be_visible()


def register(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="实名注册").first.click()
    page.get_by_label("姓名").fill("钱学敏")
    page.get_by_label("女").check()
    page.get_by_label("工作单位").fill("晨光精密")
    page.get_by_role("radio", name="杭州晨光精密制造有限公司工会（演示）").check()
    page.get_by_label("职务").fill("工会主席")
    page.get_by_label("干部类别").select_option(label="企事业单位工会干部")
    page.get_by_label("兼职").check()
    page.get_by_label("任职日期").fill("2024-03-01")
    page.get_by_label("手机号码").fill("13900001234")
    page.get_by_label("用户名").fill("qianxuemin")
    page.get_by_label("密码", exact=True).fill("Chenguang-2026")
    page.get_by_label("再输一次密码").fill("Chenguang-2026")
    page.get_by_label("我已阅读并同意《个人信息处理规则》").check()
    page.get_by_role("button", name="注册并登录").click()
    expect(page.get_by_text("注册成功")).to_be_visible()


def api(page: Page, method: str, address: str, body: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
    """Calls the JSON interface as this browser, with its CSRF token."""
    token = page.locator("input[name=csrf_token]").first.get_attribute("value") or ""
    answer = page.request.fetch(
        address,
        method=method,
        data=json.dumps(body) if body is not None else None,
        headers={"X-CSRFToken": token, "Content-Type": "application/json"},
    )
    return answer.status, answer.json()


def assert_exam_locked(page: Page, demo: Demo) -> None:
    status, answer = api(page, "POST", f"/api/v1/exams/{demo.facts['exam_id']}/attempts", {})
    assert status == 403
    assert len(answer["missing"]) == 8


def assert_forged_beats_earn_nothing(page: Page, demo: Demo) -> None:
    """W1, W2, A1-A3 of the rules: whole videos claimed at once, a claimed end, repeated beats: only real time counts."""
    lecture = demo.facts["courses"][7]["lectures"][0]
    began = time.monotonic()
    status, lease = api(page, "POST", "/api/v1/leases", {"lecture_id": lecture["id"]})
    assert status == 201
    assert page.request.get(lease["playlist_url"]).ok
    credited = 0
    for seq in range(1, 6):
        beat = {
            "seq": seq,
            "segments": [[0, lecture["duration_ms"]]],
            "position_ms": lecture["duration_ms"],
            "rate": 16,
        }
        status, answer = api(page, "POST", f"/api/v1/leases/{lease['lease_id']}/beats", beat)
        assert status == 200
        credited += answer["accepted_ms"]
    real = (time.monotonic() - began) * 1000
    assert credited <= real
    assert not answer["completed"]
    assert any(trim["reason"] == "budget" for trim in answer["trimmed"])


def items_by_stem() -> dict[str, Item]:
    found = {}
    for path in paths.question_banks().glob("*/items.txt"):
        for item in parse(path.read_text(encoding="utf-8")).items:
            found["".join(plain(item.stem).split())] = item
    return found


def sit_the_exam(page: Page) -> None:
    """Answers all 30 items rightly on the phone; no byte that reaches the browser may hold a key or an explanation."""
    items = items_by_stem()
    bodies: list[str] = []

    def keep(response: Any) -> None:
        if response.status < 300 and any(kind in response.headers.get("content-type", "") for kind in ("json", "html")):
            bodies.append(response.text())

    page.on("response", keep)
    page.get_by_role("button", name="开始考试").click()
    page.wait_for_url("**/attempts/*")
    page.locator("[data-exam-mode]").click()
    questions = page.locator("[data-exam-question]")
    assert questions.count() == 30
    drawn = []
    for question in questions.all():
        item = items["".join(question.locator(".exam-stem").inner_text().split())]
        drawn.append(item)
        right = {option.text for option in item.right_options}
        options = question.locator(".exam-option")
        ticked = 0
        for option in options.all():
            if re.sub(r"^[A-H][.．、]\s*", "", option.inner_text().strip()) in right:
                option.click()
                ticked += 1
        assert ticked == len(item.answer), item.ref
    expect(page.locator("[data-exam-status]")).to_contain_text("已保存", timeout=20_000)
    assert_no_keys(bodies, drawn)
    page.locator("[data-exam-hand-in]").click()
    page.locator("[data-exam-confirm]").click()
    page.wait_for_url("**/result")
    page.remove_listener("response", keep)
    assert "100" in page.locator("main").inner_text()


def assert_no_keys(bodies: list[str], drawn: list[Item]) -> None:
    assert bodies
    sent = "\n".join(bodies)
    for item in drawn:
        assert item.explanation not in sent, f"the explanation of {item.ref} was sent"
        assert json.dumps(item.explanation)[1:-1] not in sent, f"the explanation of {item.ref} was sent"
    for word in ('"answer"', '"key_answer"', '"correct"', '"explanation"', "data-answer", "解析"):
        assert word not in sent, f"{word} was sent while the attempt was open"


def assert_verified_by_a_stranger(stranger: Page, owner: Page, certificate: Path, tmp_path: Path) -> None:
    address = owner.get_by_role("link", name="核验页面").get_attribute("href")
    stranger.goto(str(address))
    text = stranger.locator("main").inner_text()
    assert "有效" in text
    assert "钱*" in text
    assert "钱学敏" not in text
    stranger.goto("/verify")
    stranger.locator("input[type=file]").set_input_files(certificate)
    stranger.get_by_role("button", name="核验文件").click()
    expect(stranger.locator("main")).to_contain_text("登记在册，目前有效")
    altered = alter(certificate, tmp_path)
    stranger.goto("/verify")
    stranger.locator("input[type=file]").set_input_files(altered)
    stranger.get_by_role("button", name="核验文件").click()
    expect(stranger.locator("main")).to_contain_text("请勿采信")


def alter(certificate: Path, tmp_path: Path) -> Path:
    content = bytearray(certificate.read_bytes())
    content[len(content) // 3] ^= 1
    path = tmp_path / "altered.pdf"
    path.write_bytes(content)
    return path


def assert_verified_by_command(demo: Demo, certificate: Path, tmp_path: Path) -> None:
    for file, status, code in ((certificate, "valid", 0), (alter(certificate, tmp_path), "altered", 1)):
        command = [sys.executable, "-m", "lms", "certificates", "verify", str(file), "--json", "--home", str(demo.home)]
        done = subprocess.run(command, env=demo.environment, capture_output=True, text=True)
        assert done.returncode == code, done.stderr
        assert json.loads(done.stdout)["status"] == status
