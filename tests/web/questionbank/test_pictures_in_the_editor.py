"""The editor takes a picture in at its place, shows the item as learners will see it, and lets nothing of markup through."""

import io
import re
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from lms.kernel import clock
from tests.factories.items import go_through, make_desk
from tests.factories.people import post
from tests.factories.pictures import GIF, chunk, png
from tests.web.questionbank.conftest import BANK, Desk
from tests.web.questionbank.test_the_editor import HOME, fields, item_of, token_of, write

SECRET = b"GPS 30.27 120.15"
IMAGE = re.compile(r'<img class="marked-picture" src="([^"]+)" alt="([^"]*)"')


def insert(client: FlaskClient, address: str, content: bytes = GIF, **more: Any) -> Any:
    """Presses the button that takes a picture in."""
    if address.endswith("/edit"):
        more |= {"token": token_of(client.get(address).text), "ref": item_of(address.removesuffix("/edit")).ref}
    sent = {"picture": (io.BytesIO(content), "答案.png"), "picture_alt": "筹备的步骤", "insert": "1", **more}
    return post(client, address, fields(**sent))


def inserted(desk: Desk, **more: Any) -> str:
    """The address of an item that was written with a picture."""
    answer = insert(desk.author, f"{HOME}/items", **more)
    assert answer.status_code == 303, answer.text
    return str(answer.location).removesuffix("/edit#pictures")


def test_a_picture_goes_into_a_new_item_which_becomes_a_draft(desk: Desk) -> None:
    address = inserted(desk, content=png(extra=chunk(b"tEXt", SECRET)), picture_place="stem")
    item = item_of(address).item
    assert item.stem.endswith("\n![筹备的步骤](picture-1.png)") and item.pictures[0].name == "picture-1.png"
    page = desk.author.get(address)
    (url, alt), (again, _alt) = IMAGE.findall(page.text)
    assert alt == "筹备的步骤" and url == again, "as its reviewers and as its learners see it"
    answer = desk.author.get(url)
    assert answer.content_type == "image/png" and SECRET not in answer.data
    assert "no-store" in answer.headers["Cache-Control"] and answer.headers["X-Content-Type-Options"] == "nosniff"
    editor = desk.author.get(f"{address}/edit").text
    assert "![筹备的步骤](picture-1.png)" in editor and "移除 picture-1.png" in editor


def test_it_goes_into_an_option_and_into_the_explanation(desk: Desk) -> None:
    address = inserted(desk, picture_place="option-1")
    assert item_of(address).item.choices[1].text == "行政机关\n![筹备的步骤](picture-1.gif)"
    insert(desk.author, f"{address}/edit", png(3), picture_place="feedback", option=["甲", "乙 ![x](picture-1.gif)"])
    item = item_of(address).item
    assert item.feedback == "![筹备的步骤](picture-2.png)" and len(item.pictures) == 2


def test_a_preview_shows_what_is_stored_and_stores_nothing(desk: Desk) -> None:
    address = inserted(desk)
    sent = fields(
        stem="改后 ![图](picture-1.gif) $x^2$\n甲 | 乙\n1 | 2", token=token_of(desk.author.get(f"{address}/edit").text)
    )
    page = post(desk.author, f"{address}/edit", sent | {"preview": "1"}).text
    asked = page.split("学员看到的样子")[1].split("</section>")[0]
    assert IMAGE.search(asked) and "<msup>" in asked and asked.count('role="row"') == 2
    assert item_of(address).item.stem.startswith("工会")


def test_a_ticked_picture_goes(desk: Desk) -> None:
    address = inserted(desk)
    token = token_of(desk.author.get(f"{address}/edit").text)
    assert post(desk.author, f"{address}/edit", fields(token=token, drop="picture-1.gif")).status_code == 303
    assert item_of(address).item.pictures == ()


REFUSED = {
    "no file": ({"content": b""}, "请选择图片文件"),
    "no picture": ({"content": b"<svg onload=alert(1)>"}, "只接受 PNG、JPEG、GIF 和 WebP 图片"),
    "too large": ({"content": png(extra=chunk(b"tEXt", bytes(1_000_001)))}, "图片超过 1 MB"),
    "no words": ({"picture_alt": " "}, "请用文字说明图中的内容"),
    "too many words": ({"picture_alt": "字" * 301}, "说明最多 300 个字"),
    "an item that is not whole": ({"option": ["甲", ""]}, "图片没有保存"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_wrong_with_a_picture_is_said_and_what_was_typed_stays(desk: Desk, case: str) -> None:
    more, said = REFUSED[case]
    answer = insert(desk.author, f"{HOME}/items", **{"stem": "我写的题干", **more})
    assert answer.status_code == 422 and said in answer.text and "我写的题干" in answer.text
    assert "](picture-1" not in answer.text.split('id="pictures"')[0].split('name="stem"')[1]


def test_nine_are_too_many(desk: Desk) -> None:
    address = inserted(desk)
    for number in range(7):
        assert insert(desk.author, f"{address}/edit", png(number), stem=item_of(address).item.stem).status_code == 303
    answer = insert(desk.author, f"{address}/edit", png(99), stem=item_of(address).item.stem)
    assert answer.status_code == 422 and "一道题最多 8 张图片" in answer.text


def test_others_do_not_see_a_picture_of_a_draft(desk: Desk) -> None:
    address = inserted(desk)
    url = f"{address}/pictures/1"
    assert [one.get(url).status_code for one in (desk.author, desk.colleague, desk.stranger, desk.learner)] == [
        200,
        200,
        404,
        403,
    ]
    assert desk.author.get(f"{address}/pictures/2").status_code == 404
    assert desk.author.get(url.replace(BANK, "B-ELSEWHERE")).status_code == 404


HOSTILE = (
    '![" onerror="alert(1)](picture-1.gif)',
    "![<img src=x onerror=alert(1)>](picture-1.gif)",
    '![x](" onerror="alert(1))',
    "![x](javascript:alert(1))",
    "![x](https://evil.test/a.png)",
    r"$\text{<img src=x onerror=alert(1)>}$",
    r"$\href{javascript:alert(1)}{x}$",
    r'$x" onmouseover="alert(1)$',
    "**<script>alert(1)</script>**",
    "<script>alert(1)</script> | <b>\n<img src=x> | 2",
)


@pytest.mark.parametrize("stem", HOSTILE)
def test_no_markup_of_an_author_survives(desk: Desk, stem: str) -> None:
    address = inserted(desk)
    token = token_of(desk.author.get(f"{address}/edit").text)
    preview = post(desk.author, f"{address}/edit", fields(stem=stem, token=token, preview="1"))
    assert preview.status_code == 200
    page = re.sub(r'"[^"<>]*"', '""', preview.text.split('class="card editor"')[0])
    assert "<script>" not in page and "evil.test" not in page
    for tag in re.findall(r"<[a-z][^>]*>", page):
        assert not re.search(r"\son[a-z]+\s*=|javascript:", tag), tag
    assert all(url.startswith(address) for url, _alt in IMAGE.findall(preview.text))


def test_a_draft_without_pictures_says_nothing_of_them(desk: Desk) -> None:
    assert "移除" not in desk.author.get(f"{write(desk.author)}/edit").text.split('id="pictures"')[1].split("</ul>")[0]


def test_a_picture_that_a_colleague_took_out_comes_back_from_the_published_version(desk: Desk) -> None:
    address = inserted(desk, picture_place="stem")
    stem, ref = item_of(address).item.stem, item_of(address).ref
    go_through(make_desk(desk.land, bank=BANK), UUID(address.rsplit("/", 1)[-1]), bank=BANK, now=clock.now())
    mine = {"stem": f"{stem}（改）", "ref": ref}
    page, other = (client.get(f"{address}/edit").text for client in (desk.author, desk.colleague))
    dropped = post(desk.colleague, f"{address}/edit", fields(token=token_of(other), drop="picture-1.gif", ref=ref))
    assert dropped.status_code == 303 and item_of(str(dropped.location)).item.pictures == ()
    refused = post(desk.author, f"{address}/edit", fields(token=token_of(page), **mine))
    assert refused.status_code == 409
    saved = post(desk.author, f"{address}/edit", fields(token=token_of(refused.text), **mine))
    assert saved.status_code == 303 and saved.location == dropped.location
    assert desk.author.get(f"{saved.location}/pictures/1").data == GIF


@pytest.mark.parametrize("number", ["²", "9" * 5_000])
def test_a_place_that_is_no_number_is_no_fault(desk: Desk, number: str) -> None:
    assert insert(desk.author, f"{HOME}/items", picture_place=f"option-{number}").status_code < 500
