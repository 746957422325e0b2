"""The same training twice is found however it is written; other trainings on the same days are told."""

from datetime import date
from uuid import UUID

import pytest

from lms.offline.domain.overlaps import Held, clashes, plain

ME, THIS, OTHER = (UUID(int=number) for number in range(1, 4))


def on(day: int) -> date:
    return date(2026, 3, day)


@pytest.mark.parametrize(
    ("title", "days", "same"),
    [
        pytest.param("工会干部培训班（第一期）", (10, 12), [True], id="SAME"),
        pytest.param("工会干部培训班 第1期", (10, 12), [False], id="OTHER_NUMBER"),
        pytest.param("工会干部培训班(第一期)。", (10, 12), [True], id="WRITTEN_OTHERWISE"),
        pytest.param("工会干部培训班（第一期）", (11, 12), [False], id="OTHER_DAYS"),
        pytest.param("财务培训", (12, 14), [False], id="ONE_DAY_SHARED"),
        pytest.param("财务培训", (13, 14), [], id="NO_DAY_SHARED"),
        pytest.param("财务培训", (1, 9), [], id="BEFORE"),
    ],
)
def test_clashes(title: str, days: tuple[int, int], same: list[bool]) -> None:
    held = [Held(ME, OTHER, title, "centralized", on(days[0]), on(days[1]))]
    found = clashes(THIS, "工会干部培训班（第一期）", on(10), on(12), held)
    assert [one.same for one in found] == same


def test_the_other_kind_does_not_make_it_another_training() -> None:
    held = [Held(ME, OTHER, "专题班", "self_study", on(10), on(12))]
    assert [one.same for one in clashes(THIS, "专题班", on(10), on(12), held)] == [True]


def test_a_training_does_not_clash_with_itself() -> None:
    assert not clashes(THIS, "班", on(10), on(12), [Held(ME, THIS, "班", "centralized", on(10), on(12))])


@pytest.mark.parametrize(
    ("one", "other"), [("ＡＢＣ 培训", "abc培训"), ("培训班", "培训"), ("《劳动法》学习", "劳动法 学习")]
)
def test_titles_that_read_alike_are_alike(one: str, other: str) -> None:
    assert plain(one) == plain(other)


def test_a_title_of_small_words_is_still_one() -> None:
    assert plain("班") != plain("期")
