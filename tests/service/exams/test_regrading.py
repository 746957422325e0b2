"""A wrong key is put right by two persons: foreseen first, done by a task, and nothing of the old result is lost."""

from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import DBAPIError

from lms.access.domain import roles
from lms.accounts.domain.reach import Staff
from lms.accounts.service.second_person import InOneHand
from lms.certificates.models import CertificateRow
from lms.exams import queries, service
from lms.exams.domain.attempts import SaveKey
from lms.exams.domain.keys import Choices
from lms.exams.domain.regrade import KeyChange, Turn, Way
from lms.exams.models import AttemptQuestionRow, RegradeEffectRow, RegradeRow, ScoreAdjustmentRow, ScoreRow
from lms.infra.db import reading, unit_of_work
from lms.kernel.errors import Invalid, NotFound
from lms.kernel.principal import Principal
from lms.notices.models import NoticeRow
from tests.factories.exams import KEYS, NOW, Hall, make_candidate, make_hall, named
from tests.factories.hands import hand_code
from tests.factories.joining import as_one
from tests.factories.people import make_person

WRONG = {"single": ["A"], "multiple": ["A"], "true_false": ["T"]}
LATER = NOW + timedelta(hours=2)


@pytest.fixture
def hall(clean: Flask) -> Hall:
    """One bank of three items of each type: everybody has the same true/false items."""
    return make_hall(courses=8)


@pytest.fixture
def first(hall: Hall) -> Staff:
    return manager(hall, "甲主任")


@pytest.fixture
def second(hall: Hall) -> Staff:
    return manager(hall, "乙主任")


def manager(hall: Hall, name: str) -> Staff:
    grants = {roles.CLASS_MANAGER: hall.land.national}
    person = make_person(hall.land.national, name, grants=grants, now=NOW)
    return Staff(person.person_id, (hall.land.national.path,))


def sit(hall: Hall, person: Principal, right: int, *, seed: int = 1, now=NOW) -> UUID:
    """An attempt with so many right answers from the first place on, the others wrong."""
    attempt_id = service.start_or_resume(hall.exam_id, person.person_id, now=now, seed=seed).attempt_id
    with reading() as session:
        entries = queries.paper(session, attempt_id).entries
    for entry in entries:
        value = KEYS[entry.type] if entry.position <= right else WRONG[entry.type]
        sent = entry.on_page(value)
        service.save_answer(attempt_id, person.person_id, entry.position, SaveKey(1, 1), sent, received_at=now)
    service.submit(attempt_id, person.person_id, now=now)
    return attempt_id


def version_at(attempt_id: UUID, position: int) -> UUID:
    with reading() as session:
        return session.get_one(AttemptQuestionRow, (attempt_id, position)).item_version_id


def now_right(version_id: UUID, way: Way = Way.NEW, key: str = "A") -> KeyChange:
    return KeyChange(version_id, way, Choices((key,)) if way.needs_key else None)


def walk(regrade_id: UUID, step: str, *, now=LATER) -> None:
    service.walk(regrade_id, step, clock=lambda: now, report=lambda _percent: None)


def foreseen(regrade_id: UUID) -> dict[UUID, tuple[int, int, str, str | None]]:
    with reading() as session:
        rows = session.execute(select(RegradeEffectRow).where(RegradeEffectRow.regrade_id == regrade_id)).scalars()
        return {row.attempt_id: (row.before, row.after, row.turn, row.certificate) for row in rows}


def propose(hall: Hall, change: KeyChange, by: Staff) -> UUID:
    made = service.propose_regrade(hall.exam_id, change, reason="原答案与第十二条不符", by=by, now=LATER)
    walk(made, "check")
    return made


def carry_out(regrade_id: UUID, by: Staff) -> None:
    service.confirm_regrade(regrade_id, by=by, now=LATER)
    walk(regrade_id, "apply")


def result(attempt_id: UUID) -> queries.Result | None:
    with reading() as session:
        return queries.attempt(session, attempt_id).result


def test_e6_the_preview_equals_the_result_and_lists_certificates(hall: Hall, first: Staff, second: Staff) -> None:
    passed = sit(hall, make_candidate(hall, "合格"), 15, seed=7)  # 10 × 4 + 5 × 4 = 60: just passed
    failed = sit(hall, make_candidate(hall, "差一题"), 14, seed=7)  # the same paper: 56
    version_id = version_at(passed, 1)
    with reading() as session:
        number = session.execute(select(CertificateRow.number)).scalar_one()
    made = propose(hall, now_right(version_id), first)
    before = foreseen(made)
    assert before[passed] == (6000, 5600, "fails", number)
    assert before[failed][:3] == (5600, 5200, "stays")
    assert result(passed) == queries.Result(60, 100, passed=True), "nothing changed yet"
    carry_out(made, second)
    assert foreseen(made) == before
    assert result(passed) == queries.Result(56, 100, passed=False)
    with reading() as session:
        assert session.execute(select(CertificateRow.status)).scalar_one() in ("issuing", "valid"), "nobody revoked it"


def test_who_passes_now_gets_the_certificate(hall: Hall, first: Staff, second: Staff) -> None:
    attempt_id = sit(hall, make_candidate(hall), 14)
    made = propose(hall, now_right(version_at(attempt_id, 15), Way.FULL), first)
    assert foreseen(made)[attempt_id] == (5600, 6000, Turn.PASSES.value, None)
    carry_out(made, second)
    with reading() as session:
        assert session.execute(select(func.count()).select_from(CertificateRow)).scalar_one() == 1
        assert queries.attempt(session, attempt_id).first_score == 56


def test_standing_is_that_of_all_attempts_together(hall: Hall, first: Staff) -> None:
    person = make_candidate(hall)
    better = sit(hall, person, 20, seed=7)
    worse = sit(hall, person, 15, seed=7, now=NOW + timedelta(hours=1))
    made = propose(hall, now_right(version_at(better, 1)), first)
    assert foreseen(made)[worse][:3] == (6000, 5600, "stays"), "the better attempt still passes"


def test_attempts_under_a_joined_account_are_the_persons_too(hall: Hall, first: Staff, second: Staff) -> None:
    kept, gone = make_candidate(hall), make_candidate(hall)
    better = sit(hall, kept, 20, seed=7)
    worse = sit(hall, gone, 15, seed=7, now=NOW + timedelta(hours=1))
    as_one(kept.person_id, gone.person_id)
    made = propose(hall, now_right(version_at(better, 1)), first)
    assert foreseen(made)[worse] == (6000, 5600, "stays", None), "the attempt under the account that stays still passes"
    carry_out(made, second)
    with reading() as session:
        told = set(session.execute(select(NoticeRow.person_id).where(NoticeRow.kind == "exams.regraded")).scalars())
    assert told == {kept.person_id}


def test_who_passes_by_an_attempt_under_a_joined_account_gets_one_certificate(
    hall: Hall, first: Staff, second: Staff
) -> None:
    kept, gone = make_candidate(hall), make_candidate(hall)
    attempt_id = sit(hall, gone, 14)
    as_one(kept.person_id, gone.person_id)
    carry_out(propose(hall, now_right(version_at(attempt_id, 15), Way.FULL), first), second)
    with reading() as session:
        assert session.execute(select(CertificateRow.person_id)).scalars().all() == [kept.person_id]


def test_the_old_result_stays_and_the_person_is_told(hall: Hall, first: Staff, second: Staff) -> None:
    person = make_candidate(hall)
    attempt_id = sit(hall, person, 15)
    carry_out(propose(hall, now_right(version_at(attempt_id, 1)), first), second)
    with reading() as session:
        assert session.get_one(ScoreRow, attempt_id).score == 60
        later = session.execute(select(ScoreAdjustmentRow)).scalar_one()
        assert (later.by_id, later.second_by_id, later.reason) == (
            first.person_id,
            second.person_id,
            "原答案与第十二条不符",
        )
        told = session.execute(select(NoticeRow).where(NoticeRow.kind == "exams.regraded")).scalar_one()
        assert (told.person_id, told.facts["before"], told.facts["after"]) == (person.person_id, "60", "56")
        view = queries.attempt_view(session, attempt_id, person.person_id, now=NOW + timedelta(days=60))
    assert list(view.reviewed[1].correct) == named(attempt_id, 1, ["A"])
    assert view.reviewed[1].earned == 0


def test_a_task_that_was_killed_goes_on_and_one_that_runs_twice_does_nothing_twice(
    hall: Hall, first: Staff, second: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lms.exams.service.regrade.PEOPLE_AT_ONCE", 1)
    attempts = [sit(hall, make_candidate(hall, f"考生{number}"), 15, seed=7) for number in range(4)]
    made = propose(hall, now_right(version_at(attempts[0], 1)), first)
    service.confirm_regrade(made, by=second, now=LATER)
    seen = []

    def die(percent: int) -> None:
        seen.append(percent)
        if len(seen) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        service.walk(made, "apply", clock=lambda: LATER, report=die)
    assert seen == [25, 50]
    assert sum(result(one).score == 56 for one in attempts) == 2
    for step in ("apply", "apply", "again"):
        walk(made, step)
    assert [result(one).score for one in attempts] == [56] * 4
    with reading() as session:
        assert session.execute(select(func.count()).select_from(ScoreAdjustmentRow)).scalar_one() == 4
        assert (
            session.execute(
                select(func.count()).select_from(NoticeRow).where(NoticeRow.kind == "exams.regraded")
            ).scalar_one()
            == 4
        )
        assert session.get_one(RegradeRow, made).state == "done"


def test_papers_handed_in_afterwards_are_scored_by_the_new_key_at_once(hall: Hall, first: Staff, second: Staff) -> None:
    before = sit(hall, make_candidate(hall, "先交"), 15, seed=7)
    carry_out(propose(hall, now_right(version_at(before, 1)), first), second)
    after = sit(hall, make_candidate(hall, "后交"), 15, seed=7)
    assert result(after).score == 56
    made = _only()
    walk(made, "again")
    assert result(after).score == 56
    assert after in foreseen(made)


def _only() -> UUID:
    with reading() as session:
        return session.execute(select(RegradeRow.id)).scalar_one()


def test_two_decisions_about_two_items_add_up(hall: Hall, first: Staff, second: Staff) -> None:
    attempt_id = sit(hall, make_candidate(hall), 15)
    carry_out(propose(hall, now_right(version_at(attempt_id, 1)), first), second)
    carry_out(propose(hall, now_right(version_at(attempt_id, 16), Way.FULL), second), first)
    assert result(attempt_id).score == 60
    with reading() as session:
        assert session.execute(select(ScoreAdjustmentRow.no).order_by(ScoreAdjustmentRow.no)).scalars().all() == [1, 2]


def test_who_proposes_does_not_confirm_and_who_sat_does_neither(hall: Hall, first: Staff, second: Staff) -> None:
    sitter = make_candidate(hall)
    attempt_id = sit(hall, sitter, 15)
    own = Staff(sitter.person_id, (hall.land.national.path,))
    change = now_right(version_at(attempt_id, 1))
    with pytest.raises(service.OwnExam):
        propose(hall, change, own)
    made = propose(hall, change, first)
    with pytest.raises(service.SecondPerson):
        service.confirm_regrade(made, by=first, now=LATER)
    with pytest.raises(service.OwnExam):
        service.confirm_regrade(made, by=own, now=LATER)
    let_in = Staff(make_person(hall.land.national, "新来的", now=LATER).person_id, first.scopes)
    hand_code(first.person_id, let_in.person_id, at=LATER)
    with pytest.raises(InOneHand):
        service.confirm_regrade(made, by=let_in, now=LATER)
    with pytest.raises(service.WaitsAlready):
        propose(hall, change, second)
    service.confirm_regrade(made, by=second, now=LATER)
    with pytest.raises(service.RegradeSettled):
        service.confirm_regrade(made, by=second, now=LATER)


def test_nothing_is_confirmed_before_its_effects_are_known(hall: Hall, first: Staff, second: Staff) -> None:
    attempt_id = sit(hall, make_candidate(hall), 15)
    made = service.propose_regrade(hall.exam_id, now_right(version_at(attempt_id, 1)), reason="错", by=first, now=LATER)
    with pytest.raises(service.RegradeSettled):
        service.confirm_regrade(made, by=second, now=LATER)
    walk(made, "apply")
    assert result(attempt_id).score == 60


def test_declined_and_withdrawn_change_nothing(hall: Hall, first: Staff, second: Staff) -> None:
    attempt_id = sit(hall, make_candidate(hall), 15)
    change = now_right(version_at(attempt_id, 1))
    made = propose(hall, change, first)
    with pytest.raises(Invalid):
        service.decline_regrade(made, comment=" ", by=second, now=LATER)
    service.decline_regrade(made, comment="依据不足", by=second, now=LATER)
    other = propose(hall, change, first)
    with pytest.raises(NotFound):
        service.withdraw_regrade(other, by=second, now=LATER)
    service.withdraw_regrade(other, by=first, now=LATER)
    for one in (made, other):
        walk(one, "apply")
    assert result(attempt_id).score == 60


@pytest.mark.parametrize("key", ["", "E", "AB"])
def test_a_key_that_does_not_fit_the_item_is_refused(hall: Hall, first: Staff, key: str) -> None:
    attempt_id = sit(hall, make_candidate(hall), 15)
    change = KeyChange(version_at(attempt_id, 1), Way.NEW, Choices(tuple(key)))
    with pytest.raises(Invalid) as refusal:
        propose(hall, change, first)
    assert set(refusal.value.fields) == {"key"}


def test_outside_the_reach_and_outside_the_papers_there_is_nothing(hall: Hall, first: Staff) -> None:
    attempt_id = sit(hall, make_candidate(hall), 15)
    change = now_right(version_at(attempt_id, 1))
    far = Staff(first.person_id, (hall.land.province.path,))
    with pytest.raises(NotFound):
        propose(hall, change, far)
    with pytest.raises(NotFound):
        propose(hall, now_right(UUID(int=9)), first)


def test_the_database_asks_for_two_persons_too(hall: Hall, first: Staff, second: Staff) -> None:
    attempt_id = sit(hall, make_candidate(hall), 15)
    made = propose(hall, now_right(version_at(attempt_id, 1)), first)
    own = {"state": "confirmed", "decided_by": first.person_id, "decided_at": LATER}
    for change in (
        update(RegradeRow).values(own),
        update(RegradeRow).values(state="done", decided_by=second.person_id, decided_at=LATER),
        update(RegradeRow).values(reason="别的理由"),
        delete(RegradeRow),
    ):
        with pytest.raises(DBAPIError), unit_of_work() as session:
            session.execute(change)
    with pytest.raises(DBAPIError), unit_of_work() as session:
        session.add(
            ScoreAdjustmentRow(
                id=UUID(int=3), attempt_id=attempt_id, no=1, score=99, passed=True, reason="擅改", by_id=first.person_id,
                second_by_id=second.person_id, adjusted_at=LATER, regrade_id=made,
            )
        )  # fmt: skip
