"""What a page and the API call the options of an item says nothing of the author's order, in which the key can often be read."""

import re
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select

from lms.exams import queries
from lms.exams.models import AnswerEventRow
from lms.infra.db import reading
from lms.kernel.principal import Principal
from tests.factories.exams import KEYS, OPTIONS, Hall, make_candidate, make_hall, make_hall_of_all_types
from tests.web.exams.conftest import Seat, Turn

TakeSeat = Callable[[Principal], Seat]
AUTHORS = {kind: dict(options) for kind, options in OPTIONS.items()} | {"matching": {"1": "一", "2": "二", "3": "三"}}
"""The text of each option by the author's key."""
NAMED = ("single", "multiple", "matching")
RIGHT = KEYS | {"matching": ["1", "2"]}
MATCHED = 10
"""The points of the matching item."""
SEED = 13
"""From here on a dozen papers have each option of the pairs at each place."""


@pytest.fixture
def hall(clean: Flask, turn: Turn) -> Hall:
    return make_hall_of_all_types(by_hand=False)


@pytest.fixture(autouse=True)
def drawn_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Papers are drawn by seeds of their own, one after the other, and so are the same in each run."""
    seeds = count(SEED)
    monkeypatch.setattr("lms.exams.api.attempts.secrets", SimpleNamespace(randbits=lambda _bits: next(seeds)))


def start(seat: Seat, hall: Hall) -> dict[str, Any]:
    answer = seat.call("POST", f"/exams/{hall.exam_id}/attempts")
    assert answer.status_code == 201, answer.text
    begun: dict[str, Any] = answer.json
    return begun


def of_types(told: dict[str, Any], *types: str) -> list[dict[str, Any]]:
    found = [one for one in told["questions"] if one["type"] in types]
    assert {one["type"] for one in found} == set(types)
    return found


def right(question: dict[str, Any]) -> list[str]:
    """The names of the right options, found by the texts beside them: of choices as they stand, of pairs prompt by prompt."""
    names = {option["text"]: option["key"] for option in question["options"]}
    found = [names[AUTHORS[question["type"]][key]] for key in RIGHT[question["type"]]]
    return found if question["type"] == "matching" else sorted(found)


def put(seat: Seat, told: dict[str, Any], question: dict[str, Any], value: object, *, seq: int = 1) -> int:
    body = {"epoch": told["epoch"], "client_seq": seq, "value": value}
    path = f"/attempts/{told['attempt_id']}/answers/{question['position']}"
    return int(seat.call("PUT", path, body).status_code)


def stored() -> int:
    with reading() as session:
        return session.execute(select(func.count()).select_from(AnswerEventRow)).scalar_one()


def values_on_page(page: str, position: int) -> list[str]:
    """The values that the fields of an item can send, in their order; of a list to choose from those of its first prompt."""
    boxes = re.findall(rf'<input type="(?:radio|checkbox)" name="answer-{position}" value="([^"]*)"', page)
    lists = re.findall(rf'<select[^>]* name="answer-{position}">(.*?)</select>', page)
    return boxes or re.findall(r'<option value="([^"]*)"', lists[0])


def test_options_are_called_by_their_place_and_stand_in_the_candidates_order(seat: Seat, hall: Hall) -> None:
    begun = start(seat, hall)
    api = f"/attempts/{begun['attempt_id']}"
    page = seat.get(api).text
    with reading() as session:
        entries = queries.paper(session, UUID(begun["attempt_id"])).entries
    orders = {entry.position: entry.option_order for entry in entries}
    for told in (begun, seat.call("GET", api).json, seat.call("POST", f"{api}/openings").json):
        for one in of_types(told, *NAMED):
            names = [f"o{place}" for place in range(1, len(AUTHORS[one["type"]]) + 1)]
            assert [option["key"] for option in one["options"]] == names
            texts = [AUTHORS[one["type"]][key] for key in orders[one["position"]]]
            assert [option["text"] for option in one["options"]] == texts
            offered = ["", *names] if one["type"] == "matching" else names
            assert values_on_page(page, one["position"]) == offered
    shuffled = [orders[one["position"]] for one in of_types(begun, *NAMED)]
    assert any(list(order) != sorted(order) for order in shuffled), "or a page that tells keys would look the same"


def test_true_and_false_keep_their_names(clean: Flask, turn: Turn, take_seat: TakeSeat) -> None:
    hall = make_hall()
    seat = take_seat(make_candidate(hall))
    begun = start(seat, hall)
    page = seat.get(f"/attempts/{begun['attempt_id']}").text
    for one in of_types(begun, "true_false"):
        assert one["options"] == [{"key": "T", "text": "正确"}, {"key": "F", "text": "错误"}]
        assert values_on_page(page, one["position"]) == ["T", "F"]


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        pytest.param("single", ["A"], id="A_LETTER"),
        pytest.param("single", "B", id="THE_RIGHT_LETTER_AS_TEXT"),
        pytest.param("multiple", ["A", "C"], id="THE_RIGHT_LETTERS"),
        pytest.param("multiple", ["o1", "A"], id="A_LETTER_BESIDE_A_NAME"),
        pytest.param("matching", ["1", "2"], id="THE_RIGHT_NUMBERS"),
        pytest.param("matching", ["1"], id="A_NUMBER"),
        pytest.param("matching", ["o1", "1"], id="A_NUMBER_BESIDE_A_NAME"),
        pytest.param("matching", ["o4", ""], id="A_NAME_THAT_NO_OPTION_HAS"),
    ],
)
def test_the_authors_keys_are_refused_and_nothing_is_stored(seat: Seat, hall: Hall, type_: str, value: object) -> None:
    begun = start(seat, hall)
    question = of_types(begun, type_)[0]
    assert put(seat, begun, question, value) == 422
    form = {"epoch": begun["epoch"], f"answer-{question['position']}": value}
    assert seat.post(f"/attempts/{begun['attempt_id']}", form).status_code == 422
    assert stored() == 0
    assert put(seat, begun, question, right(question)) == 200, "the page's own names are taken"
    assert stored() == 1


def test_which_name_is_right_depends_on_the_candidates_own_order(hall: Hall, take_seat: TakeSeat) -> None:
    sittings = []
    for number in range(12):
        seat = take_seat(make_candidate(hall, f"考生{number}"))
        told = start(seat, hall)
        (question,) = of_types(told, "matching")
        sittings.append((seat, told, question, right(question)))
    answers = [answer for *_others, answer in sittings]
    assert {answer[0] for answer in answers} == {answer[1] for answer in answers} == {"o1", "o2", "o3"}
    first = sittings[0]
    other = next(one for one in sittings if not set(zip(one[3], first[3], strict=True)) & {(n, n) for n in one[3]})

    def score(sitting: tuple[Any, ...], value: list[str]) -> object:
        seat, told, question, _own = sitting
        assert put(seat, told, question, value) == 200
        return seat.call("POST", f"/attempts/{told['attempt_id']}/submission").json["score"]

    assert score(first, first[3]) == MATCHED
    assert score(other, first[3]) == 0, "what is right for one says nothing to another"


def test_choices_too_are_right_by_the_candidates_own_order(hall: Hall, take_seat: TakeSeat) -> None:
    seen: dict[str, set[tuple[str, ...]]] = {"single": set(), "multiple": set()}
    for number in range(12):
        seat = take_seat(make_candidate(hall, f"考生{number}"))
        told = start(seat, hall)
        for one in of_types(told, "single", "multiple"):
            seen[one["type"]].add(tuple(right(one)))
            assert put(seat, told, one, right(one)) == 200
        assert seat.call("POST", f"/attempts/{told['attempt_id']}/submission").json["score"] == 16
    assert len(seen["single"]) == 4 and len(seen["multiple"]) > 3


def test_answers_and_keys_come_back_by_the_same_names(
    seat: Seat, hall: Hall, candidate: Principal, take_seat: TakeSeat, turn: Turn
) -> None:
    begun = start(seat, hall)
    asked = of_types(begun, *NAMED)
    for one in asked:
        assert put(seat, begun, one, right(one)[::-1] if one["type"] == "multiple" else right(one)) == 200
    own = {str(one["position"]): right(one) for one in asked}
    api = f"/attempts/{begun['attempt_id']}"
    held = seat.call("GET", api).json["answers"]
    assert {position: one["value"] for position, one in held.items()} == own
    page = seat.get(api).text
    for one in asked:
        ticked = re.findall(rf'name="answer-{one["position"]}" value="([^"]*)" checked', page)
        lists = re.findall(rf'<select[^>]* name="answer-{one["position"]}">(.*?)</select>', page)
        chosen = [name for each in lists for name in re.findall(r'<option value="([^"]*)" selected', each)]
        assert (chosen if one["type"] == "matching" else ticked) == right(one)
    with reading() as session:
        saved = queries.answers(session, UUID(begun["attempt_id"]))
    assert {one["position"]: list(saved[one["position"]].value) for one in asked} == {
        one["position"]: RIGHT[one["type"]] for one in asked
    }, "what is stored is the author's"
    seat.call("POST", f"{api}/submission")
    turn(timedelta(days=41))
    later = take_seat(candidate).call("GET", api).json
    assert {str(one["position"]): one["correct"] for one in of_types(later, *NAMED)} == own
    assert {one["type"]: one["earned"] for one in of_types(later, *NAMED)} == {
        "single": 4,
        "multiple": 4,
        "matching": 10,
    }


class TestUnshuffled:
    @pytest.fixture
    def hall(self, clean: Flask, turn: Turn) -> Hall:
        return make_hall_of_all_types(by_hand=False, shuffle_options=False)

    def test_what_is_matched_stands_by_its_texts_and_not_as_the_author_wrote_it(
        self, hall: Hall, take_seat: TakeSeat
    ) -> None:
        for number in range(4):
            seat = take_seat(make_candidate(hall, f"考生{number}"))
            told = start(seat, hall)
            (question,) = of_types(told, "matching")
            shown = [(option["key"], option["text"]) for option in question["options"]]
            assert shown == [("o1", "一"), ("o2", "三"), ("o3", "二")]
            for one in of_types(told, "single", "multiple"):
                names = dict(zip(AUTHORS[one["type"]].values(), ("o1", "o2", "o3", "o4"), strict=True))
                assert {option["text"]: option["key"] for option in one["options"]} == names
        assert put(seat, told, question, ["o1", "o2"]) == 200
        assert seat.call("POST", f"/attempts/{told['attempt_id']}/submission").json["score"] == MATCHED / 2
