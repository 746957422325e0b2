"""How a unit's name is kept, and the terms under which it is found."""

from unicodedata import category, normalize

from lms.kernel.texts import is_invisible

MAX_NAME = 120
TERM = 16
"""Characters of a search that count; what is longer is compared as far as this."""


def tidy(text: str) -> str:
    """The name as it is stored: as typed, without characters that draw nothing, runs of blanks as one."""
    drawn = "".join(" " if c.isspace() else c for c in text if c.isspace() or not is_invisible(c))
    return " ".join(drawn.split())


def folded(text: str) -> str:
    """The form in which names and searches are compared: half width, lower case, no blanks or punctuation."""
    return "".join(c for c in normalize("NFKC", tidy(text)).lower() if c.isalnum() or category(c)[0] == "M")


TIERS = (0, 1, 2, 3)


def tier_of(place: int, *, union: bool) -> int:
    """How early a stranger is shown a name that fits at `place`: unions above units, and beginnings above other parts."""
    return (0 if union else 2) + (0 if place == 0 else 1)


def terms_of(name: str) -> tuple[str, ...]:
    """What follows each place of a name, cut to TERM characters: a part of the name is the beginning of one of them.

    The first one is the name itself from its beginning.
    """
    plain = folded(name)
    return tuple(dict.fromkeys(plain[place : place + TERM] for place in range(len(plain))))
