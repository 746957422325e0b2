"""A change of one person changes the figures of all units above them, and of no other."""

import pytest

from lms.reporting.domain.standings import Change, Line, Standing, Tally, differences, sums, up


def standing(path: str = "/n/p/u/", self_study: int = 0, centralized: int = 0, **told: object) -> Standing:
    return Standing(
        path, str(told.get("category", "other")), self_study, centralized, 5000, int(str(told.get("central", 0)))
    )


@pytest.mark.parametrize(
    ("path", "units"),
    [("/n/p/u/", ["/n/", "/n/p/", "/n/p/u/"]), ("/n/", ["/n/"]), ("", [])],
)
def test_units_above(path: str, units: list[str]) -> None:
    assert list(up(path)) == units


@pytest.mark.parametrize(
    ("earned", "missing", "tally"),
    [
        (standing(), 5000, Tally(1, 0, 1, 0)),
        (standing(self_study=4999), 1, Tally(1, 0, 1, 0)),
        (standing(self_study=5000), 0, Tally(1, 1, 1, 1)),
        (standing(self_study=5600, central=9000), 9000, Tally(1, 1, 0, 0)),
        (standing(self_study=0, centralized=9000, central=9000), 5000, Tally(1, 0, 1, 0)),
        (standing(path="", self_study=5000), 0, Tally()),
        (standing(self_study=-400), 5400, Tally(1, 0, 1, 0)),
    ],
)
def test_where_somebody_stands(earned: Standing, missing: int, tally: Tally) -> None:
    assert (earned.missing, earned.tally) == (missing, tally)


def test_somebody_new_is_counted_in_every_unit_above() -> None:
    found = differences([Change(2026, None, standing("/n/p/"))])
    assert found == {("/n/", 2026, "other"): Tally(1, 0, 1, 0), ("/n/p/", 2026, "other"): Tally(1, 0, 1, 0)}


def test_reaching_a_target_adds_no_person() -> None:
    found = differences([Change(2026, standing("/n/"), standing("/n/", 5000))])
    assert found == {("/n/", 2026, "other"): Tally(0, 1, 0, 1)}


def test_who_moves_leaves_the_common_units_as_they_were() -> None:
    found = differences([Change(2026, standing("/n/p/a/"), standing("/n/p/b/"))])
    assert set(found) == {("/n/p/a/", 2026, "other"), ("/n/p/b/", 2026, "other")}
    assert found["/n/p/a/", 2026, "other"] == -found["/n/p/b/", 2026, "other"]


def test_another_category_moves_within_the_unit() -> None:
    found = differences([Change(2026, standing("/n/"), standing("/n/", category="section"))])
    assert found["/n/", 2026, "other"] == -found["/n/", 2026, "section"]


def test_who_leaves_is_taken_away() -> None:
    found = differences([Change(2026, standing("/n/", 5000), standing("", 5000))])
    assert found == {("/n/", 2026, "other"): Tally(-1, -1, -1, -1)}


def test_what_stays_the_same_changes_nothing() -> None:
    assert not differences([Change(2026, standing(), standing())])
    assert not differences([Change(2026, standing(self_study=100), standing(self_study=200))])


def test_lines_add_up_in_the_unit_of_that_day_and_above() -> None:
    found = sums(
        [
            Line("/n/p/", 2026, "self_study", 400),
            Line("/n/q/", 2026, "self_study", 800),
            Line("/n/p/", 2026, "self_study", -400),
        ]
    )
    assert found == {
        ("/n/", 2026, "self_study"): (3, 800),
        ("/n/p/", 2026, "self_study"): (2, 0),
        ("/n/q/", 2026, "self_study"): (1, 800),
    }
