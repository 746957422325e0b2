"""What is asked of each fact about a person that staff write, and what a change of them touched."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from lms.accounts.domain.wording import CATEGORIES, EMPLOYMENTS, SEXES
from lms.kernel.errors import N_
from lms.kernel.numbers import NO_NUMBERS_HERE, tells_a_number

LONGEST = 60
EARLIEST = date(1950, 1, 1)
_MOBILE = re.compile(r"1[3-9][0-9]{9}", re.ASCII)
NEEDED = N_("请填写此项")
TOO_LONG = N_("最多 60 个字")
CODED = frozenset({"category", "employment"})
"""Facts whose old and new value may stand in the audit record; of the others only the name."""


@dataclass(frozen=True)
class Particulars:
    """The facts about a person that staff may write; `mobile` "" leaves the stored one."""

    name: str
    sex: str
    post: str
    mobile: str
    category: str
    employment: str
    appointed_on: date | None


def problems(given: Particulars, *, today: date, mobile_known: bool) -> dict[str, str]:
    """What is wrong, by field; empty when nothing is. `mobile_known`: one is stored, so that none need be given."""
    found: dict[str, str] = {}
    for field in ("name", "post"):
        value = getattr(given, field)
        if not value:
            found[field] = NEEDED
        elif len(value) > LONGEST:
            found[field] = TOO_LONG
        elif tells_a_number(value):
            found[field] = NO_NUMBERS_HERE
    for field, known in (("sex", SEXES), ("category", CATEGORIES), ("employment", EMPLOYMENTS)):
        if getattr(given, field) not in known:
            found[field] = N_("请从列出的选项中选择")
    if given.mobile or not mobile_known:
        if not given.mobile:
            found["mobile"] = NEEDED
        elif not _MOBILE.fullmatch(given.mobile):
            found["mobile"] = N_("请填写 11 位手机号码")
    if given.appointed_on is not None and not EARLIEST <= given.appointed_on <= today:
        found["appointed_on"] = N_("任职日期应在 1950 年之后，不晚于今天")
    return found


@dataclass(frozen=True)
class Change:
    """Which facts change; `before` and `after` hold the coded ones alone."""

    fields: tuple[str, ...]
    before: Mapping[str, str]
    after: Mapping[str, str]


def compare(old: Particulars, new: Particulars) -> Change:
    """What a new set of facts changes in an old one."""
    fields = tuple(
        field
        for field in ("name", "sex", "post", "mobile", "category", "employment", "appointed_on")
        if getattr(old, field) != getattr(new, field) and not (field == "mobile" and not new.mobile)
    )
    coded = [field for field in fields if field in CODED]
    return Change(
        fields, {field: getattr(old, field) for field in coded}, {field: getattr(new, field) for field in coded}
    )
