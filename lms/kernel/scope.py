"""Scopes are paths in the tree of unions: a holder at a path reaches that unit and all below it."""


def covers(holder_path: str, target_path: str) -> bool:
    """Whether `target_path` lies in the subtree of `holder_path`; paths look like "/a/b/" and end with a slash."""
    return holder_path != "" and holder_path.endswith("/") and target_path.startswith(holder_path)
