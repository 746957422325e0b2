"""What the machine does to the tree of units."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from lms.kernel.scope import EVERYWHERE
from lms.organisations import service as organisations
from lms.organisations.service import Act
from tests.factories.account_machine.base import ANY, CRASH, NOBODY, Machine
from tests.factories.account_model import RANKS, Unit


class Tree(Machine):
    """Units are founded, moved, merged, closed and reopened."""

    def act(self, who: int) -> Act:
        return Act(self.staff(who).id, "机构改革", self.now, reach=EVERYWHERE)

    @rule(who=ANY, at=ANY, kind=st.sampled_from(("unit", "city")), crash=CRASH)
    def found_a_unit(self, who: int, at: int, kind: str, crash: int | None) -> None:
        self.tick()
        above = self.unit(at)
        self.number += 1
        name, actor_id = f"新厂{self.number}", self.staff(who).id
        done, made = self.do(
            lambda: organisations.add_unit(
                parent_id=above.id,
                name=name,
                kind=kind,
                actor_id=actor_id,
                reason="新建",
                reach=EVERYWHERE,
                now=self.now,
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
            self.world.merge(gone, into, act.actor_id, self.now)
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
            coming = unit.id in {row.unit_id for row in self.belongings(open_only=True)}
            free = unit.state == "open" and unit.parent is not None and not (below or used or coming)
            expect = free and self.world.carries_roles(act.actor_id or NOBODY, unit, unit, self.now)
        call = organisations.reopen if back else organisations.close
        done, _ = self.do(
            lambda: call(unit.id, act),
            expect=expect,
            action="unit.reopened" if back else "unit.closed",
            crash=crash,
        )
        if done:
            unit.state = "open" if back else "closed"
            if not back:
                self.world.end_roles_below(unit, act.actor_id, self.now)
        self.agree()
