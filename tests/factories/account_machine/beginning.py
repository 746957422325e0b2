"""The nation that the machine begins with, and time, which goes by."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from lms.access import service as access
from lms.accounts.service import identity, memberships, passwords
from lms.accounts.service.registering import create_person
from lms.kernel.scope import EVERYWHERE
from lms.organisations import service as organisations
from tests.factories.account_machine.base import CRASH, DAY, Machine
from tests.factories.account_machine.crashes import Crashed, CrashPoint
from tests.factories.account_model import Grant, Unit


class BeginningAndTime(Machine):
    """The first step, and the passing of days."""

    @initialize(ahead=st.sampled_from((0, 20, 40)))
    def found_the_nation(self, ahead: int) -> None:
        made: list[Unit] = []
        for name, kind, parent in (
            ("全国", "national", None), ("浙江", "province", 0), ("湖南", "province", 0), ("杭州", "city", 1),
            ("甲厂", "unit", 3), ("乙厂", "unit", 1), ("丙厂", "unit", 2),
        ):  # fmt: skip
            above = None if parent is None else made[parent].id
            unit = organisations.add_unit(parent_id=above, name=name, kind=kind, reach=EVERYWHERE, now=self.now)
            made.append(Unit(unit.id, above, kind, name))
        self.world.units = {unit.id: unit for unit in made}
        for at, role in (
            (0, "unit_admin"), (0, "security_admin"), (1, "unit_admin"), (2, "class_tutor"), (4, ""), (4, ""), (6, ""),
        ):  # fmt: skip
            username, mobile = self.next_name()
            form = self.form(made[at].id, username, mobile)
            hashed = passwords.hash_password(form.password)
            person_id = create_person(form, password_hash=hashed, totp_secret=None, now=self.now)
            self.remember(person_id, made[at].id, form.password).confirmed = True
            identity.vouch(person_id, actor_id=None, reason="核实", now=self.now)
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
