"""Scopes are paths in the tree of unions: a holder at a path reaches that unit and all below it."""

from collections.abc import Iterable


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
