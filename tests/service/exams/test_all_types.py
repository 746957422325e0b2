"""Every type of item from the start to the result: what is saved, what it earns, and what waits for people."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from lms.exams import queries, service
from lms.exams.domain.attempts import SaveKey, State
from lms.exams.models import ScoreRow
from lms.infra.db import reading
from lms.kernel.errors import Invalid
from lms.kernel.principal import Principal
from tests.factories.exams import NOW, Hall, make_candidate, make_hall_of_all_types, named


def begun(hall: Hall) -> tuple[Principal, UUID]:
    candidate = make_candidate(hall)
    return candidate, service.start_or_resume(hall.exam_id, candidate.person_id, now=NOW, seed=7).attempt_id


def places(attempt_id: UUID) -> Mapping[str, list[int]]:
    found: dict[str, list[int]] = {}
    with reading() as session:
        for entry in queries.paper(session, attempt_id).entries:
            found.setdefault(entry.type, []).append(entry.position)
    return found


def choose(candidate: Principal, attempt_id: UUID, position: int, keys: Sequence[str]) -> None:
    """Saves these options, which the author calls so."""
    save(candidate, attempt_id, position, named(attempt_id, position, keys))


def save(candidate: Principal, attempt_id: UUID, position: int, value: object, seq: int = 1) -> None:
    service.save_answer(attempt_id, candidate.person_id, position, SaveKey(1, seq), value, received_at=NOW)


def test_parts_of_points_are_exact_and_a_repeated_hand_in_says_the_same(clean: Flask) -> None:
    hall = make_hall_of_all_types(partial="minus_wrong", by_hand=False)
    candidate, attempt_id = begun(hall)
    at = places(attempt_id)
    choose(candidate, attempt_id, at["single"][0], ["B"])  # 4
    choose(candidate, attempt_id, at["multiple"][0], ["A", "B", "C"])  # (2 - 1) / 2 of 4
    save(candidate, attempt_id, at["fill_in"][0], ["　工 会 法", "５０．５"])  # 10
    choose(candidate, attempt_id, at["matching"][0], ["1", "3"])  # 5
    graded = service.submit(attempt_id, candidate.person_id, now=NOW)
    assert graded == service.Graded(State.GRADED, queries.Result(21, 36, True))
    assert service.submit(attempt_id, candidate.person_id, now=NOW) == graded


def test_hundredths_are_stored_beside_whole_points(clean: Flask) -> None:
    hall = make_hall_of_all_types(by_hand=False)
    candidate, attempt_id = begun(hall)
    save(candidate, attempt_id, places(attempt_id)["fill_in"][0], ["工会法"])
    assert service.submit(attempt_id, candidate.person_id, now=NOW).result == queries.Result(5, 36, False)
    with reading() as session:
        row = session.execute(select(ScoreRow)).scalar_one()
    assert (row.score, row.fraction, row.max_score) == (5, None, 36)


def test_what_people_mark_waits_for_them(clean: Flask) -> None:
    hall = make_hall_of_all_types()
    candidate, attempt_id = begun(hall)
    save(candidate, attempt_id, places(attempt_id)["short_answer"][0], ["工会是职工自愿结合的群众组织。"])
    waiting = service.Graded(State.SUBMITTED, None)
    assert service.submit(attempt_id, candidate.person_id, now=NOW) == waiting
    assert service.submit(attempt_id, candidate.person_id, now=NOW) == waiting
    with reading() as session:
        assert session.execute(select(ScoreRow)).first() is None
        assert queries.attempt(session, attempt_id).state is State.SUBMITTED


def test_an_attempt_whose_texts_are_blank_needs_nobody(clean: Flask) -> None:
    hall = make_hall_of_all_types()
    candidate, attempt_id = begun(hall)
    assert service.submit(attempt_id, candidate.person_id, now=NOW).result == queries.Result(0, 56, False)


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        pytest.param("fill_in", ["a", "b", "c"], id="MORE_TEXTS_THAN_BLANKS"),
        pytest.param("fill_in", ["x" * 201], id="TOO_LONG"),
        pytest.param("matching", ["o9"], id="NO_SUCH_OPTION"),
        pytest.param("matching", ["1"], id="AS_THE_AUTHOR_NUMBERS_IT"),
        pytest.param("single", ["B"], id="AS_THE_AUTHOR_LETTERS_IT"),
        pytest.param("case", [1], id="NO_TEXT"),
        pytest.param("short_answer", True, id="A_BOOLEAN"),
    ],
)
def test_what_is_no_answer_is_refused_by_name(clean: Flask, type_: str, value: object) -> None:
    hall = make_hall_of_all_types()
    candidate, attempt_id = begun(hall)
    with pytest.raises(Invalid) as refusal:
        save(candidate, attempt_id, places(attempt_id)[type_][0], value)
    assert "value" in refusal.value.fields


def test_a_text_keeps_what_was_typed_and_an_empty_one_takes_it_back(clean: Flask) -> None:
    hall = make_hall_of_all_types()
    candidate, attempt_id = begun(hall)
    position = places(attempt_id)["case"][0]
    save(candidate, attempt_id, position, ["第一行\n第二行 ＡＢ", ""])
    with reading() as session:
        assert queries.answers(session, attempt_id)[position].value == ("第一行\n第二行 ＡＢ", "")
    save(candidate, attempt_id, position, ["", ""], seq=2)
    with reading() as session:
        assert queries.answers(session, attempt_id)[position].value == ()
