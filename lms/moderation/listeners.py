"""Follows the tree of unions: what a unit handed in goes where the unit goes."""

from datetime import datetime

from lms.moderation import service
from lms.organisations.events import units_moved


@units_moved.connect
def _on_units_moved(_sender: object, moves: list[tuple[str, str]], at: datetime) -> None:
    service.follow_moves(moves)
