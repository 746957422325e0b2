"""A small picture of units, people and roles in plain Python, which foretells what the services accept."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from lms.kernel.clock import SHANGHAI

GIVES = {
    "unit_admin": {
        "unit_admin", "uploader", "province_reviewer", "national_reviewer", "class_manager", "class_tutor",
        "teacher_pool_editor",
    },
    "security_admin": {"system_admin", "security_admin", "audit_admin", "unit_admin"},
}  # fmt: skip
PLACES = {
    "province_reviewer": {"province", "industry"},
    "national_reviewer": {"national"},
    "system_admin": {"national"},
    "security_admin": {"national"},
    "audit_admin": {"national"},
}
SEPARATED = {"system_admin", "security_admin", "audit_admin"}
ROLES = ("unit_admin", "security_admin", "system_admin", "audit_admin", "uploader", "province_reviewer", "class_tutor")
EDITORS = {"unit_admin", "system_admin"}
CODE_ISSUERS = {"unit_admin", "system_admin", "class_tutor"}
RANKS = {"national": 0, "province": 1, "city": 2, "unit": 5}


@dataclass
class Unit:
    """A unit of the picture."""

    id: UUID
    parent: UUID | None
    kind: str
    name: str
    state: str = "open"
    into: UUID | None = None


@dataclass
class Person:
    """A person of the picture: `spans` are the primary memberships, `listed` the unit of today."""

    id: UUID
    account_id: UUID
    username: str
    password: str
    listed: UUID
    spans: list[tuple[UUID, date, date | None]]
    state: str = "active"
    code: str = ""
    code_ends: datetime | None = None
    code_by: UUID | None = None
    confirmed: bool = False
    earlier: list[str] = field(default_factory=list)
    into: "Person | None" = None

    @property
    def stands(self) -> UUID:
        """The unit under which they are found: whoever turned out to be another stands where that one works."""
        return self.into.stands if self.into else self.listed

    @property
    def gone(self) -> bool:
        """Whether they were joined with another, or left."""
        return self.state in {"merged", "closed"}


@dataclass
class Grant:
    """A role of the picture."""

    id: UUID
    person: UUID
    role: str
    unit: UUID
    from_at: datetime
    until_at: datetime | None
    ended: bool = False
    taken_at: datetime | None = None  # when somebody else ended it

    def guards(self, now: datetime) -> bool:
        """Whether it keeps its holder's account out of others' reach: while it holds or will, and a day after it was taken."""
        return self.coming(now) or (self.taken_at is not None and self.taken_at > now - timedelta(hours=24))

    def end(self, by: UUID | None, now: datetime) -> None:
        """Somebody, or the platform, ended it."""
        self.ended, self.taken_at = True, None if by in {None, self.person} else now

    def coming(self, now: datetime) -> bool:
        """Whether it holds or will."""
        return not self.ended and (self.until_at is None or self.until_at > now)

    def holds(self, now: datetime) -> bool:
        """Whether it holds."""
        return self.coming(now) and self.from_at <= now

    def overlaps(self, from_at: datetime, until_at: datetime | None) -> bool:
        """Whether it shares a moment with a span."""
        return (self.until_at is None or self.until_at > from_at) and (until_at is None or until_at > self.from_at)


@dataclass
class World:
    """Everything that is there."""

    units: dict[UUID, Unit] = field(default_factory=dict)
    people: dict[UUID, Person] = field(default_factory=dict)
    grants: list[Grant] = field(default_factory=list)

    def chain(self, unit_id: UUID) -> list[UUID]:
        """The unit and all above it."""
        found: list[UUID] = []
        at: UUID | None = unit_id
        while at is not None:
            found.append(at)
            at = self.units[at].parent
        return found

    def covers(self, over: UUID, unit_id: UUID) -> bool:
        """Whether a unit is another one or stands above it."""
        return over in self.chain(unit_id)

    def held(self, person_id: UUID, now: datetime) -> list[Grant]:
        """What a person may use now."""
        if self.people[person_id].state != "active":
            return []
        return [one for one in self.grants if one.person == person_id and one.holds(now)]

    def reaches(self, who: UUID, person_id: UUID, roles: set[str], now: datetime) -> bool:
        """Whether one of these roles brings somebody to a person."""
        listed = self.people[person_id].stands
        return any(one.role in roles and self.covers(one.unit, listed) for one in self.held(who, now))

    def outranks(self, who: UUID, other: UUID, now: datetime) -> bool:
        """Whether somebody stands above each role that the other holds or will hold: gives it, and is not given by it there."""
        if self.people[who].state != "active":
            return False
        return all(
            any(
                theirs.role in GIVES.get(one.role, ())
                and self.covers(one.unit, theirs.unit)
                and not (one.unit == theirs.unit and one.role in GIVES.get(theirs.role, ()))
                for one in self.held(who, now)
            )
            for theirs in self.grants
            if theirs.person == other and theirs.guards(now)
        )

    def may_act(self, who: UUID, person_id: UUID, now: datetime, *, account: bool) -> bool:
        """Whether somebody may act on a person as staff."""
        return (
            self.reaches(who, person_id, EDITORS, now)
            and who != person_id
            and not self.people[person_id].gone
            and (not account or self.outranks(who, person_id, now))
        )

    def may_give(self, who: UUID, role: str, unit: Unit, now: datetime) -> bool:
        """Whether somebody may give, or end, a role over a unit."""
        return unit.kind in PLACES.get(role, RANKS) and any(
            role in GIVES.get(one.role, ()) and self.covers(one.unit, unit.id) for one in self.held(who, now)
        )

    def accepts_grant(
        self, who: UUID, whom: UUID, role: str, unit: Unit, span: tuple[datetime, datetime | None], now: datetime
    ) -> bool:
        """Whether a role is given."""
        from_at, until_at = span
        person = self.people[whom]
        scopes = [one.unit for one in self.held(who, now) if one.role in GIVES]
        in_reach = all(any(self.covers(over, at) for over in scopes) for at in (unit.id, person.stands))
        theirs = [one for one in self.grants if one.person == whom and not one.ended]
        beside = {one.role for one in theirs if one.overlaps(from_at, until_at)} - {role}
        same = [one for one in theirs if (one.role, one.unit) == (role, unit.id)]
        return (
            (until_at is None or (until_at > from_at and until_at > now))
            and who != whom
            and in_reach
            and unit.state == "open"
            and person.state == "active"
            and (unit.parent is not None or person.confirmed)
            and self.lasts(who, role, unit, span, now)
            and self.may_give(who, role, unit, now)
            and not (beside and (role in SEPARATED or beside & SEPARATED))
            and all(one.until_at is not None and one.until_at <= from_at for one in same)
        )

    def lasts(self, who: UUID, role: str, unit: Unit, span: tuple[datetime, datetime | None], now: datetime) -> bool:
        """Whether a role ends with the last grant by which it is given."""
        from_at, until_at = span
        ends = [
            one.until_at
            for one in self.held(who, now)
            if role in GIVES.get(one.role, ()) and self.covers(one.unit, unit.id)
        ]
        last = max((one for one in ends if one is not None), default=now)
        return None in ends or (from_at < last and until_at is not None and until_at <= last)

    def last(self, person_id: UUID, role: str, now: datetime) -> bool:
        """Whether nobody but this person holds a lasting national role."""
        holders = {
            one.person
            for one in self.grants
            if one.role == role
            and one.role in {"unit_admin", "security_admin"}
            and self.units[one.unit].parent is None
            and one.until_at is None
            and one.holds(now)
            and self.people[one.person].state == "active"
        }
        return holders == {person_id}

    def spared(self, person_id: UUID, now: datetime) -> bool:
        """Whether the person's account may end."""
        return not any(self.last(person_id, role, now) for role in ("unit_admin", "security_admin"))

    def spans_after(
        self, person: Person, unit: Unit, from_on: date, today: date, edited: Callable[[Unit], bool]
    ) -> list[tuple[UUID, date, date | None]] | None:
        """The primary memberships after a move, which takes back plans that would begin later; None when it is refused."""
        spans = list(person.spans)
        while spans[-1][1] > today:
            planned, begun, _ = spans[-1]
            if not edited(self.units[planned]):
                return None
            if from_on >= begun or len(spans) == 1 or self.units[spans[-2][0]].state != "open":
                break
            spans[-2:] = [(*spans[-2][:2], None)]
        held, begun, _ = spans[-1]
        if held == unit.id:
            return spans if spans != person.spans and from_on >= begun else None
        if unit.state != "open" or from_on < begun or (from_on - today).days > 366:
            return None
        return _held_on_a_day([*spans[:-1], (held, begun, from_on), (unit.id, from_on, None)])

    def carries_roles(self, who: UUID, moving: Unit, to: Unit, now: datetime) -> bool:
        """Whether somebody may give a subtree another place: with roles in it, only who gives roles at both places."""
        givers = [one.unit for one in self.held(who, now) if one.role in GIVES]
        return all(any(self.covers(over, place.id) for over in givers) for place in (moving, to)) or not any(
            one.coming(now) and self.covers(moving.id, one.unit) for one in self.grants
        )

    def end_role(self, grant: Grant, by: UUID | None, now: datetime) -> None:
        """A role ends, and the codes that its holder made end with it."""
        grant.end(by, now)
        for person in self.people.values():
            if person.code_by == grant.person:
                person.code = ""

    def end_roles_below(self, unit: Unit, by: UUID | None, now: datetime) -> None:
        """Nobody holds a role over a unit that is closed."""
        for grant in self.grants:
            if grant.coming(now) and self.covers(unit.id, grant.unit):
                self.end_role(grant, by, now)

    def settle(self, today: date) -> None:
        """Planned memberships that have begun are listed."""
        for person in self.people.values():
            for unit_id, begun, ended in person.spans:
                if begun <= today and (ended is None or ended > today) and self.units[unit_id].state != "merged":
                    person.listed = unit_id

    def merge(self, gone: Unit, into: Unit, by: UUID | None, now: datetime) -> None:
        """A unit becomes part of another with all below it and all who belong to it; roles over it end."""
        today = day_of(now)
        for grant in self.grants:
            if grant.unit == gone.id and grant.coming(now):
                self.end_role(grant, by, now)
        gone.state, gone.into = "merged", into.id
        for unit in self.units.values():
            if unit.parent == gone.id:
                unit.parent = into.id
        for person in self.people.values():
            spans = list(person.spans)
            for held, begun, ended in person.spans:
                if held == gone.id and (ended is None or ended > today):
                    moved, at = max(begun, today), spans.index((held, begun, ended))
                    spans[at : at + 1] = _held_on_a_day([(held, begun, moved), (into.id, moved, ended)])
            person.spans = spans
            if person.listed == gone.id:
                person.listed = into.id


def _held_on_a_day(spans: list[tuple[UUID, date, date | None]]) -> list[tuple[UUID, date, date | None]]:
    return [span for span in spans if span[1] != span[2]]


def day_of(now: datetime) -> date:
    """The day in China."""
    return now.astimezone(SHANGHAI).date()
