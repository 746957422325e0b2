"""What a course asks of who watches it, one version of it: how much has to be seen, how fast, and whether one is asked."""

from dataclasses import dataclass, field

from lms.learning.domain.presence import Kind, Terms


@dataclass(frozen=True, slots=True)
class WatchPolicy:
    """One version; version 0 is what holds for a course that nobody decided about.

    Percentages are whole. `seek_courtesy` and `pause_when_hidden` are manners of the player: nothing is credited by them.
    """

    version: int = 0
    threshold_percent: int = 95
    max_rate_percent: int = 100
    seek_courtesy: bool = False
    pause_when_hidden: bool = True
    presence: Terms = field(default=Terms())
    presence_kind: Kind = Kind.BUTTON


DEFAULT = WatchPolicy()
