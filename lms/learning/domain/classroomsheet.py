"""The sheet of a session: one line for each presence, in one form that can be hashed, printed and credited from."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from lms.learning.domain.classroom import Play


@dataclass(frozen=True, slots=True)
class Line:
    """Who was there from when to when, by which way they signed in, and the SHA-256 of the photo that shows it."""

    attendance_id: UUID
    person_id: UUID
    name: str
    unit_name: str
    way: str
    came_at: datetime
    left_at: datetime
    photo: str = ""


def plain(line: Line) -> dict[str, Any]:
    """A line as it is stored."""
    values = asdict(line)
    for name in ("attendance_id", "person_id"):
        values[name] = str(values[name])
    for name in ("came_at", "left_at"):
        values[name] = values[name].isoformat(timespec="milliseconds")
    return values


def line(stored: Mapping[str, Any]) -> Line:
    """A line from what `plain` gave."""
    return Line(
        attendance_id=UUID(stored["attendance_id"]),
        person_id=UUID(stored["person_id"]),
        name=stored["name"],
        unit_name=stored["unit_name"],
        way=stored["way"],
        came_at=datetime.fromisoformat(stored["came_at"]),
        left_at=datetime.fromisoformat(stored["left_at"]),
        photo=stored["photo"],
    )


def digest(
    session: Mapping[str, Any],
    people: Sequence[Mapping[str, Any]],
    plays: Iterable[Sequence[int]],
    photos: Sequence[str],
) -> str:
    """The SHA-256 over all that a sheet says, in hex; it is printed on it and repeated by who signs."""
    body = {"session": session, "people": list(people), "plays": [list(play) for play in plays], "photos": list(photos)}
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def rows(plays: Iterable[Play]) -> list[list[int]]:
    """Plays as they are stored."""
    return [[play.real_from, play.real_to, play.media_from] for play in plays]


def plays(stored: Iterable[Sequence[int]]) -> tuple[Play, ...]:
    """Plays from what `rows` gave."""
    return tuple(Play(*row) for row in stored)
