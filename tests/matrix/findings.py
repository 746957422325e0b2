"""What a survey found; apart from all that asks, so that it can be put together by a process that asks nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.matrix.notation import Line


@dataclass
class Survey:
    """The lines of the matrix, and a sentence for each thing that is wrong, by kind."""

    lines: list[Line] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    unlike: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    still_let_in: list[str] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)  # the addresses that gave a file to somebody
    asked: int = 0
    seconds: float = 0.0  # of a processor, in the process that took longest


def merged(parts: Iterable[Survey]) -> Survey:
    """What several surveys found, as one."""
    whole = Survey()
    for part in parts:
        for name, value in vars(part).items():
            mine = getattr(whole, name)
            setattr(whole, name, max(mine, value) if name == "seconds" else mine + value)
    return whole
