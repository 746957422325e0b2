"""Decides whether a unit lies in the reach of a role's holder."""

from lms.kernel import scope


def covers(holder: str, target: str) -> bool:
    """Whether the path `target` is the unit at the path `holder` or lies below it.

    Paths are those of the organisation tree ("/nation/province/"). What is no such path reaches nothing and is
    reached by nobody.
    """
    return _is_path(holder) and _is_path(target) and scope.covers(holder, target)


def _is_path(text: str) -> bool:
    return len(text) > 2 and text[0] == text[-1] == "/" and "//" not in text
