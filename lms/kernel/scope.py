"""Scopes are paths in the tree of unions: a holder at a path reaches that unit and all below it."""

from collections.abc import Iterable

EVERYWHERE = ("/",)
"""What the machine's own acts reach: setting up, jobs, the command line."""


def covers(holder_path: str, target_path: str) -> bool:
    """Whether `target_path` lies in the subtree of `holder_path`; paths look like "/a/b/" and end with a slash."""
    return holder_path != "" and holder_path.endswith("/") and target_path.startswith(holder_path)


def outermost(paths: Iterable[str]) -> tuple[str, ...]:
    """The paths that lie in no other one, sorted: together they reach what all of them reach."""
    kept: list[str] = []
    for path in sorted({path for path in paths if covers(path, path)}):
        if not kept or not covers(kept[-1], path):
            kept.append(path)
    return tuple(kept)


def narrowed(scopes: Iterable[str], path: str | None) -> tuple[str, ...]:
    """The outermost of some scopes, and of these what lies in the subtree of `path`; None narrows nothing."""
    outer = outermost(scopes)
    if path is None:
        return outer
    if any(covers(one, path) for one in outer):
        return (path,)
    return tuple(one for one in outer if covers(path, one))
