"""How large a bank, an item, a lecture may be: the bounds that every reader of foreign text is given."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Upper bounds of what is read; lengths are in characters."""

    max_text: int = 2_000_000
    max_problems: int = 200
    max_items: int = 500
    max_ref: int = 40
    max_stem: int = 2_000
    max_option: int = 500
    max_explanation: int = 2_000
    max_short_text: int = 200
    max_sources: int = 12
    min_options: int = 2
    max_options: int = 8
    max_slides: int = 60
    max_bullets: int = 4
    max_bullet: int = 22
    max_sentence: int = 34
    max_outline: int = 30


LIMITS = Limits()
