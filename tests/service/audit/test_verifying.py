"""Whoever changes the database beside the platform is found out, and an untouched one is clean. T12, requirement 69."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from flask import Flask
from sqlalchemy import delete, insert, select, update

from lms.audit import service
from lms.audit.domain.findings import Kind, Report
from lms.audit.service.verifying import NEWEST
from lms.exams.models import AttemptRow, ScoreRow
from lms.hours.models import CreditEntryRow
from lms.infra import db
from lms.infra.db import unit_of_work
from lms.kernel import ids
from lms.questionbank.models import ItemVersionRow
from tests.service.audit.tampering import AUDIT, MARKS, SEALS, Attacker, dump, official, put_back, without_triggers
from tests.service.audit.world import NOW, SEAL_AT, VERIFY_AT, add_entries, make_world, seal_in_batches

SEED = 20261121
ACTS = 100


@pytest.fixture
def world(clean: Flask, seal_log: Path) -> Iterator[Path]:
    """Everything official once, sealed in three batches."""
    make_world()
    seal_in_batches(seal_log)
    return seal_log


def verify(log: Path) -> Report:
    return service.verify(log, now=VERIFY_AT)


def test_an_untouched_database_is_clean_after_everything_official_has_happened(world: Path) -> None:
    report = verify(world)
    assert report.ok, report.findings
    assert report.last_seal == 3
    assert not report.notes
    assert {"audit", "hours", "results", "certificates", "content", "lectures", "seals"} <= set(report.checked)
    with db.engine().connect() as connection:
        for source in service.sources():
            assert connection.execute(select(source.table).limit(1)).first() is not None, (
                f"the world has no {source.name}"
            )


def test_rows_that_wait_for_their_seal_are_checked_and_an_idle_sealer_is_told(world: Path) -> None:
    add_entries(2, at=SEAL_AT)
    report = verify(world)
    assert report.ok
    assert len(report.notes) == 1
    with without_triggers() as connection:
        connection.execute(update(AUDIT).where(AUDIT.c.seal_no.is_(None)).values(result="refused"))
    assert verify(world).counts == {Kind.ALTERED: 2}


def hunt(log: Path, acts: int, seed: int) -> None:
    """Each act is undone before the next one."""
    before = dump(official())
    attacker = Attacker(Random(seed), before)
    unseen = []
    for _ in range(acts):
        done = attacker.act()
        report = verify(log)
        if report.ok or not report.findings or report.as_data()["first"] is None:
            unseen.append(done)
        put_back(attacker.touched, before)
    assert not unseen, f"{len(unseen)} of {acts} were not reported: {unseen}"
    assert verify(log).ok


def test_whatever_somebody_with_the_database_does_is_reported(world: Path) -> None:
    hunt(world, ACTS, SEED)


def test_the_first_bad_row_is_named(world: Path) -> None:
    with db.engine().connect() as connection:
        earned = select(CreditEntryRow.id).where(CreditEntryRow.reversal_of.is_(None)).limit(1)
        entry_id = connection.execute(earned).scalar_one()
    with without_triggers() as connection:
        connection.execute(update(CreditEntryRow).where(CreditEntryRow.id == entry_id).values(hours=99_00))
    report = verify(world)
    assert report.counts == {Kind.ALTERED: 1}
    assert (report.findings[0].source, report.findings[0].row) == ("credit_entry", entry_id.hex)
    assert json.loads(json.dumps(report.as_data()))["first"]["row"] == entry_id.hex


def test_a_score_that_goes_to_somebody_else_is_reported(world: Path) -> None:
    with without_triggers() as connection:
        scored = select(ScoreRow.attempt_id)
        connection.execute(update(AttemptRow).where(AttemptRow.id.in_(scored)).values(person_id=ids.new_id(NOW)))
    assert verify(world).counts == {Kind.ALTERED: 1}


def test_a_deleted_row_is_named_by_its_mark_and_with_the_mark_by_the_seal(world: Path) -> None:
    with without_triggers() as connection:
        connection.execute(delete(ScoreRow))
    report = verify(world)
    assert report.counts == {Kind.DELETED: 1}
    with without_triggers() as connection:
        connection.execute(delete(MARKS).where(MARKS.c.source == "score"))
    report = verify(world)
    assert report.counts == {Kind.BATCH: 1}
    assert ": 1 rows" not in report.findings[0].detail
    assert report.findings[0].row == "1"


def test_a_mark_of_no_official_table_is_reported_before_any_seal_takes_it_in(world: Path) -> None:
    with without_triggers() as connection:
        mark = connection.execute(select(MARKS).limit(1)).mappings().one()
        forged = {"id": ids.new_id(NOW), "source": "no_such_table", "seal_no": None}
        connection.execute(insert(MARKS).values({**mark, **forged}))
    report = verify(world)
    assert report.counts == {Kind.MARKS: 1}
    assert (report.findings[0].source, report.findings[0].row) == ("no_such_table", mark["row_id"])


def test_an_older_state_that_is_put_back_with_its_own_mark_is_reported(world: Path) -> None:
    """The attempt was marked open and graded; the mark of the open one is genuine and of no more use."""
    with without_triggers() as connection:
        connection.execute(update(AttemptRow).values(state="open", submitted_at=None, submitted_by=None))
        connection.execute(delete(MARKS).where(MARKS.c.source == "attempt", MARKS.c.version == 2))
    assert verify(world).counts == {Kind.BATCH: 1}


def test_content_that_was_changed_after_its_approval_is_reported(world: Path) -> None:
    with without_triggers() as connection:
        done = connection.execute(update(ItemVersionRow).where(ItemVersionRow.ref == "C4-002").values(answer=["F"]))
        assert done.rowcount
    report = verify(world)
    assert report.counts == {Kind.CONTENT: 1}
    assert report.findings[0].source == "lecture"


def test_a_row_with_a_forged_mark_is_reported(world: Path) -> None:
    with db.engine().connect() as connection:
        row = dict(
            connection.execute(select(CreditEntryRow.__table__).where(CreditEntryRow.reversal_of.is_(None)).limit(1))
            .mappings()
            .one()
        )
    forged = row | {"id": ids.new_id(NOW), "round": 7}
    with without_triggers() as connection:
        connection.execute(insert(CreditEntryRow.__table__).values(forged))
    assert verify(world).counts == {Kind.UNMARKED: 1}
    with without_triggers() as connection:
        mark = {"source": "credit_entry", "row_id": forged["id"].hex, "version": 1, "mac": "0" * 64, "seal_no": None}
        connection.execute(insert(MARKS).values(mark | {"id": ids.new_id(NOW)}))
    assert verify(world).counts == {Kind.ALTERED: 1}


@pytest.mark.parametrize(
    ("first", "kinds"),
    [(3, {Kind.CUT}), (1, {Kind.CUT})],
    ids=["the newest seal", "every seal"],
)
def test_a_cut_tail_is_known_from_the_log_outside(world: Path, first: int, kinds: set[Kind]) -> None:
    with without_triggers() as connection:
        connection.execute(delete(SEALS).where(SEALS.c.no >= first))
        for table in (AUDIT, MARKS):
            connection.execute(update(table).where(table.c.seal_no >= first).values(seal_no=None))
    assert set(verify(world).counts) == kinds
    service.seal_all(world, now=VERIFY_AT)
    report = verify(world)
    assert not report.ok, "sealing again does not cover it up"


def test_seals_that_change_places_break_the_chain(world: Path) -> None:
    with without_triggers() as connection:
        for before, after in ((2, 9), (3, 2), (9, 3)):
            connection.execute(update(SEALS).where(SEALS.c.no == before).values(no=after))
    assert {Kind.CHAIN, Kind.SEAL} <= set(verify(world).counts)


def other_head(line: str) -> str:
    return line[:-1] + ("1" if line.endswith("0") else "0")


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda lines: lines[:-1], None),
        (lambda lines: lines[1:], Kind.LOG),
        (lambda lines: [], Kind.LOG),
        (lambda lines: [lines[0], other_head(lines[1]), lines[2]], Kind.LOG),
        (lambda lines: [*lines, "4 2026-11-21T05:00:00.000Z 1 " + "0" * 64], Kind.CUT),
        (lambda lines: [*lines, "was soll das"], Kind.LOG),
        (lambda lines: [*lines, other_head(lines[1])], Kind.LOG),
    ],
    ids=[
        "a line of a minute ago",
        "the oldest line",
        "no line",
        "another head",
        "a head too many",
        "nonsense",
        "a second head",
    ],
)
def test_a_log_that_says_otherwise_is_reported(world: Path, change: object, kind: Kind | None) -> None:
    lines = world.read_text().splitlines()
    world.write_text("".join(f"{line}\n" for line in change(lines)))  # type: ignore[operator]  # a function of lines
    now = SEAL_AT + timedelta(minutes=3) if kind is None else VERIFY_AT
    counts = service.verify(world, now=now).counts
    assert set(counts) == (set() if kind is None else {kind})


def test_official_rows_are_added_as_objects(clean: Flask) -> None:
    with pytest.raises(TypeError, match="add rows to the session"), unit_of_work() as session:
        session.execute(insert(ScoreRow).values(attempt_id=ids.new_id(NOW)))


def test_a_clock_that_is_set_back_excuses_no_log_that_was_cut(world: Path) -> None:
    lines = world.read_text().splitlines(keepends=True)
    world.write_text(lines[0])
    report = service.verify(world, now=SEAL_AT - timedelta(days=2))
    assert report.counts[Kind.TIME] == 3


def test_seals_follow_each_other_in_time(world: Path) -> None:
    add_entries(1, at=SEAL_AT)
    service.seal(world, now=SEAL_AT - timedelta(days=30))
    report = verify(world)
    assert report.counts == {Kind.TIME: 1}
    assert report.findings[0].row == "4"


def test_only_the_newest_seals_may_still_wait_for_their_line(world: Path) -> None:
    for _time in range(NEWEST + 2):
        add_entries(1, at=SEAL_AT)
        service.seal(world, now=SEAL_AT)
    kept = world.read_text().splitlines(keepends=True)[:3]
    world.write_text("".join(kept))
    report = service.verify(world, now=SEAL_AT)
    assert report.counts == {Kind.LOG: 2}
