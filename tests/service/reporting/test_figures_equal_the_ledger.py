"""Whatever happens to people, units and hours, in whatever order it is counted, the figures are what the ledger says."""

import random
import threading
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
import structlog
from sqlalchemy import Engine, delete, event, func, select, update

from lms.accounts.models import PersonRow
from lms.accounts.service import disclosures, memberships
from lms.audit import queries as audit
from lms.hours import service as hours
from lms.hours.models import CreditEntryRow
from lms.infra.db import reading, unit_of_work
from lms.kernel.errors import DomainError
from lms.kernel.scope import EVERYWHERE
from lms.organisations import queries as organisations, service as units
from lms.reporting import queries, service
from lms.reporting.domain.standings import Tally
from lms.reporting.models import HoursStandingRow, StandingDueRow, UnitHoursRow, UnitStandingRow
from tests.factories.cadres import at_work, make_admin
from tests.factories.joining import join_by_two
from tests.factories.ledger import credit
from tests.factories.people import NOW, Land, make_person


def figures(path: str, year: int = 2026) -> queries.Figures:
    service.count_all(now=NOW)
    with reading() as session:
        return queries.figures(session, [path], year)[path]


def path_of(unit_id: UUID) -> str:
    with reading() as session:
        return organisations.unit(session, unit_id).path


def act(now: datetime) -> units.Act:
    return units.Act(None, "调整", now, EVERYWHERE, now.date())


def sound() -> bool:
    return service.reconcile(now=NOW) == ()


def test_somebody_new_is_behind_everywhere_above(land: Land) -> None:
    make_person(land.unit)
    for unit in (land.national, land.province, land.unit):
        assert figures(unit.path).people == Tally(1, 0, 1, 0)
    assert figures(land.other_province.path).people == Tally()


def test_hours_that_reach_the_target_count_at_once(land: Land, rule: UUID) -> None:
    before = figures(land.national.path).people
    person = make_person(land.unit)
    credit(rule, person.person_id, 5000)
    found = figures(land.national.path)
    assert (found.people.persons, found.people.reached) == (before.persons + 1, before.reached + 1)
    assert found.hours == {"self_study": 5000}


def test_a_reversal_takes_it_back(land: Land, rule: UUID) -> None:
    person = make_person(land.unit)
    entry_id = credit(rule, person.person_id, 5000)
    figures(land.unit.path)
    one, two = make_admin(land.national), make_admin(land.national)
    hours.reverse(entry_id, actor_id=one.person_id, second_id=two.person_id, reason="有误", now=NOW)
    found = figures(land.unit.path)
    assert (found.people.reached, found.hours) == (0, {"self_study": 0})
    assert sound()


def test_people_follow_today_and_hours_the_day_they_were_earned(land: Land, rule: UUID) -> None:
    person = make_person(land.unit)
    credit(rule, person.person_id, 5000)
    before = figures(land.other_unit.path).people.persons
    by = at_work(make_admin(land.national), land.national)
    memberships.move(person.person_id, land.other_unit.id, from_on=date(2026, 11, 20), by=by, reason="调动", now=NOW)
    assert figures(land.other_unit.path).people.persons == before + 1
    assert figures(land.other_unit.path).hours == {}
    assert figures(land.unit.path).hours == {"self_study": 5000}
    assert sound()


def test_a_unit_that_moves_takes_its_people_along(land: Land) -> None:
    make_person(land.unit)
    before = figures(land.other_province.path).people.persons
    units.move(land.unit.id, land.other_province.id, act(NOW))
    assert figures(land.other_province.path).people.persons == before + 1
    assert figures(path_of(land.unit.id)).people.persons == 1
    assert sound()


def test_two_accounts_of_one_human_are_one_person_with_the_hours_of_both(land: Land, rule: UUID) -> None:
    kept, gone = make_person(land.unit), make_person(land.unit)
    credit(rule, kept.person_id, 3000)
    credit(rule, gone.person_id, 2000)
    people = figures(land.unit.path).people.persons
    by = at_work(make_admin(land.national), land.national)
    join_by_two(kept.person_id, gone.person_id, by=by, reason="同一人", now=NOW)
    found = figures(land.unit.path)
    assert (found.people.persons, found.people.reached) == (people - 1, 1)
    assert found.hours == {"self_study": 5000}
    assert sound()


def test_who_leaves_is_counted_no_more_this_year(land: Land) -> None:
    person = make_person(land.unit)
    people = figures(land.unit.path).people.persons
    with unit_of_work() as session:
        session.execute(update(PersonRow).where(PersonRow.id == person.person_id).values(closed_at=NOW))
    assert figures(land.unit.path).people.persons == people - 1
    assert sound()


def test_a_past_year_keeps_the_unit_of_then(land: Land, rule: UUID) -> None:
    person = make_person(land.unit)
    last_year = NOW - timedelta(days=365)
    credit(rule, person.person_id, 5000, at=last_year)
    service.count_all(now=last_year)
    service.open_year()
    by = at_work(make_admin(land.national), land.national)
    memberships.move(person.person_id, land.other_unit.id, from_on=date(2026, 11, 20), by=by, reason="调动", now=NOW)
    service.count_all(now=NOW)
    assert figures(land.unit.path, 2025).people.reached == 1
    assert figures(land.other_unit.path, 2025).people.reached == 0
    assert sound()


def test_nobody_waits_for_anybody_to_have_hours_counted(land: Land, rule: UUID) -> None:
    """Writers add rows of their own: the ledger's transaction touches no row of the figures."""
    person = make_person(land.unit)
    figures(land.unit.path)
    credit(rule, person.person_id, 400)
    with reading() as session:
        assert session.execute(select(func.count()).select_from(StandingDueRow)).scalar_one() == 1
        assert session.execute(select(func.max(UnitHoursRow.hours))).scalar() is None


def test_small_batches_give_the_same_figures(land: Land, rule: UUID) -> None:
    for number in range(7):
        credit(rule, make_person(land.unit).person_id, 1000 * number + 100)
    while service.count_due(now=NOW, batch=1):
        pass
    assert sound()


@pytest.mark.parametrize(
    "damage",
    [
        update(UnitHoursRow).values(hours=UnitHoursRow.hours + 1),
        update(UnitStandingRow).values(reached=UnitStandingRow.reached + 1),
        update(HoursStandingRow).values(self_study=HoursStandingRow.self_study + 1),
        delete(UnitHoursRow),
        delete(UnitStandingRow),
    ],
    ids=["hours", "tallies", "standings", "no hours", "no tallies"],
)
def test_a_figure_that_was_changed_by_hand_is_found(land: Land, rule: UUID, damage: object) -> None:
    credit(rule, make_person(land.unit).person_id, 400)
    assert sound()
    with unit_of_work() as session:
        session.execute(damage)  # type: ignore[call-overload]
    assert service.reconcile_and_record(now=NOW)
    assert alarmed() == ["figures_differ"]
    service.recount()
    assert sound()


def alarmed() -> list[str]:
    with reading() as session:
        return [one.kind for one in audit.alarms(session, now=NOW + timedelta(minutes=1))]


def test_a_night_on_which_all_agrees_raises_no_alarm(land: Land, rule: UUID) -> None:
    credit(rule, make_person(land.unit).person_id, 400)
    assert service.reconcile_and_record(now=NOW) == ()
    assert alarmed() == []


def test_many_files_with_people_s_hours_raise_one(land: Land) -> None:
    actor = make_person(land.unit).person_id
    for count in range(1, 6):
        with structlog.contextvars.bound_contextvars(request_id=f"request {count}"):
            for unit in (land.unit, land.other_unit):  # a file tells of the people of each subtree
                disclosures.record("某单位", "工作", ("name", "unit"), 50, unit.path, actor, NOW)
        assert alarmed() == (["mass_export"] if count == 5 else [])


def test_a_recount_keeps_who_was_counted_where_in_past_years(land: Land, rule: UUID) -> None:
    reached, idle, leaver = (make_person(land.unit) for _ in range(3))
    entry_id = credit(rule, reached.person_id, 5000)
    before = figures(land.unit.path).people
    year_end = NOW + timedelta(days=90)
    by = at_work(make_admin(land.national), land.national)
    for one in (reached, idle):
        to, day = land.other_unit.id, year_end.date()
        memberships.move(one.person_id, to, from_on=day, by=by, reason="调动", now=year_end)
    with unit_of_work() as session:
        session.execute(update(PersonRow).where(PersonRow.id == leaver.person_id).values(closed_at=year_end))
        session.execute(update(PersonRow).where(PersonRow.id == idle.person_id).values(category="division"))
    service.open_year()
    service.count_all(now=year_end)
    assert figures(land.unit.path).people == before
    service.recount()
    service.count_all(now=year_end)
    assert figures(land.unit.path).people == before
    assert service.reconcile(now=year_end) == ()
    one, two = make_admin(land.national), make_admin(land.national)
    hours.reverse(entry_id, actor_id=one.person_id, second_id=two.person_id, reason="有误", now=year_end)
    service.recount()
    service.count_all(now=year_end)
    found = figures(land.unit.path).people
    assert (found.persons, found.reached) == (before.persons, before.reached - 1), "sums are counted anew there"


@pytest.mark.postgres
def test_a_line_stored_during_a_recount_counts_once(land: Land, rule: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whenever it is stored: before each statement of the recount one more is."""
    person = make_person(land.unit)
    service.count_all(now=NOW)
    stored: list[UUID] = []
    busy = threading.Event()

    def meanwhile(*_: object) -> None:
        if threading.current_thread() is not threading.main_thread() or busy.is_set():
            return
        busy.set()
        writer = threading.Thread(target=lambda: stored.append(credit(rule, person.person_id, 300)))
        writer.start()
        writer.join(10)
        busy.clear()

    event.listen(Engine, "before_cursor_execute", meanwhile)
    try:
        service.recount()
    finally:
        event.remove(Engine, "before_cursor_execute", meanwhile)
    assert len(stored) > 3
    while service.count_due(now=NOW, batch=2):
        pass
    assert figures(land.unit.path).hours == {"self_study": 300 * len(stored)}
    assert sound()


class History:
    """Random acts on people, units and hours; what is refused is no act."""

    def __init__(self, land: Land, rule: UUID, seed: int) -> None:
        self.land, self.rule, self.rng = land, rule, random.Random(seed)
        self.admin = at_work(make_admin(land.national), land.national)
        self.second_id = make_admin(land.national).person_id
        self.units = [land.unit, land.other_unit, land.province, land.other_province]
        self.people = [make_person(self.rng.choice(self.units)).person_id for _ in range(4)]
        self.entries: list[UUID] = []
        self.now = NOW

    def run(self, steps: int) -> None:
        acts = [
            self.hire,
            self.reverse,
            self.move,
            self.move_unit,
            self.merge_unit,
            self.join,
            self.leave,
            self.promote,
        ]
        acts += [self.earn, self.earn, self.earn, self.count, self.count]
        for _ in range(steps):
            self.now += timedelta(minutes=1)
            try:
                self.rng.choice(acts)()
            except DomainError:
                continue

    def hire(self) -> None:
        self.people.append(make_person(self.rng.choice(self.units)).person_id)

    def earn(self) -> None:
        at = self.now - timedelta(days=365 * self.rng.randint(0, 2))
        ledger = self.rng.choice(["self_study", "centralized"])
        self.entries.append(
            credit(self.rule, self.rng.choice(self.people), self.rng.choice([400, 2500, 5000]), ledger=ledger, at=at)
        )

    def reverse(self) -> None:
        if self.entries:
            by = {"actor_id": self.admin.person_id, "second_id": self.second_id}
            hours.reverse(self.rng.choice(self.entries), reason="有误", now=self.now, **by)

    def move(self) -> None:
        unit = self.rng.choice(self.units)
        memberships.move(
            self.rng.choice(self.people), unit.id, from_on=self.now.date(), by=self.admin, reason="调动", now=self.now
        )

    def move_unit(self) -> None:
        to = self.rng.choice([self.land.province, self.land.other_province])
        units.move(self.land.unit.id, to.id, act(self.now))

    def merge_unit(self) -> None:
        if self.rng.random() < 0.2:
            units.merge(self.land.other_unit.id, self.land.unit.id, act(self.now))
            self.units.remove(self.land.other_unit)

    def join(self) -> None:
        if len(self.people) < 2:
            return
        kept, gone = self.rng.sample(self.people, 2)
        join_by_two(kept, gone, by=self.admin, reason="同一人", now=self.now)
        self.people.remove(gone)

    def leave(self) -> None:
        if len(self.people) > 3:
            person_id = self.people.pop()
            with unit_of_work() as session:
                session.execute(update(PersonRow).where(PersonRow.id == person_id).values(closed_at=self.now))

    def promote(self) -> None:
        with unit_of_work() as session:
            category = self.rng.choice(["section", "division", "other"])
            session.execute(
                update(PersonRow).where(PersonRow.id == self.rng.choice(self.people)).values(category=category)
            )

    def count(self) -> None:
        service.count_due(now=self.now, batch=self.rng.randint(1, 5))


@pytest.mark.parametrize("seed", range(6))
def test_any_history_adds_up(land: Land, rule: UUID, seed: int) -> None:
    history = History(land, rule, seed)
    history.run(60)
    assert sound()
    with reading() as session:
        total = session.execute(select(func.sum(CreditEntryRow.hours))).scalar_one()
        shown = queries.figures(session, [land.national.path], 2026)[land.national.path].hours
        years = (
            session.execute(select(func.sum(CreditEntryRow.hours)).where(CreditEntryRow.count_year == 2026)).scalar()
            or 0
        )
    assert sum(shown.values()) == years
    assert total is not None
