"""What reading a file gave: the items that are whole, and for each of the others where it stands and what is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from lms.questionbank.domain.exchange import ExchangeItem, normal
from lms.questionbank.domain.formats.soundness import faults_of, warnings_of

MAX_ITEMS = 5_000
MAX_FAULTS = 200
MAX_XML = 24_000_000
MAX_TEXT = 4_000_000
MAX_LINES = 120_000
MESSAGE_LENGTH = 180


@dataclass(frozen=True)
class ReadItem:
    """An item, where it began, and what its author should look at."""

    item: ExchangeItem
    where: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fault:
    """Why something was not read or cannot be written: the place and one Chinese sentence."""

    where: str
    message: str


@dataclass(frozen=True)
class Reading:
    """Everything of one file."""

    items: tuple[ReadItem, ...] = ()
    faults: tuple[Fault, ...] = ()


class Refused(Exception):
    """One piece of the file is refused; the message is for its author."""


class NotCarried(Exception):
    """A format cannot carry some of the items; nothing is written."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(faults[0].message if faults else "")
        self.faults = tuple(faults)


@dataclass
class Gathering:
    """Takes items and faults while a file is read; an unsound item becomes a fault."""

    items: list[ReadItem] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    _places: dict[str, str] = field(default_factory=dict)

    @property
    def full(self) -> bool:
        """Whether reading on is of no use."""
        return len(self.items) > MAX_ITEMS or len(self.faults) >= MAX_FAULTS

    def add(self, item: ExchangeItem, where: str, warnings: Sequence[str] = ()) -> None:
        """Takes a whole item."""
        item = normal(item)
        problems = faults_of(item)
        for one in (item, *item.children):
            if one.ref and one.ref in self._places:
                problems = (*problems, f"编号 {one.ref} 与{self._places[one.ref]}重复")
            self._places.setdefault(one.ref, where)
        for message in problems:
            self.fault(where, message)
        if len(self.items) == MAX_ITEMS and not problems:
            self.fault(where, f"超过 {MAX_ITEMS} 道题，请分成几个文件")
        elif not problems:
            self.items.append(ReadItem(item, where, tuple(map(_clipped, (*warnings, *warnings_of(item))))))

    def fault(self, where: str, message: str) -> None:
        """Takes a fault; beyond the limit none is kept."""
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(Fault(where, _clipped(message)))

    def result(self) -> Reading:
        """What was gathered; a file that held nothing at all is a fault too."""
        if not self.items and not self.faults:
            self.fault("全文", "没有找到题目")
        return Reading(tuple(self.items[:MAX_ITEMS]), tuple(self.faults))


def _clipped(message: str) -> str:
    return message if len(message) <= MESSAGE_LENGTH else message[: MESSAGE_LENGTH - 1] + "…"
