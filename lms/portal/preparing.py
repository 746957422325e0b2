"""How far the demo's set-up is, for the note on the first page; nothing outside demo mode."""

from dataclasses import dataclass

import msgspec

from lms import settings as settings_module

STATE_FILE = "preparing.json"


@dataclass(frozen=True)
class Preparing:
    """Courses that are playable, and how many there will be."""

    ready: int
    total: int

    @property
    def done(self) -> bool:
        """Whether all are there."""
        return self.ready >= self.total


def state() -> Preparing | None:
    """None outside demo mode and once everything is there."""
    settings = settings_module.current()
    if not settings.demo:
        return None
    try:
        found = msgspec.json.decode((settings.home / STATE_FILE).read_bytes(), type=Preparing)
    except (OSError, msgspec.DecodeError):
        return None
    return None if found.done else found


def report(ready: int, total: int) -> None:
    """Stores how far the set-up is."""
    path = settings_module.current().home / STATE_FILE
    aside = path.with_suffix(".new")
    aside.write_bytes(msgspec.json.encode({"ready": ready, "total": total}))
    aside.replace(path)
