"""What a step of the machine is: one act, foretold, perhaps cut off by a crash, and everything looked at afterwards."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine
from sqlalchemy import select

from lms.access import queries as access_queries, service as access
from lms.accounts.domain.duties import Rules
from lms.accounts.domain.reach import Staff
from lms.accounts.models import AccountRow, AuthSessionRow, MembershipRow, PersonRow
from lms.accounts.service import privacy
from lms.accounts.service.policy import Browser, Policy
from lms.accounts.service.registering import Registration
from lms.audit import service as audit
from lms.audit.models import AuditEntryRow
from lms.infra import ratelimit
from lms.infra.db import reading
from lms.kernel.errors import DomainError
from lms.kernel.permissions import Permission
from lms.kernel.principal import Principal
from tests.conftest import empty_tables
from tests.factories.account_machine.crashes import Crashed, CrashPoint
from tests.factories.account_model import EDITORS, Person, Unit, World, day_of
from tests.factories.invariants import lasting_roles, violations

START = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
DAY, NOBODY = timedelta(days=1), UUID(int=0)
NO_LOG = Path("/nonexistent/seals.log")  # nothing is sealed here
POLICY = Policy(
    password_min_length=8,
    lockout_failures=10**6,
    lockout_minutes=15,
    sign_ins_per_address=10**6,
    registrations_per_address=10**6,
    session_hours=12,
)
DUTIES = Rules(password_max_days_privileged=90, idle_minutes_learner=30, idle_minutes_staff=30)
BROWSER = Browser("127.0.0.1", "test")
TABLES = (
    "unit", "unit_change", "unit_term", "unit_request", "person", "membership", "account", "password_history",
    "auth_session", "sign_in_code", "consent", "correction", "join_proposal", "role_grant", "audit_entry", "integrity_mark", "job",
)  # fmt: skip
"""What the acts write, but wrong tries to sign in: those are counted before anything is decided."""
ANY = st.integers(0, 999)
CRASH = st.integers(0, 99).map(lambda drawn: drawn // 10 + 1 if drawn % 10 == 9 else None)
"""The number of the statement at which the process dies; None in nine steps of ten."""


@dataclass
class Stay:
    """A sign-in of the picture."""

    person: UUID
    seen_at: datetime
    expires_at: datetime


def pick(things: Sequence[Any], drawn: int) -> Any:
    return things[drawn // 8 % len(things)]


def snapshot() -> dict[str, frozenset[Any]]:
    """All that is stored."""
    with reading() as session:
        connection = session.connection()
        return {
            table: frozenset(map(repr, connection.exec_driver_sql(f"SELECT * FROM {table}").fetchall()))
            for table in TABLES
        }


class Machine(RuleBasedStateMachine):
    """Each rule foretells what the service says, and after each one everything that always holds is looked at."""

    counts: ClassVar[dict[str, int]] = {}

    def __init__(self) -> None:
        super().__init__()
        empty_tables()
        ratelimit.forget()
        self.now, self.number = START, 0
        self.world = World()
        self.stays: dict[UUID, Stay] = {}
        self.lasting: frozenset[str] = frozenset()

    def teardown(self) -> None:
        """Every row of people, accounts, units and roles fits its newest mark, whatever was done and cut off."""
        report = audit.verify(NO_LOG, now=self.now)
        assert report.ok, report.findings

    # What a step is

    def do(
        self, call: Callable[[], Any], *, expect: bool, action: str = "", crash: int | None = None
    ) -> tuple[bool, Any]:
        """One act: whether it was done, and what it gave. Refused and crashed acts leave everything as it was."""
        ratelimit.forget()
        before = snapshot() if crash or not expect else None
        done, result, kind = True, None, "done"
        with CrashPoint(crash) as point:
            try:
                result = call()
            except DomainError as refused:
                done, result, kind = False, refused, "refused"
            except Crashed:
                done, kind = False, "crashed"
        self.counts[kind] = self.counts.get(kind, 0) + 1
        assert point.hit or done == expect, f"foretold {expect}, got {result!r}"
        with reading() as session:
            noted = session.execute(
                select(AuditEntryRow.action, AuditEntryRow.result).where(AuditEntryRow.at >= self.now)
            ).all()
        acts = {one.action for one in noted if one.result == "ok"}
        if done:
            assert not action or action in acts, f"{action} is not recorded: {acts}"
        else:
            assert not acts, f"an act that was not done is recorded: {acts}"
            after = snapshot()
            if noted and before:  # the refusal is on the record
                after.pop("audit_entry"), before.pop("audit_entry")
            assert before is None or after == before, "half an act is stored"
        self.check()
        return done, result

    def check(self) -> None:
        """What always holds, and what the picture says."""
        assert violations(now=self.now, since=self.now) == {}
        with reading() as session:
            lasting = lasting_roles(session, self.now)
            stored = session.execute(
                select(PersonRow.id, PersonRow.unit_id, AccountRow.state).join(
                    AccountRow, AccountRow.person_id == PersonRow.id
                )
            ).all()
            open_stays = set(
                session.execute(select(AuthSessionRow.id).where(AuthSessionRow.ended_at.is_(None))).scalars()
            )
        assert lasting >= self.lasting, "nobody could give roles any more"
        self.lasting = lasting
        self.seen = ({(row.id, row.unit_id, row.state) for row in stored}, open_stays)

    def agree(self) -> None:
        """What is stored is what the picture shows."""
        people, stays = self.seen
        assert people == {(one.id, one.stands, one.state) for one in self.world.people.values()}
        assert stays == set(self.stays)

    def tick(self, step: timedelta = timedelta(seconds=1)) -> None:
        self.now += step

    # Whom and what a rule is about

    def person(self, drawn: int) -> Person:
        """Somebody; mostly one who is still there."""
        everybody = list(self.world.people.values())
        return pick([one for one in everybody if one.gone == (drawn % 8 == 0)] or everybody, drawn)

    def unit(self, drawn: int) -> Unit:
        """A unit; mostly an open one."""
        return pick([one for one in self.world.units.values() if drawn % 8 == 0 or one.state == "open"], drawn)

    def unit_to_end(self, drawn: int) -> Unit:
        """A unit that is to end; in a quarter of the cases one to which somebody is about to move."""
        awaited = [one.spans[-1][0] for one in self.world.people.values() if one.spans[-1][1] > self.today]
        return self.world.units[pick(awaited, drawn)] if awaited and drawn % 4 == 1 else self.unit(drawn)

    def staff(self, drawn: int) -> Person:
        """Somebody who acts on others: one who administers the nation in half of the cases, else mostly one with a role."""
        if drawn % 8 == 0:
            return self.person(drawn)
        top = {unit.id for unit in self.world.units.values() if unit.parent is None}
        chief = [one for one in self.world.grants if one.role == "unit_admin" and one.unit in top]
        held = [one for one in (chief if drawn % 2 else self.world.grants) if one.holds(self.now)]
        return self.world.people[pick(held, drawn).person]

    def principal(self, person_id: UUID) -> Principal | None:
        with reading() as session:
            return access_queries.principal_of_person(session, person_id, now=self.now)

    def at_work(self, who: Person, permission: Permission = Permission.PERSON_EDIT) -> Staff:
        acting = self.principal(who.id)
        scopes = access.scopes_for(acting, permission) if acting else ()
        return Staff(who.id, scopes, self.outranks)

    def could_issue(self, one: UUID, other: UUID) -> bool:
        return access.could_issue(one, other, self.now)

    def outranks(self, one: UUID, other: UUID) -> bool:
        return access.outranks(one, other, self.now)

    @property
    def today(self) -> date:
        return day_of(self.now)

    def edits(self, who: Person, unit: Unit) -> bool:
        held = self.world.held(who.id, self.now)
        return any(one.role in EDITORS and self.world.covers(one.unit, unit.id) for one in held)

    def next_name(self) -> tuple[str, str]:
        self.number += 1
        return f"cadre{self.number:03}", f"139{self.number:08}"

    def remember(self, person_id: UUID, unit_id: UUID, password: str) -> Person:
        with reading() as session:
            row = session.execute(
                select(AccountRow.id, AccountRow.username).where(AccountRow.person_id == person_id)
            ).one()
        made = Person(person_id, row.id, row.username, password, unit_id, [(unit_id, self.today, None)])
        self.world.people[person_id] = made
        return made

    def form(self, unit_id: UUID, username: str, mobile: str) -> Registration:
        return Registration(
            name="王建国",
            sex="male",
            unit_id=unit_id,
            post="工会主席",
            mobile=mobile,
            username=username,
            password=f"Kuayue-{username[-3:]}-Zhuanpei",
            appointed_on=date(2020, 3, 1),
            accepted_version=privacy.CURRENT_VERSION,
        )

    def end_stays(self, person_id: UUID) -> None:
        self.stays = {key: stay for key, stay in self.stays.items() if stay.person != person_id}

    def leave(self, person: Person, state: str) -> None:
        person.state, person.code = state, ""
        while len(person.spans) > 1 and person.spans[-1][1] > self.today:
            person.spans.pop()  # a move that was planned never comes
        unit_id, begun, _ = person.spans[-1]
        person.spans[-1] = (unit_id, begun, max(begun, self.today))
        self.end_stays(person.id)

    def belongings(self, *, open_only: bool) -> list[Any]:
        with reading() as session:
            columns = MembershipRow.__table__.c
            statement = select(
                columns.id, columns.person_id, columns.unit_id, columns.is_primary, columns.from_on, columns.until_on
            )
            return list(session.execute(statement.where(columns.until_on.is_(None)) if open_only else statement).all())
