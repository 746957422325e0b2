"""Enters a training and who attended it, as long as it is a draft or was returned."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from lms import settings as settings_module
from lms.accounts.domain.reach import Staff
from lms.accounts.service import asking
from lms.infra.db import insert_into, unit_of_work
from lms.kernel import ids
from lms.kernel.errors import N_, Invalid, NotFound
from lms.offline import queries
from lms.offline.domain import facts as rules
from lms.offline.domain.facts import Facts
from lms.offline.domain.people import COLUMNS, Listed, Problem
from lms.offline.domain.workflow import Act
from lms.offline.models import OutsideTraineeRow, OutsideTrainingRow
from lms.offline.service.holding import facts_of, held, lay_hand, led_to, note, refuse_elsewhere, today_of, write
from lms.organisations import queries as organisations

OWN_HOURS = N_("名单中有 %(people)s 人单独登记的学时超过了这些天数所能达到的上限，请先在名单中改正")
UNIT_CLOSED = N_("这个单位已撤销或已并入其他单位，请选择现在的单位")


class ListRefused(Invalid):
    """A list of people with faults: nothing of it was stored."""

    code, title = "people_refused", N_("名单中有问题，没有保存任何人")

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__()
        self.problems = tuple(problems)


def create(facts: Facts, unit_id: UUID, *, by: Staff, now: datetime) -> UUID:
    """Enters a training of a unit in `by`'s reach as a draft. Returns its id. Raises Invalid, NotFound."""
    refuse_wrong(facts, now)
    with unit_of_work() as session:
        unit = organisations.held_unit(session, unit_id)
        if not by.reaches(unit.path):
            raise NotFound
        if unit.state != "open":
            raise Invalid(fields={"unit": UNIT_CLOSED})
        training_id = ids.new_id(now)
        session.add(
            OutsideTrainingRow(
                id=training_id,
                unit_id=unit.id,
                unit_path=unit.path,
                source=facts.source,
                ledger=facts.ledger,
                title=facts.title,
                organiser=facts.organiser,
                from_on=facts.from_on,
                until_on=facts.until_on,
                hours=facts.hours,
                state="draft",
                proof_name="",
                proof_kind="",
                proof_sha256="",
                proof_bytes=0,
                proof_file="",
                proof_key_sealed="",
                entered_by=by.person_id,
                entered_at=now,
                comment="",
            )
        )
        session.flush()
        lay_hand(session, training_id, by.person_id)
        note(session, training_id, "training_entered", by=by.person_id, now=now)
    return training_id


def edit(training_id: UUID, facts: Facts, *, by: Staff, now: datetime) -> None:
    """Writes other facts; people with the hours of the whole training get its new hours. Raises NotFound, NotNow, Invalid."""
    refuse_wrong(facts, now)
    with unit_of_work() as session:
        row = held(session, training_id, by)
        led_to(row, Act.EDIT)
        lay_hand(session, training_id, by.person_id)
        before = row.hours
        write(
            session,
            training_id,
            "training_edited",
            by=by.person_id,
            now=now,
            source=facts.source,
            ledger=facts.ledger,
            title=facts.title,
            organiser=facts.organiser,
            from_on=facts.from_on,
            until_on=facts.until_on,
            hours=facts.hours,
        )
        whole = select(OutsideTraineeRow).where(
            OutsideTraineeRow.training_id == training_id, OutsideTraineeRow.hours == before
        )
        for one in session.execute(whole).scalars():
            one.hours = facts.hours
        session.flush()
        refuse_too_many_hours(session, training_id, facts)
        refuse_elsewhere(session, row, now)


def add_people(training_id: UUID, listed: Listed, *, by: Staff, now: datetime) -> int:
    """Adds everybody of a list, or nobody; who is there already gets the hours of the list. Returns how many were listed.

    Raises NotFound, NotNow, ListRefused with the problems by row, TooManyGuesses.
    """
    if listed.problems:
        raise ListRefused(listed.problems)
    try:
        return _add_people(training_id, listed, by=by, now=now)
    except ListRefused as refused:  # behind its unit of work, with which a record of it would go
        _count_guesses(listed, refused.problems, by, now)
        raise


def _add_people(training_id: UUID, listed: Listed, *, by: Staff, now: datetime) -> int:
    with unit_of_work() as session:
        row = held(session, training_id, by)
        led_to(row, Act.EDIT)
        lay_hand(session, training_id, by.person_id)
        people, problems = queries.named(session, listed.rows, row.unit_path)
        problems += _too_many_hours(facts_of(row), listed)
        if problems:
            raise ListRefused(sorted(problems, key=lambda one: one.row))
        known = set(_trainee_ids(session, training_id))
        most = settings_module.current().training_people
        if len(known | set(people)) > most:
            raise Invalid(fields={"lines": N_("一项培训最多 %(most)s 人，请分几次登记")}, extra={"most": most})
        _store(session, training_id, {person_id: one.hours or row.hours for person_id, one in people.items()})
        note(session, training_id, "training_people", by=by.person_id, now=now, details={"listed": len(people)})
    return len(people)


def _count_guesses(listed: Listed, problems: Sequence[Problem], by: Staff, now: datetime) -> None:
    """Counts the rows whose mobile number fits nobody of that name, before they are told."""
    by_mobile = {one.number for one in listed.rows if one.mobile}
    missed = sum(one.text == queries.NOBODY and one.row in by_mobile for one in problems)
    asking.count(asking.Guess.MOBILE, by=by.person_id, times=missed, now=now)


def remove_person(training_id: UUID, person_id: UUID, *, by: Staff, now: datetime) -> None:
    """Takes somebody off the list; harmless when they are not on it. Raises NotFound, NotNow."""
    with unit_of_work() as session:
        row = held(session, training_id, by)
        led_to(row, Act.EDIT)
        lay_hand(session, training_id, by.person_id)
        gone = delete(OutsideTraineeRow).where(
            OutsideTraineeRow.training_id == training_id, OutsideTraineeRow.person_id == person_id
        )
        if session.execute(gone.returning(OutsideTraineeRow.person_id)).first() is None:
            return
        note(session, training_id, "training_people", by=by.person_id, now=now, details={"removed": str(person_id)})


def refuse_wrong(facts: Facts, now: datetime) -> None:
    """Raises Invalid when something of a training is wrong by itself."""
    settings = settings_module.current()
    days, most = settings.training_days_back, settings.training_hours_a_day
    wrong = rules.problems(facts, today=today_of(now), days_back=days, hours_a_day=most)
    if wrong:
        raise Invalid(fields=wrong, extra={"days": days, "most": most})


def refuse_too_many_hours(session: Session, training_id: UUID, facts: Facts) -> None:
    """Raises Invalid when somebody has more hours of their own than the days of a training hold."""
    most = rules.most_hours(facts, settings_module.current().training_hours_a_day)
    over = select(func.count()).where(OutsideTraineeRow.training_id == training_id, OutsideTraineeRow.hours > most)
    people = session.execute(over).scalar_one()
    if people:
        raise Invalid(fields={"hours": OWN_HOURS}, extra={"people": people})


def _too_many_hours(facts: Facts, listed: Listed) -> tuple[Problem, ...]:
    most = settings_module.current().training_hours_a_day
    return tuple(
        Problem(one.number, COLUMNS["hours"], N_("学时超过了培训天数所能达到的上限，或不是 0.25 的整数倍"))
        for one in listed.rows
        if one.hours is not None and rules.hours_problem(facts, one.hours, most)
    )


def _trainee_ids(session: Session, training_id: UUID) -> list[UUID]:
    return list(
        session.execute(
            select(OutsideTraineeRow.person_id).where(OutsideTraineeRow.training_id == training_id)
        ).scalars()
    )


def _store(session: Session, training_id: UUID, hours: dict[UUID, int]) -> None:
    insert = insert_into(OutsideTraineeRow).values(
        [{"training_id": training_id, "person_id": one, "hours": amount} for one, amount in hours.items()]
    )
    session.execute(
        insert.on_conflict_do_update(index_elements=["training_id", "person_id"], set_={"hours": insert.excluded.hours})
    )
