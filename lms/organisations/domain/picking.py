"""What somebody tells of where they belong: a unit of the list, or one that is not listed and the nearest union that is."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from lms.kernel.errors import N_
from lms.kernel.numbers import NO_NUMBERS_HERE, tells_a_number
from lms.organisations.domain import names

CHOOSE = N_("请输入单位名称的一部分，再从查到的单位中选择")
NAME_NEEDED = N_("请填写单位的全称")
NAME_TOO_LONG = N_("单位名称不能超过 120 个字")
PARENT_NEEDED = N_("请查找并选择上级工会：找不到区县的选所在市，找不到市的选所在省")
NOT_TO_CHOOSE = N_("不能选择这个单位，请重新查找")


@dataclass(frozen=True)
class Answers:
    """The fields of the picker as they were sent; texts are as typed."""

    unit_id: str = ""
    unlisted: bool = False
    unlisted_name: str = ""
    parent_id: str = ""


@dataclass(frozen=True)
class Listed:
    """The unit was chosen from the list."""

    unit_id: UUID


@dataclass(frozen=True)
class Unlisted:
    """The unit is not listed: its name, and the nearest union, to which the person belongs until it is settled."""

    name: str
    parent_id: UUID


@dataclass(frozen=True)
class Open:
    """Nothing can be made of it yet; `problems` are sentences by the name of their field."""

    problems: Mapping[str, str]


def decide(answers: Answers) -> Listed | Unlisted | Open:
    """What the answers say."""
    if not answers.unlisted:
        chosen = _id(answers.unit_id)
        return Listed(chosen) if chosen else Open({"unit_id": CHOOSE})
    problems = {}
    name = names.tidy(answers.unlisted_name)
    if not names.folded(name):
        problems["unlisted_name"] = NAME_NEEDED
    elif len(name) > names.MAX_NAME:
        problems["unlisted_name"] = NAME_TOO_LONG
    elif tells_a_number(name):
        problems["unlisted_name"] = NO_NUMBERS_HERE
    parent_id = _id(answers.parent_id)
    if parent_id is None:
        problems["parent_id"] = PARENT_NEEDED
    return Open(problems) if problems or parent_id is None else Unlisted(name, parent_id)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
