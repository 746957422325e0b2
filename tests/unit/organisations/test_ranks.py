"""Each kind of union stands only below a higher one."""

import pytest

from lms.organisations.domain import ranks


@pytest.mark.parametrize(
    ("parent", "below"),
    [
        ("national", ("province", "industry", "city", "county", "township", "unit")),
        ("province", ("city", "county", "township", "unit")),
        ("industry", ("city", "county", "township", "unit")),
        ("city", ("county", "township", "unit")),
        ("county", ("township", "unit")),
        ("township", ("unit",)),
        ("unit", ()),
    ],
)
def test_what_may_be_founded_below(parent: str, below: tuple[str, ...]) -> None:
    assert ranks.kinds_below(parent) == below
    assert ranks.has_units_below(parent) == bool(below)


def test_provinces_and_industries_are_founded_by_nobody() -> None:
    assert ranks.founded_below("national") == ("city", "county", "township", "unit")


def test_nothing_unknown_stands_anywhere() -> None:
    assert not ranks.may_stand_below("club", "province")
    assert not ranks.may_stand_below("unit", "club")


def test_every_kind_can_be_named_in_a_spreadsheet() -> None:
    assert {ranks.KIND_OF_NAME[name] for name in ranks.KIND_NAMES.values()} == set(ranks.KINDS)
