"""The attacks of T6 through the JSON interface, and the judge who says what each of them earned."""

from tests.factories.watch_attacks import alone, many_hands, own, tokens
from tests.factories.watch_attacks.world import Attack, Place

ATTACKS: tuple[Attack, ...] = (*alone.ATTACKS, *many_hands.ATTACKS, *tokens.ATTACKS, *own.ATTACKS)
"""The 24 of reliability.md by their numbers, then those that were thought of here."""

__all__ = ["ATTACKS", "Attack", "Place"]
