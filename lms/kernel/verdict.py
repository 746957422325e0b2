"""The answer of a rule: allowed, or denied with a reason."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Allowed:
    """Yes."""

    def __bool__(self) -> bool:
        return True


@dataclass(frozen=True)
class Denied:
    """No, and why."""

    reason: str

    def __bool__(self) -> bool:
        return False


Verdict = Allowed | Denied
