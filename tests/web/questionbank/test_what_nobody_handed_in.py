"""Reviewers and managers read what was handed in, published or stopped; a draft is for those who write for its bank."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lms.moderation.domain.workflow import Level, State
from lms.questionbank import service
from lms.questionbank.domain.exchange import Picture
from tests.factories.items import BANK, Desk, decide, make_desk, publish, typed_item, version
from tests.factories.people import NOW, make_land, post, signed_in
from tests.factories.pictures import png

WORDS = "没有人提交过的题干？"


@pytest.fixture
def desk(clean: Flask) -> Desk:
    return make_desk(make_land())


@pytest.fixture
def others(clean: Flask, desk: Desk) -> dict[str, FlaskClient]:
    """Everybody who reaches the bank and does not write for it."""
    return {"province": signed_in(clean, desk.province), "nation": signed_in(clean, desk.nation)}


def page(version_id: UUID) -> str:
    return f"/staff/banks/{BANK}/items/{version_id}"


def opened(clients: dict[str, FlaskClient], address: str) -> set[str]:
    answers = {name: client.get(address) for name, client in clients.items()}
    assert {answer.status_code for answer in answers.values()} <= {200, 404}
    return {name for name, answer in answers.items() if answer.status_code == 200}


def rewritten(desk: Desk, first: UUID) -> UUID:
    return service.save(
        first, BANK, typed_item(WORDS), token=version(first).token, author_id=desk.author.person_id, now=NOW
    )


def test_a_draft_and_its_pictures_open_for_those_who_write_for_the_bank_only(
    clean: Flask, desk: Desk, others: dict[str, FlaskClient]
) -> None:
    item = replace(typed_item("看图：![图](a.png)"), pictures=(Picture("a.png", png()),))
    draft = service.create(BANK, item, author_id=desk.author.person_id, now=NOW)
    addresses = [page(draft), f"{page(draft)}/pictures/1", f"/staff/item-reviews/{draft}"]
    assert not any(opened(others, address) for address in addresses)
    colleague = {"colleague": signed_in(clean, desk.colleague)}
    assert all(opened(colleague, address) for address in addresses[:2])


def test_a_draft_answers_a_decision_as_if_it_were_absent(
    clean: Flask, desk: Desk, others: dict[str, FlaskClient]
) -> None:
    draft = service.create(BANK, typed_item(WORDS), author_id=desk.author.person_id, now=NOW)
    for client in others.values():
        for level in Level:
            form = {"level": level.value, "decision": "approve", "comment": "", "token": version(draft).token}
            told = [post(client, f"/staff/item-reviews/{one}/decision", form).status_code for one in (draft, uuid4())]
            assert told == [404, 404], level
    assert version(draft).state == State.DRAFT


def test_who_comes_second_at_a_level_is_told_so(clean: Flask, desk: Desk, others: dict[str, FlaskClient]) -> None:
    item = service.create(BANK, typed_item(WORDS), author_id=desk.author.person_id, now=NOW)
    service.hand_in([item], BANK, actor_id=desk.author.person_id, now=NOW)
    form = {"level": "province", "decision": "approve", "comment": "", "token": version(item).token}
    told = [post(others["province"], f"/staff/item-reviews/{item}/decision", form).status_code for _ in range(2)]
    assert told == [303, 409]


def test_the_page_of_a_published_item_tells_nothing_of_its_next_version(
    clean: Flask, desk: Desk, others: dict[str, FlaskClient]
) -> None:
    first = publish(desk, typed_item())
    draft = rewritten(desk, first)
    for client in others.values():
        told = client.get(page(first))
        assert told.status_code == 200 and str(draft) not in told.text and "第 2 版" not in told.text
    assert str(draft) in signed_in(clean, desk.colleague).get(page(first)).text
    assert not opened(others, page(draft)) and not opened(others, f"/staff/item-reviews/{draft}"), (
        "decided the first one"
    )


def test_an_item_opens_at_its_level_and_for_who_decided_in_its_present_round(
    desk: Desk, others: dict[str, FlaskClient]
) -> None:
    waiting = service.create(BANK, typed_item(), author_id=desk.author.person_id, now=NOW)
    service.hand_in([waiting], BANK, actor_id=desk.author.person_id, now=NOW)
    assert opened(others, page(waiting)) == {"province"}
    decide(waiting, Level.PROVINCE, desk.province)
    assert opened(others, page(waiting)) == {"province", "nation"}
    assert decide(waiting, Level.NATIONAL, desk.nation, approves=False, comment="太短") is State.RETURNED
    assert opened(others, page(waiting)) == {"province", "nation"}, "it still says what they decided on"
    assert rewritten(desk, waiting) == waiting
    assert not opened(others, page(waiting)) and not opened(others, f"/staff/item-reviews/{waiting}")
    service.hand_in([waiting], BANK, actor_id=desk.author.person_id, now=NOW)
    assert opened(others, page(waiting)) == {"province"}
