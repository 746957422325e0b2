"""A machine that does to units, people, roles and sign-ins whatever the services offer, in any order, and crashes in between."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from sqlalchemy import Engine, event, select

from lms.access import queries as access_queries, service as access
from lms.accounts.domain.duties import Rules
from lms.accounts.domain.reach import Staff
from lms.accounts.models import AccountRow, AuthSessionRow, MembershipRow, PersonRow
from lms.accounts.service import closing, codes, joining, memberships, passwords, people, privacy, sessions, standing
from lms.accounts.service.policy import Browser, Policy
from lms.accounts.service.registering import Registration, create_person, register
from lms.accounts.service.sign_in import sign_in
from lms.audit.models import AuditEntryRow
from lms.infra import db, ratelimit
from lms.infra.db import reading
from lms.kernel.errors import DomainError
from lms.kernel.permissions import Permission
from lms.kernel.principal import Principal
from lms.organisations import service as organisations
from lms.organisations.service import Act
from tests.conftest import empty_tables
from tests.factories.account_model import CODE_ISSUERS, EDITORS, GIVES, RANKS, ROLES, Grant, Person, Unit, World, day_of
from tests.factories.cadres import make_facts
from tests.factories.invariants import lasting_roles, violations

START = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
DAY, NOBODY = timedelta(days=1), UUID(int=0)
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
    "auth_session", "sign_in_code", "consent", "correction", "role_grant", "audit_entry", "integrity_mark", "job",
)  # fmt: skip
"""What the acts write, but wrong tries to sign in: those are counted before anything is decided."""
ANY = st.integers(0, 999)
CRASH = st.integers(0, 99).map(lambda drawn: drawn // 10 + 1 if drawn % 10 == 9 else None)
"""The number of the statement at which the process dies; None in nine steps of ten."""


class PlainHasher:
    """Stands for argon2, which is slow by design: the machine is about states."""

    def hash(self, password: str) -> str:
        return f"plain:{password}"

    def verify(self, password_hash: str, password: str) -> bool:
        return password_hash == f"plain:{password}"


class Crashed(Exception):
    """The process died here."""


class CrashPoint:
    """Raises at the n-th statement that is sent while it is armed."""

    def __init__(self, at: int | None) -> None:
        self.left = at or 0
        self.hit = False

    def __call__(self, *_: Any) -> None:
        self.left -= 1
        if self.left == 0:
            self.hit = True
            raise Crashed

    def __enter__(self) -> "CrashPoint":
        if self.left:
            event.listen(Engine, "before_cursor_execute", self)
            self.armed = True
        return self

    def __exit__(self, *_: object) -> None:
        if getattr(self, "armed", False):
            event.remove(Engine, "before_cursor_execute", self)


@dataclass
class Stay:
    """A sign-in of the picture."""

    person: UUID
    seen_at: datetime
    expires_at: datetime


def _pick(things: Sequence[Any], drawn: int) -> Any:
    return things[drawn // 8 % len(things)]


def snapshot() -> dict[str, frozenset[Any]]:
    """All that is stored."""
    with reading() as session:
        connection = session.connection()
        return {
            table: frozenset(map(repr, connection.exec_driver_sql(f"SELECT * FROM {table}").fetchall()))
            for table in TABLES
        }


class AccountMachine(RuleBasedStateMachine):
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
        assert people == {(one.id, one.listed, one.state) for one in self.world.people.values()}
        assert stays == set(self.stays)

    def tick(self, step: timedelta = timedelta(seconds=1)) -> None:
        self.now += step

    # Whom and what a rule is about

    def person(self, drawn: int) -> Person:
        """Somebody; mostly one who is still there."""
        everybody = list(self.world.people.values())
        return _pick([one for one in everybody if one.gone == (drawn % 8 == 0)] or everybody, drawn)

    def unit(self, drawn: int) -> Unit:
        """A unit; mostly an open one."""
        return _pick([one for one in self.world.units.values() if drawn % 8 == 0 or one.state == "open"], drawn)

    def unit_to_end(self, drawn: int) -> Unit:
        """A unit that is to end; in a quarter of the cases one to which somebody is about to move."""
        awaited = [one.spans[-1][0] for one in self.world.people.values() if one.spans[-1][1] > self.today]
        return self.world.units[_pick(awaited, drawn)] if awaited and drawn % 4 == 1 else self.unit(drawn)

    def staff(self, drawn: int) -> Person:
        """Somebody who acts on others: one who administers the nation in half of the cases, else mostly one with a role."""
        if drawn % 8 == 0:
            return self.person(drawn)
        top = {unit.id for unit in self.world.units.values() if unit.parent is None}
        chief = [one for one in self.world.grants if one.role == "unit_admin" and one.unit in top]
        held = [one for one in (chief if drawn % 2 else self.world.grants) if one.holds(self.now)]
        return self.world.people[_pick(held, drawn).person]

    def principal(self, person_id: UUID) -> Principal | None:
        with reading() as session:
            return access_queries.principal_of_person(session, person_id, now=self.now)

    def at_work(self, who: Person, permission: Permission = Permission.PERSON_EDIT) -> Staff:
        acting = self.principal(who.id)
        scopes = access.scopes_for(acting, permission) if acting else ()
        return Staff(who.id, scopes, self.outranks)

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
        unit_id, begun, _ = person.spans[-1]
        person.spans[-1] = (unit_id, begun, max(begun, self.today))
        self.end_stays(person.id)

    # The beginning

    @initialize(ahead=st.sampled_from((0, 20, 40)))
    def found_the_nation(self, ahead: int) -> None:
        made: list[Unit] = []
        for name, kind, parent in (
            ("全国", "national", None), ("浙江", "province", 0), ("湖南", "province", 0), ("杭州", "city", 1),
            ("甲厂", "unit", 3), ("乙厂", "unit", 1), ("丙厂", "unit", 2),
        ):  # fmt: skip
            above = None if parent is None else made[parent].id
            unit = organisations.add_unit(parent_id=above, name=name, kind=kind, now=self.now)
            made.append(Unit(unit.id, above, kind, name))
        self.world.units = {unit.id: unit for unit in made}
        for at, role in (
            (0, "unit_admin"), (0, "security_admin"), (1, "unit_admin"), (2, "class_tutor"), (4, ""), (4, ""), (6, ""),
        ):  # fmt: skip
            username, mobile = self.next_name()
            form = self.form(made[at].id, username, mobile)
            hashed = passwords.hash_password(form.password)
            person_id = create_person(form, password_hash=hashed, totp_secret=None, now=self.now)
            self.remember(person_id, made[at].id, form.password)
            if role:
                grant_id = access.appoint(person_id, role, made[at].id, reason="初始", now=self.now)
                self.world.grants.append(Grant(grant_id, person_id, role, made[at].id, self.now, None))
        chief, *_others, mover, _last = self.world.people.values()
        staff, from_on, aim = self.at_work(chief), self.today + ahead * DAY, made[5].id
        memberships.move(mover.id, aim, from_on=from_on, by=staff, reason="调动", now=self.now)
        mover.spans = self.world.spans_after(mover, made[5], from_on, self.today, lambda _planned: True) or []
        mover.listed = mover.listed if ahead else aim
        self.check()
        self.agree()

    # People

    @rule(who=ANY, at=ANY, crash=CRASH)
    def create_a_person(self, who: int, at: int, crash: int | None) -> None:
        self.tick()
        by, unit = self.staff(who), self.unit(at)
        _username, mobile = self.next_name()
        given = people.NewPerson(make_facts(mobile=mobile), unit.id, "")
        staff = self.at_work(by)
        done, person_id = self.do(
            lambda: people.create(given, by=staff, now=self.now),
            expect=self.edits(by, unit) and unit.state == "open",
            action="account.created",
            crash=crash,
        )
        if done:
            self.remember(person_id, unit.id, "")
        self.agree()

    @rule(at=ANY, taken=st.booleans(), crash=CRASH)
    def register_oneself(self, at: int, taken: bool, crash: int | None) -> None:
        self.tick()
        unit, (username, mobile) = self.unit(at), self.next_name()
        taken = taken and at % 3 == 0
        form = self.form(unit.id, self.person(at).username if taken else username, mobile)
        done, person_id = self.do(
            lambda: register(form, policy=POLICY, address="127.0.0.1", now=self.now),
            expect=unit.state == "open" and not taken,
            action="account.created",
            crash=crash,
        )
        if done:
            self.remember(person_id, unit.id, form.password)
        self.agree()

    @rule(who=ANY, whom=ANY, back=st.booleans(), crash=CRASH)
    def take_an_account_away_or_give_it_back(self, who: int, whom: int, back: bool, crash: int | None) -> None:
        self.tick()
        by, person = self.staff(who), self.person(whom)
        staff, aim = self.at_work(by), "active" if back else "disabled"
        call = standing.enable if back else standing.disable
        changes = person.state != aim
        may = self.world.may_act(by.id, person.id, self.now, account=True)
        done, changed = self.do(
            lambda: call(person.id, by=staff, reason="核实", now=self.now),
            expect=may and (back or not changes or self.world.spared(person.id, self.now)),
            action=f"account.{'enabled' if back else 'disabled'}" if changes else "",
            crash=crash,
        )
        if done:
            assert changed == changes
            person.state = aim
            if changed and not back:
                person.code = ""
                self.end_stays(person.id)
        self.agree()

    @rule(whom=ANY, crash=CRASH)
    def close_ones_account(self, whom: int, crash: int | None) -> None:
        person = self.person(whom)
        if person.state == "disabled" or whom % 4:
            return
        self.tick()
        in_office = any(one.person == person.id and one.coming(self.now) for one in self.world.grants)
        done, _ = self.do(
            lambda: closing.close(person.id, now=self.now),
            expect=not person.gone and not in_office,
            action="account.closed",
            crash=crash,
        )
        if done:
            self.leave(person, "closed")
        self.agree()

    @rule(who=ANY, kept=ANY, gone=ANY, crash=CRASH)
    def join_two_people(self, who: int, kept: int, gone: int, crash: int | None) -> None:
        self.tick()
        by, one, other = self.staff(who), self.person(kept), self.person(gone)
        staff = self.at_work(by)
        may = all(self.world.may_act(by.id, each.id, self.now, account=True) for each in (one, other))
        done, _ = self.do(
            lambda: joining.join(one.id, other.id, by=staff, reason="同一人", now=self.now),
            expect=one is not other and may and self.world.spared(other.id, self.now),
            action="people.joined",
            crash=crash,
        )
        if done:
            self.leave(other, "merged")
        self.agree()

    # Memberships

    @rule(who=ANY, whom=ANY, at=ANY, ahead=st.sampled_from((0, 1, 10, 40, -1, -30, 400)), crash=CRASH)
    def move_a_person(self, who: int, whom: int, at: int, ahead: int, crash: int | None) -> None:
        self.tick()
        by, person, unit = self.staff(who), self.person(whom), self.unit(at)
        staff, from_on = self.at_work(by), self.today + ahead * DAY
        may = self.world.may_act(by.id, person.id, self.now, account=True) and self.edits(by, unit)
        spans = self.world.spans_after(person, unit, from_on, self.today, lambda planned: self.edits(by, planned))
        done, _ = self.do(
            lambda: memberships.move(person.id, unit.id, from_on=from_on, by=staff, reason="调动", now=self.now),
            expect=may and unit.state == "open" and spans is not None,
            action="membership.moved" if spans and spans[-1][1] == from_on else "membership.plan_taken_back",
            crash=crash,
        )
        if done and spans:
            person.spans = spans
            if from_on <= self.today:
                person.listed = unit.id
        self.agree()

    @rule(who=ANY, whom=ANY, at=ANY, ahead=st.sampled_from((0, 10, -10, 400)), crash=CRASH)
    def add_a_membership_beside(self, who: int, whom: int, at: int, ahead: int, crash: int | None) -> None:
        self.tick()
        by, person, unit = self.staff(who), self.person(whom), self.unit(at)
        staff, from_on = self.at_work(by), self.today + ahead * DAY
        may = self.world.may_act(by.id, person.id, self.now, account=False) and self.edits(by, unit)
        there = (person.id, unit.id) in {(row.person_id, row.unit_id) for row in self.memberships(open_only=True)}
        self.do(
            lambda: memberships.add_secondary(
                person.id, unit.id, from_on=from_on, by=staff, reason="兼职", now=self.now
            ),
            expect=may and unit.state == "open" and not there and ahead <= 366,
            action="membership.added",
            crash=crash,
        )
        self.agree()

    @rule(who=ANY, which=ANY, ahead=st.sampled_from((0, 10, -40, 400)), crash=CRASH)
    def end_a_membership_beside(self, who: int, which: int, ahead: int, crash: int | None) -> None:
        beside = [row for row in self.memberships(open_only=False) if which % 5 == 0 or not row.is_primary]
        if not beside:
            return
        self.tick()
        by, row, until_on = self.staff(who), beside[which % len(beside)], self.today + ahead * DAY
        staff = self.at_work(by)
        self.do(
            lambda: memberships.end_secondary(
                row.person_id, row.id, until_on=until_on, by=staff, reason="结束", now=self.now
            ),
            expect=self.world.may_act(by.id, row.person_id, self.now, account=False)
            and not row.is_primary
            and row.until_on is None
            and row.from_on <= until_on
            and ahead <= 366,
            action="membership.ended",
            crash=crash,
        )
        self.agree()

    def memberships(self, *, open_only: bool) -> list[Any]:
        with reading() as session:
            columns = MembershipRow.__table__.c
            statement = select(
                columns.id, columns.person_id, columns.unit_id, columns.is_primary, columns.from_on, columns.until_on
            )
            return list(session.execute(statement.where(columns.until_on.is_(None)) if open_only else statement).all())

    # Roles

    @rule(
        who=ANY,
        whom=ANY,
        choice=ANY,
        at=st.one_of(st.just(0), ANY),
        begins=st.sampled_from((0, 0, 1, 20)),
        lasts=st.sampled_from((None, None, 2, 30, -1)),
        crash=CRASH,
    )
    def give_a_role(
        self, who: int, whom: int, choice: int, at: int, begins: int, lasts: int | None, crash: int | None
    ) -> None:
        self.tick()
        by, unit = self.staff(who), self.unit(at)
        person = by if whom % 10 == 0 else self.person(whom)
        given = [role for one in self.world.held(by.id, self.now) for role in sorted(GIVES.get(one.role, ()))]
        role = _pick(given if given and choice % 8 else ROLES, choice)
        from_at = self.now + begins * DAY
        until_at = None if lasts is None else from_at + lasts * DAY
        new = access.NewGrant(person.id, role, unit.id, from_at, until_at, "工作需要")
        giver = self.principal(by.id) or self.stranger(by)
        done, grant_id = self.do(
            lambda: access.grant(new, giver=giver, now=self.now),
            expect=self.world.accepts_grant(by.id, person.id, role, unit, (from_at, until_at), self.now),
            action="role.granted",
            crash=crash,
        )
        if done:
            for one in self.world.grants:
                if (one.person, one.role, one.unit) == (person.id, role, unit.id):
                    one.ended = True  # it ran out before
            self.world.grants.append(Grant(grant_id, person.id, role, unit.id, from_at, until_at))
        self.agree()

    @rule(who=ANY, which=ANY, crash=CRASH)
    def end_a_role(self, who: int, which: int, crash: int | None) -> None:
        self.tick()
        by, held = self.staff(who), self.world.grants[which % len(self.world.grants)]
        ender, unit = self.principal(by.id) or self.stranger(by), self.world.units[held.unit]
        reached = any(self.world.covers(one.unit, unit.id) for one in self.world.held(by.id, self.now))
        done, _ = self.do(
            lambda: access.end(held.id, ender=ender, reason="离任", now=self.now),
            expect=reached
            and self.world.may_give(by.id, held.role, unit, self.now)
            and held.coming(self.now)
            and not (unit.parent is None and self.world.last(held.person, held.role, self.now)),
            action="role.ended",
            crash=crash,
        )
        if done:
            held.ended = True
        self.agree()

    def stranger(self, person: Person) -> Principal:
        """How somebody looked before their account was taken away."""
        return Principal(person.id, person.account_id, person.username, "", person.listed, "/", (), NOBODY)

    # Sign-ins

    def enter(self, person: Person, session_id: UUID) -> None:
        self.stays[session_id] = Stay(person.id, self.now, self.now + timedelta(hours=POLICY.session_hours))

    @rule(whom=ANY, right=st.booleans(), crash=CRASH)
    def sign_in(self, whom: int, right: bool, crash: int | None) -> None:
        self.tick()
        person = self.person(whom)
        password = person.password if right or whom % 3 else "wrong"
        done, opened = self.do(
            lambda: sign_in(person.username, password, None, policy=POLICY, browser=BROWSER, now=self.now),
            expect=person.state == "active" and password == person.password != "",
            action="session.opened",
            crash=crash,
        )
        if done:
            self.enter(person, opened.session_id)
        self.agree()

    @rule(which=ANY, crash=CRASH)
    def sign_out(self, which: int, crash: int | None) -> None:
        if not self.stays:
            return
        self.tick()
        session_id = list(self.stays)[which % len(self.stays)]
        done, _ = self.do(lambda: sessions.sign_out(session_id, now=self.now), expect=True, crash=crash)
        if done:
            del self.stays[session_id]
        self.agree()

    @rule(which=ANY, crash=CRASH)
    def go_on_or_idle_away(self, which: int, crash: int | None) -> None:
        if not self.stays:
            return
        self.tick()
        session_id = list(self.stays)[which % len(self.stays)]
        stay = self.stays[session_id]
        with reading() as session:
            principal = access_queries.principal_of_session(session, session_id, rules=DUTIES, now=self.now)
        assert (principal is not None) == (stay.expires_at > self.now)
        if principal is None:
            return
        idled = self.now - stay.seen_at > timedelta(minutes=35)

        def act() -> bool:
            if sessions.stays(principal, busy=lambda _person, _since: False, now=self.now) is None:
                return False
            sessions.touch(session_id, now=self.now)
            return True

        done, stayed = self.do(act, expect=True, crash=crash)
        if done:
            assert stayed is not idled
            if idled:
                del self.stays[session_id]
            else:
                stay.seen_at = self.now
        self.agree()

    @rule(who=ANY, whom=ANY, crash=CRASH)
    def sign_somebody_out_everywhere(self, who: int, whom: int, crash: int | None) -> None:
        self.tick()
        by, person = self.staff(who), self.person(whom)
        staff = self.at_work(by)
        done, _ = self.do(
            lambda: standing.end_sessions(person.id, by=staff, now=self.now),
            expect=self.world.may_act(by.id, person.id, self.now, account=True),
            action="session.all_ended",
            crash=crash,
        )
        if done:
            self.end_stays(person.id)
        self.agree()

    @rule(whom=ANY, fresh=st.integers(0, 4), knows=st.integers(0, 4), crash=CRASH)
    def change_ones_password(self, whom: int, fresh: int, knows: int, crash: int | None) -> None:
        self.tick()
        person = self.person(whom)
        principal = self.principal(person.id)
        if principal is None:
            return
        self.number += 1
        earlier = [one for one in (*person.earlier[-POLICY.password_history :], person.password) if one]
        new = f"Kuayue-{self.number:03}-Zhuanpei" if fresh or not earlier else earlier[whom % len(earlier)]
        old = person.password if knows else "wrong"
        done, opened = self.do(
            lambda: passwords.change(principal, old, new, policy=POLICY, browser=BROWSER, now=self.now),
            expect=(person.password == "" or old == person.password) and new not in earlier,
            action="password.changed",
            crash=crash,
        )
        if done:
            self.lose_password(person)
            person.password = new
            self.enter(person, opened.id)
        self.agree()

    def lose_password(self, person: Person) -> None:
        if person.password:
            person.earlier.append(person.password)
        person.password, person.code = "", ""
        self.end_stays(person.id)

    @rule(who=ANY, whom=ANY, crash=CRASH)
    def print_a_code(self, who: int, whom: int, crash: int | None) -> None:
        self.tick()
        by, person = self.staff(who), self.person(whom)
        staff = self.at_work(by, Permission.CODE_ISSUE)
        done, slip = self.do(
            lambda: codes.issue(person.id, staff=staff, outranks=self.outranks, hours=24, now=self.now),
            expect=self.world.reaches(by.id, person.id, CODE_ISSUERS, self.now)
            and by is not person
            and person.state == "active"
            and self.world.outranks(by.id, person.id, self.now),
            action="sign_in_code.issued",
            crash=crash,
        )
        if done:
            person.code, person.code_by, person.code_ends = slip.code, by.id, self.now + timedelta(hours=24)
        self.agree()

    @rule(whom=ANY, right=st.integers(0, 4), crash=CRASH)
    def use_a_code(self, whom: int, right: int, crash: int | None) -> None:
        self.tick()
        holders = [one for one in self.world.people.values() if one.code] if whom % 4 else []
        person = holders[whom % len(holders)] if holders else self.person(whom)
        code = person.code if right and person.code else "0000-0000"
        good = person.code != "" and code == person.code and person.code_ends is not None
        done, opened = self.do(
            lambda: codes.sign_in_with_code(
                person.username, code, None, outranks=self.outranks, policy=POLICY, browser=BROWSER, now=self.now
            ),
            expect=person.state == "active"
            and good
            and person.code_ends > self.now
            and self.world.outranks(person.code_by, person.id, self.now),
            action="session.opened",
            crash=crash,
        )
        if done:
            self.lose_password(person)
            self.enter(person, opened.session_id)
        self.agree()

    # The tree

    def act(self, who: int) -> Act:
        return Act(self.staff(who).id, "机构改革", self.now)

    @rule(who=ANY, at=ANY, kind=st.sampled_from(("unit", "city")), crash=CRASH)
    def found_a_unit(self, who: int, at: int, kind: str, crash: int | None) -> None:
        self.tick()
        above = self.unit(at)
        self.number += 1
        name, actor_id = f"新厂{self.number}", self.staff(who).id
        done, made = self.do(
            lambda: organisations.add_unit(
                parent_id=above.id, name=name, kind=kind, actor_id=actor_id, reason="新建", now=self.now
            ),
            expect=above.state == "open" and RANKS[kind] > RANKS[above.kind],
            action="unit.created",
            crash=crash,
        )
        if done:
            self.world.units[made.id] = Unit(made.id, above.id, kind, name)
        self.agree()

    @rule(who=ANY, which=ANY, at=ANY, crash=CRASH)
    def move_a_unit(self, who: int, which: int, at: int, crash: int | None) -> None:
        self.tick()
        unit, above, act = self.unit(which), self.unit(at), self.act(who)
        done, _ = self.do(
            lambda: organisations.move(unit.id, above.id, act),
            expect=unit.state == above.state == "open"
            and unit.parent != above.id
            and not self.world.covers(unit.id, above.id)
            and RANKS[unit.kind] > RANKS[above.kind]
            and self.world.carries_roles(act.actor_id or NOBODY, unit, above, self.now),
            action="unit.moved",
            crash=crash,
        )
        if done:
            unit.parent = above.id
        self.agree()

    @rule(who=ANY, which=ANY, at=ANY, crash=CRASH)
    def merge_a_unit(self, who: int, which: int, at: int, crash: int | None) -> None:
        self.tick()
        gone, into, act = self.unit_to_end(which), self.unit(at), self.act(who)
        below = [unit for unit in self.world.units.values() if unit.parent == gone.id]
        done, _ = self.do(
            lambda: organisations.merge(gone.id, into.id, act),
            expect=gone.state == into.state == "open"
            and gone.parent is not None
            and into.parent is not None
            and not self.world.covers(gone.id, into.id)
            and all(RANKS[unit.kind] > RANKS[into.kind] for unit in below)
            and self.world.carries_roles(act.actor_id or NOBODY, gone, into, self.now),
            action="unit.merged",
            crash=crash,
        )
        if done:
            self.world.merge(gone, into, self.now)
        self.agree()

    @rule(who=ANY, which=ANY, back=st.booleans(), crash=CRASH)
    def close_or_reopen_a_unit(self, who: int, which: int, back: bool, crash: int | None) -> None:
        self.tick()
        unit, act = self.unit_to_end(which), self.act(who)
        if back:
            expect = unit.state == "closed" and self.world.units[unit.parent or unit.id].state == "open"
        else:
            below = any(one.parent == unit.id and one.state == "open" for one in self.world.units.values())
            used = any(not one.gone and self.world.covers(unit.id, one.listed) for one in self.world.people.values())
            coming = unit.id in {row.unit_id for row in self.memberships(open_only=True)}
            expect = unit.state == "open" and unit.parent is not None and not (below or used or coming)
        call = organisations.reopen if back else organisations.close
        done, _ = self.do(
            lambda: call(unit.id, act),
            expect=expect,
            action="unit.reopened" if back else "unit.closed",
            crash=crash,
        )
        if done:
            unit.state = "open" if back else "closed"
        self.agree()

    # Time

    @rule(step=st.sampled_from((timedelta(minutes=20), timedelta(hours=13), DAY, 10 * DAY, 35 * DAY)), crash=CRASH)
    def time_goes_by(self, step: timedelta, crash: int | None) -> None:
        self.tick(step)
        with CrashPoint(crash):
            try:
                memberships.settle(now=self.now)
            except Crashed:
                self.counts["crashed"] = self.counts.get("crashed", 0) + 1
        memberships.settle(now=self.now)  # the job comes again
        assert memberships.settle(now=self.now) == 0
        self.world.settle(self.today)
        self.check()
        self.agree()


@contextmanager
def in_haste() -> Iterator[None]:
    """Passwords are compared in clear and SQLite waits for no disk: the machine is about states, not about power cuts."""

    def hurry(connection: Any, *_: Any) -> None:
        connection.execute("PRAGMA synchronous=OFF")

    engine = db.engine()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PlainHasher())
        if engine.dialect.name != "sqlite":
            yield
            return
        event.listen(engine.pool, "checkout", hurry)
        try:
            yield
        finally:
            event.remove(engine.pool, "checkout", hurry)
            engine.dispose()  # connections that are in a hurry end here
