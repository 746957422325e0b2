"""Trainings that a unit of a province enters, and the people who enter and decide them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from lms.accounts.domain.reach import Staff
from lms.kernel.principal import Principal
from lms.offline import service
from lms.offline.domain.facts import Facts
from lms.offline.domain.people import Listed, Named
from lms.offline.domain.workflow import Act
from tests.factories.cadres import at_work, make_admin
from tests.factories.people import NOW, Land, make_land, make_person

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer<<>>\nstartxref\n0\n%%EOF\n"
FACTS = Facts("offline", "centralized", "工会干部培训班", "浙江省总工会", date(2026, 11, 2), date(2026, 11, 4), 2400)

LONG_AGO = NOW - timedelta(days=300)


@dataclass(frozen=True)
class Office:
    """A unit whose clerk enters, the province that decides, and two who attended."""

    land: Land
    clerk: Principal
    province: Principal
    nation: Principal
    one: Principal
    two: Principal

    @property
    def entering(self) -> Staff:
        """The clerk at work."""
        return at_work(self.clerk, self.land.unit)

    @property
    def deciding(self) -> Staff:
        """The province's administrator at work."""
        return at_work(self.province, self.land.province)


def make_office() -> Office:
    land = make_land()
    return Office(
        land,
        make_admin(land.unit, "登记员"),
        make_admin(land.province, "省管理员"),
        make_admin(land.national, "全国管理员"),
        make_person(land.unit, "王建国", now=LONG_AGO),
        make_person(land.unit, "李四", now=LONG_AGO),
    )


def draft(office: Office, *names: str, facts: Facts = FACTS, proof: bool = True, now: datetime = NOW) -> UUID:
    """A training of the office's unit with people and proof."""
    training_id = service.create(facts, office.land.unit.id, by=office.entering, now=now)
    rows = tuple(Named(number, name=name) for number, name in enumerate(names or ("王建国", "李四"), 1))
    service.add_people(training_id, Listed(rows, ()), by=office.entering, now=now)
    if proof:
        service.put_proof(training_id, PDF, "签到表.pdf", by=office.entering, now=now)
    return training_id


def submitted(office: Office, *names: str, facts: Facts = FACTS, now: datetime = NOW) -> UUID:
    training_id = draft(office, *names, facts=facts, now=now)
    service.submit(training_id, by=office.entering, now=now)
    return training_id


def approve(office: Office, training_id: UUID, **told: bool) -> None:
    """The province approves it."""
    service.decide(training_id, Act.APPROVE, "", by=office.deciding, now=NOW, **told)
