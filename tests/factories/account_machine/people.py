"""What the machine does to people and their accounts."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from lms.accounts import queries
from lms.accounts.service import closing, joining, people, standing
from lms.accounts.service.registering import register
from lms.infra.db import reading
from tests.factories.account_machine.base import ANY, CRASH, POLICY, Machine
from tests.factories.account_model import Person
from tests.factories.cadres import make_facts


class People(Machine):
    """Accounts come, are taken away and given back, are closed and joined."""

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

    @rule(who=ANY, second=ANY, kept=ANY, gone=ANY, crash=CRASH)
    def join_two_people(self, who: int, second: int, kept: int, gone: int, crash: int | None) -> None:
        """One proposes and another confirms; what is not confirmed is taken back."""
        self.tick()
        by, checker = self.staff(who), self.staff(second)
        one, other = self.person(kept), self.person(gone)

        def may(person: Person) -> bool:
            return all(self.world.may_act(person.id, each.id, self.now, account=True) for each in (one, other))

        done, proposal_id = self.do(
            lambda: joining.propose(one.id, other.id, by=self.at_work(by), reason="同一人", now=self.now),
            expect=one is not other and may(by),
            action="people.join_proposed",
            crash=crash if who % 2 else None,
        )
        if not done:
            self.agree()
            return
        self.tick()
        with reading() as session:  # its rule has tests of its own: here it is enough that it is kept to
            one_hand = queries.in_one_hand(session, checker.id, [by.id], now=self.now)
        done, _ = self.do(
            lambda: joining.confirm(proposal_id, by=self.at_work(checker), now=self.now),
            expect=checker is not by and may(checker) and not one_hand and self.world.spared(other.id, self.now),
            action="people.joined",
            crash=None if who % 2 else crash,
        )
        if done:
            self.leave(other, "merged")
            other.into = one
        else:
            self.tick()
            self.do(
                lambda: joining.refuse(proposal_id, by=self.at_work(by), now=self.now),
                expect=True,
                action="people.join_withdrawn",
            )
        self.agree()
