"""Who asks and about whose things, and the words that the file of the matrix has for both."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from lms.kernel.principal import Principal
from lms.kernel.scope import covers
from lms.organisations.queries import Unit

ABSENT = UUID("00000000-0000-7000-8000-00000000abcd")
ONLY_OWN = {"uploader", "disabled", "expired"}
"""Who sees nothing but what is theirs, although a role of theirs has a unit."""
PLACES = ("own", "same unit", "other unit", "other province", "absent")


@dataclass
class Holder:
    """Somebody and what is theirs, by the name that a variable in an address has."""

    person: Principal
    unit: Unit
    canary: str
    id_number: str
    things: dict[str, UUID | str] = field(default_factory=dict)


@dataclass(frozen=True)
class Actor:
    """A column of the matrix: somebody with a role over a unit, or nobody in particular."""

    name: str
    holder: Holder | None
    reach: tuple[str, ...] = ()
    session_id: UUID | None = None

    def hidden(self, world: "World", *, of_the_unit: bool = False) -> tuple[str, ...]:
        """The canaries that must not stand in anything sent to this actor; what is `of_the_unit` its colleagues share."""
        hidden = [
            one for one in world.witnesses.values() if not any(covers(path, one.unit.path) for path in self.reach)
        ]
        if not self.reach:
            hidden += [actor.holder for actor in world.actors if actor.holder and actor.name != self.name]
        shared = self.holder.unit.id if of_the_unit and self.holder else None
        return tuple(one.canary for one in hidden if one.unit.id != shared)


@dataclass(frozen=True)
class World:
    """Everybody who asks, and those about whose things they ask, by place."""

    actors: tuple[Actor, ...]
    witnesses: Mapping[str, Holder]

    def holder_at(self, place: str, actor: Actor) -> Holder | None:
        """Whose things stand at a place, seen from an actor."""
        return actor.holder if place == "own" else self.witnesses.get(place)
