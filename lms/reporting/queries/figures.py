"""Reads what units and their sub-units have reached in a year."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import BigInteger, literal, null, select, union_all
from sqlalchemy.orm import Session

from lms.reporting.domain.standings import Tally
from lms.reporting.models import UnitHoursRow, UnitStandingRow


@dataclass
class Figures:
    """A unit with all below it: people by category, and hours by ledger in hundredths."""

    by_category: dict[str, Tally] = field(default_factory=dict)
    hours: dict[str, int] = field(default_factory=dict)

    @property
    def people(self) -> Tally:
        """All categories together."""
        return sum(self.by_category.values(), Tally())


def figures(session: Session, paths: Sequence[str], year: int) -> dict[str, Figures]:
    """The figures of some units; a unit that nobody was ever counted for has none of them. One statement."""
    people = select(
        UnitStandingRow.path,
        UnitStandingRow.category.label("of"),
        UnitStandingRow.persons,
        UnitStandingRow.self_reached,
        UnitStandingRow.central_reached,
        UnitStandingRow.reached,
        null().cast(BigInteger).label("hours"),
    ).where(UnitStandingRow.path.in_(paths), UnitStandingRow.year == year)
    hours = select(
        UnitHoursRow.path,
        UnitHoursRow.ledger,
        literal(0),
        literal(0),
        literal(0),
        literal(0),
        UnitHoursRow.hours,
    ).where(UnitHoursRow.path.in_(paths), UnitHoursRow.year == year)
    found = {path: Figures() for path in paths}
    for row in session.execute(union_all(people, hours)):
        one = found[row.path]
        if row.hours is None:
            one.by_category[row.of] = Tally(row.persons, row.self_reached, row.central_reached, row.reached)
        else:
            one.hours[row.of] = int(row.hours)
    return found
