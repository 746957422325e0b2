"""What the machine does to memberships."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from lms.accounts.service import memberships
from tests.factories.account_machine.base import ANY, CRASH, DAY, Machine


class Belonging(Machine):
    """People move, now and at days to come, and belong elsewhere beside."""

    @rule(who=ANY, whom=ANY, at=ANY, ahead=st.sampled_from((0, 1, 10, 40, -1, -30, 400)), crash=CRASH)
    def move_a_person(self, who: int, whom: int, at: int, ahead: int, crash: int | None) -> None:
        self.tick()
        by, person, unit = self.staff(who), self.person(whom), self.unit(at)
        staff, from_on = self.at_work(by), self.today + ahead * DAY
        may = self.world.may_act(by.id, person.id, self.now, account=True) and self.edits(by, unit)
        spans = self.world.spans_after(person, unit, from_on, self.today, lambda planned: self.edits(by, planned))
        stays = spans is not None and spans[-1][:2] in [one[:2] for one in person.spans]
        done, _ = self.do(
            lambda: memberships.move(person.id, unit.id, from_on=from_on, by=staff, reason="调动", now=self.now),
            expect=may and unit.state == "open" and spans is not None,
            action="membership.plan_taken_back" if stays else "membership.moved",
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
        there = (person.id, unit.id) in {(row.person_id, row.unit_id) for row in self.belongings(open_only=True)}
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
        beside = [row for row in self.belongings(open_only=False) if which % 5 == 0 or not row.is_primary]
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
            and self.edits(by, self.world.units[row.unit_id])
            and not row.is_primary
            and row.until_on is None
            and row.from_on <= until_on
            and ahead <= 366,
            action="membership.ended",
            crash=crash,
        )
        self.agree()
