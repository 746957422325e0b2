"""Which saves are acknowledged, and that an acknowledged one is never lost or stored twice. Requirement 33; invariants 4, I3."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random
from threading import Barrier
from time import sleep
from uuid import UUID

import pytest
from sqlalchemy import func, select

from lms.exams import queries, service
from lms.exams.domain.attempts import SaveKey
from lms.exams.models import AnswerEventRow, ScoreRow
from lms.infra.db import reading
from lms.kernel import ids
from lms.kernel.errors import Invalid, NotFound
from lms.kernel.principal import Principal
from tests.factories.exams import NOW, Hall, make_candidate, named

BELL = NOW + timedelta(hours=1)
SECOND = timedelta(seconds=1)
SINGLE, MULTIPLE, TRUE_FALSE = 1, 11, 21


@pytest.fixture
def attempt_id(hall: Hall, candidate: Principal) -> UUID:
    return service.start_or_resume(hall.exam_id, candidate.person_id, now=NOW, seed=7).attempt_id


@pytest.fixture
def save(attempt_id: UUID, candidate: Principal):
    """Saves an answer; options go in by the author's keys and are sent by the page's names."""

    def one(seq: int, value, *, position: int = SINGLE, epoch: int = 1, at=NOW) -> service.Saved:
        if isinstance(value, str):
            (value,) = named(attempt_id, position, [value])
        elif isinstance(value, list):
            value = named(attempt_id, position, value)
        return service.save_answer(
            attempt_id, candidate.person_id, position, SaveKey(epoch, seq), value, received_at=at
        )

    return one


def stored(attempt_id: UUID) -> int:
    with reading() as session:
        return session.execute(select(func.count()).select_from(AnswerEventRow)).scalar_one()


def answer(attempt_id: UUID, position: int = SINGLE) -> tuple[str, ...]:
    with reading() as session:
        return queries.answers(session, attempt_id)[position].value


@pytest.mark.parametrize(
    ("position", "value", "kept"),
    [
        pytest.param(SINGLE, ["C"], ("C",), id="SINGLE"),
        pytest.param(SINGLE, "C", ("C",), id="SINGLE_AS_TEXT"),
        pytest.param(MULTIPLE, ["D", "A", "A"], ("A", "D"), id="MULTIPLE_IN_ANY_ORDER"),
        pytest.param(TRUE_FALSE, False, ("F",), id="FALSE"),
        pytest.param(TRUE_FALSE, ["T"], ("T",), id="TRUE_AS_A_KEY"),
        pytest.param(SINGLE, None, (), id="TAKEN_BACK"),
        pytest.param(MULTIPLE, [], (), id="NOTHING_CHOSEN"),
    ],
)
def test_an_answer_is_kept_in_one_form(save, attempt_id: UUID, position: int, value, kept) -> None:
    assert save(1, value, position=position) == service.Saved(NOW, 1)
    assert answer(attempt_id, position) == kept


@pytest.mark.parametrize(
    ("position", "value"),
    [
        pytest.param(SINGLE, ["E"], id="NO_SUCH_OPTION"),
        pytest.param(SINGLE, ["A", "B"], id="TWO_FOR_ONE"),
        pytest.param(SINGLE, True, id="TRUE_FOR_A_CHOICE"),
        pytest.param(TRUE_FALSE, ["T", "F"], id="BOTH_TRUE_AND_FALSE"),
    ],
)
def test_what_is_no_answer_is_refused_and_not_stored(save, attempt_id: UUID, position: int, value) -> None:
    with pytest.raises(Invalid) as refusal:
        save(1, value, position=position)
    assert "value" in refusal.value.fields
    assert stored(attempt_id) == 0


@pytest.mark.parametrize("value", [["A"], "B", ["o1", "A"], ["o5"], ["O1"]], ids=str)
@pytest.mark.parametrize("position", [SINGLE, MULTIPLE])
def test_options_are_known_by_the_pages_names_alone(candidate, attempt_id: UUID, position: int, value) -> None:
    with pytest.raises(Invalid) as refusal:
        service.save_answer(attempt_id, candidate.person_id, position, SaveKey(1, 1), value, received_at=NOW)
    assert "value" in refusal.value.fields
    with pytest.raises(Invalid):
        service.save_form(attempt_id, candidate.person_id, 1, {position: value}, received_at=NOW)
    assert stored(attempt_id) == 0


def test_a_repeated_save_is_acknowledged_as_the_first_time_and_stored_once(save, attempt_id: UUID) -> None:
    first = save(1, ["A"])
    assert save(1, ["A"], at=NOW + SECOND) == first
    assert stored(attempt_id) == 1


def test_the_highest_key_counts_in_whatever_order_saves_arrive(save, attempt_id: UUID) -> None:
    save(3, ["C"])
    save(1, ["A"])
    save(2, ["B"])
    save(1, ["A"])
    assert answer(attempt_id) == ("C",)
    assert stored(attempt_id) == 3


@pytest.mark.parametrize(
    ("seq", "value", "epoch", "at", "code"),
    [
        pytest.param(1, ["B"], 1, NOW, "conflict", id="OTHER_VALUE_UNDER_THE_SAME_KEY"),
        pytest.param(2, ["B"], 2, NOW, "unknown_epoch", id="PAGE_THAT_NEVER_WAS"),
        pytest.param(2, ["B"], 1, BELL + 3 * SECOND + timedelta(milliseconds=1), "late", id="AFTER_DEADLINE_AND_GRACE"),
    ],
)
def test_a_save_that_does_not_count_is_refused_with_its_code(save, attempt_id, seq, value, epoch, at, code) -> None:
    save(1, ["A"])
    with pytest.raises(service.SaveRefused) as refusal:
        save(seq, value, epoch=epoch, at=at)
    assert (refusal.value.status, refusal.value.code) == (409, code)
    assert answer(attempt_id) == ("A",) and stored(attempt_id) == 1


def test_a_save_within_the_grace_counts(save, attempt_id: UUID) -> None:
    save(1, ["A"], at=BELL + 3 * SECOND)
    assert answer(attempt_id) == ("A",)


def test_a_page_that_was_replaced_is_told_so(save, hall: Hall, candidate: Principal, attempt_id: UUID) -> None:
    save(1, ["A"])
    service.start_or_resume(hall.exam_id, candidate.person_id, now=NOW, seed=8)
    with pytest.raises(service.SaveRefused) as refusal:
        save(2, ["B"], epoch=1)
    assert refusal.value.code == "opened_elsewhere"
    assert save(1, ["A"], epoch=1).client_seq == 1  # what was acknowledged stays acknowledged
    save(1, ["C"], epoch=2)
    assert answer(attempt_id) == ("C",)


def test_after_hand_in_nothing_is_stored_and_a_repetition_still_acknowledged(save, candidate, attempt_id: UUID) -> None:
    save(1, ["A"])
    service.submit(attempt_id, candidate.person_id, now=NOW)
    with pytest.raises(service.SaveRefused) as refusal:
        save(2, ["B"])
    assert refusal.value.code == "closed"
    assert save(1, ["A"]).client_seq == 1
    assert stored(attempt_id) == 1


def test_anothers_attempt_and_no_such_position_look_as_if_they_did_not_exist(hall: Hall, save, attempt_id) -> None:
    other = make_candidate(hall, "李四")
    with pytest.raises(NotFound):
        service.save_answer(attempt_id, other.person_id, 1, SaveKey(1, 1), ["A"], received_at=NOW)
    with pytest.raises(NotFound):
        service.save_answer(ids.new_id(), other.person_id, 1, SaveKey(1, 1), ["A"], received_at=NOW)
    with pytest.raises(NotFound):
        save(1, ["A"], position=31)


def test_a_whole_form_stores_what_changed_and_nothing_twice(save, candidate: Principal, attempt_id: UUID) -> None:
    save(4, ["A"])

    def send(keys: dict[int, list[str]], epoch: int = 1) -> int:
        values = {position: named(attempt_id, position, chosen) for position, chosen in keys.items()}
        return service.save_form(attempt_id, candidate.person_id, epoch, values, received_at=NOW)

    assert send({SINGLE: ["A"], MULTIPLE: ["B", "A"]}) == 1
    assert send({SINGLE: ["A"], MULTIPLE: ["A", "B"]}) == 0
    assert send({MULTIPLE: ["A", "B"]}) == 1
    assert answer(attempt_id) == () and answer(attempt_id, MULTIPLE) == ("A", "B")
    with pytest.raises(service.SaveRefused) as refusal:
        send({SINGLE: ["B"]}, epoch=2)
    assert refusal.value.code == "opened_elsewhere"
    with pytest.raises(Invalid):
        send({SINGLE: ["B"], MULTIPLE: ["Z"]})
    assert answer(attempt_id) == ()


def test_around_the_bell_a_save_counts_exactly_when_it_was_received_in_time(save, attempt_id: UUID) -> None:
    rng = Random(7)
    accepted = {}
    for seq in range(1, 121):
        at = BELL + 3 * SECOND + timedelta(milliseconds=rng.randint(-2000, 2000))
        try:
            save(seq, ["A"], position=1 + seq % 10, at=at)
            accepted[seq] = at
        except service.SaveRefused as refusal:
            assert refusal.code == "late" and at > BELL + 3 * SECOND
    assert all(at <= BELL + 3 * SECOND for at in accepted.values())
    assert stored(attempt_id) == len(accepted)


def test_an_answer_acknowledged_while_the_paper_is_handed_in_is_scored(save, candidate, attempt_id: UUID) -> None:
    gate = Barrier(2)

    def keep_saving() -> int:
        gate.wait()
        for seq in range(1, 400):
            try:
                save(seq, ["ABCD"[seq % 4]])
            except service.SaveRefused as refusal:
                assert refusal.code == "closed"
                return seq - 1
        return seq

    def hand_in() -> None:
        gate.wait()
        sleep(0.05)
        service.submit(attempt_id, candidate.person_id, now=NOW)

    with ThreadPoolExecutor(2) as pool:
        saving, handing_in = pool.submit(keep_saving), pool.submit(hand_in)
        last = saving.result()
        handing_in.result()
    with reading() as session:
        sheet = session.execute(select(ScoreRow.sheet)).scalar_one()
    assert sheet[0]["given"] == (["ABCD"[last % 4]] if last else [])
    assert stored(attempt_id) == last
