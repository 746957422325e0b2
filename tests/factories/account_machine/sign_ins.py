"""What the machine does to sign-ins, passwords and codes."""

from datetime import timedelta
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import rule

from lms.access import queries as access_queries
from lms.accounts.service import codes, passwords, sessions, standing
from lms.accounts.service.sign_in import sign_in
from lms.infra.db import reading
from lms.kernel.permissions import Permission
from tests.factories.account_machine.base import ANY, BROWSER, CRASH, DUTIES, POLICY, Machine, Stay
from tests.factories.account_model import CODE_ISSUERS, Person


class SignIns(Machine):
    """People come and go, change passwords, and use one-time codes."""

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
            lambda: codes.issue(
                person.id, staff=staff, outranks=self.outranks, outranked=self.outranks, hours=24, now=self.now
            ),
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
                person.username, code, None, could_issue=self.could_issue, policy=POLICY, browser=BROWSER, now=self.now
            ),
            expect=person.state == "active"
            and good
            and person.code_ends > self.now
            and self.world.reaches(person.code_by, person.id, CODE_ISSUERS, self.now)
            and self.world.outranks(person.code_by, person.id, self.now),
            action="session.opened",
            crash=crash,
        )
        if done:
            self.lose_password(person)
            self.enter(person, opened.session_id)
        self.agree()
