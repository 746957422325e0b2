"""Emphasis in a stem: **不** is shown strong, so that nobody reads past a negative."""

import re
from dataclasses import dataclass

_STRONG = re.compile(r"\*\*([^*]+)\*\*")


@dataclass(frozen=True)
class Run:
    """A stretch of text, strong or not."""

    text: str
    strong: bool


def runs(text: str) -> tuple[Run, ...]:
    """The stretches of a text in order; a pair of ** marks the strong ones, single stars stay as they are."""
    found: list[Run] = []
    for position, part in enumerate(_STRONG.split(text)):
        if part:
            found.append(Run(part, strong=position % 2 == 1))
    return tuple(found)


def plain(text: str) -> str:
    """The text without its marks of emphasis."""
    return "".join(run.text for run in runs(text))
