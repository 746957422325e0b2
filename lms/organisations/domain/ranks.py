"""What kinds of unions there are, and which may stand below which."""

KINDS = ("national", "province", "industry", "city", "county", "township", "unit")
RANKS = {"national": 0, "province": 1, "industry": 1, "city": 2, "county": 3, "township": 4, "unit": 5}
"""A unit stands below one of a smaller rank; ranks may be left out (a unit right below a province)."""
KIND_NAMES = {
    "national": "全国总工会",
    "province": "省级工会",
    "industry": "全国产业工会",
    "city": "市级工会",
    "county": "县级工会",
    "township": "乡镇（街道）工会",
    "unit": "单位工会",
}
"""The words by which spreadsheets name the kinds."""
KIND_OF_NAME = {name: kind for kind, name in KIND_NAMES.items()} | {
    "乡镇工会": "township",
    "街道工会": "township",
    "基层工会": "unit",
    "单位": "unit",
}


FOUNDED = ("city", "county", "township", "unit")
"""What administrators found; provinces and industry unions come with the product, for certificates are numbered by their codes."""


def may_stand_below(kind: str, parent_kind: str) -> bool:
    """Whether a unit of `kind` may stand below one of `parent_kind`. An unknown kind stands nowhere."""
    return kind in RANKS and parent_kind in RANKS and RANKS[kind] > RANKS[parent_kind]


def kinds_below(parent_kind: str) -> tuple[str, ...]:
    """The kinds that may be founded below `parent_kind`, the highest first."""
    return tuple(kind for kind in KINDS if may_stand_below(kind, parent_kind))


def founded_below(parent_kind: str) -> tuple[str, ...]:
    """The kinds that administrators may found below `parent_kind`, the highest first."""
    return tuple(kind for kind in kinds_below(parent_kind) if kind in FOUNDED)


def has_units_below(kind: str) -> bool:
    """Whether a unit of this kind may have others below it."""
    return bool(kinds_below(kind))
