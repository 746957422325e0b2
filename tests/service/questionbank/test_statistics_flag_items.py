"""What exams say of items is kept once, goes when it no longer holds, and is settled by a look or by a newer version."""

from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask

from lms.infra.db import reading, unit_of_work
from lms.questionbank import queries, service
from lms.questionbank.domain.itemstatistics import Signal
from lms.questionbank.queries import ItemFilter
from tests.factories.items import BANK, Desk, go_through, make_desk, publish, typed_item, version
from tests.factories.people import NOW, make_land

LATER = NOW + timedelta(days=1)


@pytest.fixture
def desk(clean: Flask) -> Desk:
    return make_desk(make_land())


@pytest.fixture
def version_id(desk: Desk) -> UUID:
    return publish(desk, typed_item("甲"))


def keep(version_id: UUID, *signals: Signal) -> tuple[Signal, ...]:
    with unit_of_work() as session:
        return service.keep_signals(session, {version_id: signals}, now=LATER).get(version_id, ())


def signalled(version_id: UUID) -> tuple[Signal, ...]:
    """What the item's page shows; the list with the filter shows the same item with the same signals."""
    with reading() as session:
        found = queries.open_signals(session, queries.version(session, version_id).item_id)
        lines = queries.item_lines(session, BANK, ItemFilter(signalled=True), today=NOW.date(), limit=5)
    shown = found.signals if found else ()
    assert [one.signals for one in lines] == ([shown] if shown else [])
    return shown


def settle(desk: Desk, version_id: UUID) -> None:
    service.settle(version_id, BANK, actor_id=desk.author.person_id, now=LATER)


def test_keeping_the_same_again_tells_nothing_new(version_id: UUID) -> None:
    assert keep(version_id, Signal.HARD, Signal.WEAK) == (Signal.HARD, Signal.WEAK)
    assert keep(version_id, Signal.HARD, Signal.WEAK) == ()
    assert signalled(version_id) == (Signal.HARD, Signal.WEAK)


def test_what_no_longer_holds_goes(version_id: UUID) -> None:
    keep(version_id, Signal.HARD)
    assert keep(version_id) == () and signalled(version_id) == ()
    assert keep(version_id, Signal.HARD) == (Signal.HARD,)


def test_what_was_settled_stays_so_until_something_new_is_found(desk: Desk, version_id: UUID) -> None:
    keep(version_id, Signal.HARD, Signal.WEAK)
    settle(desk, version_id)
    assert signalled(version_id) == ()
    keep(version_id, Signal.HARD, Signal.WEAK)
    keep(version_id, Signal.WEAK)
    assert signalled(version_id) == (), "less than what somebody looked at is nothing new"
    assert keep(version_id, Signal.WEAK, Signal.DISTRACTOR) == (Signal.DISTRACTOR,)
    assert signalled(version_id) == (Signal.WEAK, Signal.DISTRACTOR)


def test_publishing_a_new_version_settles_it_and_late_papers_do_not_bring_it_back(desk: Desk, version_id: UUID) -> None:
    keep(version_id, Signal.HARD)
    newer = service.save(
        version_id,
        BANK,
        typed_item("甲改"),
        token=version(version_id).token,
        author_id=desk.author.person_id,
        now=LATER,
    )
    assert signalled(newer) == (Signal.HARD,), "the old version is still drawn"
    go_through(desk, newer, now=LATER)
    assert signalled(newer) == ()
    keep(version_id, Signal.HARD, Signal.WEAK)
    assert signalled(newer) == ()


def test_statistics_and_a_changed_law_flag_an_item_side_by_side(desk: Desk, version_id: UUID) -> None:
    keep(version_id, Signal.EASY)
    service.flag(version_id, BANK, reason="工会法修正", actor_id=desk.author.person_id, now=LATER)
    with reading() as session:
        (line,) = queries.item_lines(session, BANK, ItemFilter(flagged=True), today=NOW.date(), limit=5)
    assert (line.flag, line.signals) == ("工会法修正", (Signal.EASY,))
    settle(desk, version_id)
    with reading() as session:
        assert queries.open_flag(session, line.item_id) is None
    assert signalled(version_id) == ()
