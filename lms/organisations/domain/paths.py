"""The materialised path of a unit: the chain of short ids from the root, each ended by a slash ("/0a1b2c3d4e/…/")."""

from uuid import UUID


def path_of(unit_id: UUID, parent_path: str | None) -> str:
    """The path of a unit below `parent_path` (None for the root). Its own part never changes in its life."""
    return f"{parent_path or '/'}{unit_id.hex[-10:]}/"


def own_part(path: str) -> str:
    """The last part of a path, with its slash."""
    return path.rstrip("/").rsplit("/", 1)[-1] + "/"


def ancestors(path: str) -> tuple[str, ...]:
    """The paths of all units above, from the root down, without the unit itself."""
    parts = path.strip("/").split("/")
    return tuple("/" + "/".join(parts[:count]) + "/" for count in range(1, len(parts)))
