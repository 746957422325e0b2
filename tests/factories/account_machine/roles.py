"""What the machine does to roles."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from lms.access import service as access
from lms.kernel.principal import Principal
from tests.factories.account_machine.base import ANY, CRASH, DAY, NOBODY, Machine, pick
from tests.factories.account_model import GIVES, ROLES, Grant, Person


class Roles(Machine):
    """Roles are given and ended."""

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
        role = pick(given if given and choice % 8 else ROLES, choice)
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
            self.world.end_role(held, by.id, self.now)
        self.agree()

    def stranger(self, person: Person) -> Principal:
        """How somebody looked before their account was taken away."""
        return Principal(person.id, person.account_id, person.username, "", person.listed, "/", (), NOBODY)
