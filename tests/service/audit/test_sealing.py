"""What is committed is sealed in batches, one sealer at a time, and a sealer that dies at any step leaves nothing half done."""

import fcntl
import os
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError

from lms.audit import service
from lms.audit.domain import chain
from lms.audit.models import AuditEntryRow, IntegrityMarkRow, SealRow
from lms.audit.service import sealing
from lms.infra import db
from lms.infra.db import reading, unit_of_work
from tests.factories.together import at_once
from tests.service.audit.tampering import MARKS, without_triggers
from tests.service.audit.world import NOW, add_entries, make_world

LATER = NOW + timedelta(minutes=1)


class Killed(BaseException):
    """Stands for a process that is gone: nothing after it runs but what the system does by itself."""


def seals() -> list[tuple[int, int]]:
    with reading() as session:
        return [
            (row.no, row.entries) for row in session.execute(select(SealRow.no, SealRow.entries).order_by(SealRow.no))
        ]


def unsealed() -> int:
    with reading() as session:
        return sum(
            session.execute(select(func.count()).where(model.seal_no.is_(None))).scalar_one()
            for model in (AuditEntryRow, IntegrityMarkRow)
        )


def test_everything_is_sealed_in_batches_that_follow_each_other(
    clean: Flask, seal_log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "BATCH", 10)
    add_entries(25)
    assert service.seal_all(seal_log, now=NOW) == 25
    assert seals() == [(1, 10), (2, 10), (3, 5)]
    assert unsealed() == 0
    assert [chain.parsed(line) is not None for line in seal_log.read_text().splitlines()] == [True] * 3
    assert service.seal_all(seal_log, now=LATER) == 0, "an empty seal says nothing"
    assert service.verify(seal_log, now=LATER).ok


def test_rows_of_all_tables_are_sealed_together(clean: Flask, seal_log: Path) -> None:
    make_world()
    waiting = unsealed()
    assert service.seal_all(seal_log, now=NOW) == waiting > 30
    assert seals() == [(1, waiting)]


def test_a_row_that_is_committed_later_with_an_earlier_id_goes_into_the_next_seal(clean: Flask, seal_log: Path) -> None:
    add_entries(2, at=LATER)
    service.seal_all(seal_log, now=LATER)
    add_entries(1, at=NOW)
    service.seal_all(seal_log, now=LATER)
    assert seals() == [(1, 2), (2, 1)]
    assert service.verify(seal_log, now=LATER).ok


def test_sealers_at_the_same_moment_seal_each_row_once(clean: Flask, seal_log: Path, tmp_path: Path) -> None:
    add_entries(30)
    logs = [seal_log, seal_log, tmp_path / "another-machine.log", tmp_path / "another-machine.log"]
    at_once(*(lambda log=log: service.seal(log, now=NOW) for log in logs))
    service.seal_all(seal_log, now=NOW)
    assert sum(entries for _, entries in seals()) == 30
    assert service.verify(seal_log, now=NOW).ok


def test_while_one_sealer_is_at_work_another_leaves(clean: Flask, seal_log: Path) -> None:
    add_entries(1)
    with seal_log.with_name("seals.log.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert service.seal(seal_log, now=NOW) == 0
    assert service.seal(seal_log, now=NOW) == 1


@pytest.mark.parametrize(
    ("owner", "name", "sealed"),
    [
        (sealing, "head_mac", False),
        (sealing, "_number", False),
        (sealing, "_write_heads", True),
        (os, "fsync", True),
    ],
    ids=["before the seal", "seal written, rows not numbered", "committed, head not written", "head not on disk"],
)
def test_a_sealer_that_is_killed_is_made_good_by_the_next(
    clean: Flask, seal_log: Path, monkeypatch: pytest.MonkeyPatch, owner: object, name: str, sealed: bool
) -> None:
    def die(*_: object, **__: object) -> None:
        raise Killed

    add_entries(3)
    service.seal_all(seal_log, now=NOW)
    add_entries(4)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(owner, name, die)
        service.seal_all(seal_log, now=LATER)
    assert len(seals()) == (2 if sealed else 1)
    assert service.verify(seal_log, now=LATER).ok, "even before the next sealer ran"
    service.seal_all(seal_log, now=LATER + timedelta(minutes=1))
    assert seals() == [(1, 3), (2, 4)]
    assert len(seal_log.read_text().splitlines()) == 2
    assert service.verify(seal_log, now=LATER + timedelta(days=1)).ok


def test_a_line_that_a_killed_sealer_left_half_written_is_written_again(clean: Flask, seal_log: Path) -> None:
    add_entries(3)
    service.seal_all(seal_log, now=NOW)
    whole = seal_log.read_text()
    for length in range(1, len(whole)):
        seal_log.write_text(whole[:length])
        service.seal_all(seal_log, now=LATER)
        assert service.verify(seal_log, now=LATER + timedelta(days=1)).ok, whole[:length]


def test_lines_that_were_lost_long_ago_are_not_mended_but_new_ones_are_written(clean: Flask, seal_log: Path) -> None:
    add_entries(1)
    service.seal_all(seal_log, now=NOW)
    seal_log.unlink()
    add_entries(1)
    tomorrow = NOW + timedelta(days=1)
    service.seal_all(seal_log, now=tomorrow)
    assert [line.split()[0] for line in seal_log.read_text().splitlines()] == ["2"]
    assert service.verify(seal_log, now=tomorrow).counts == {"log": 1}


def test_after_a_restore_the_log_is_begun_anew_and_the_old_one_kept(clean: Flask, seal_log: Path) -> None:
    add_entries(1)
    service.seal_all(seal_log, now=NOW)
    seal_log.write_text(seal_log.read_text() + f"2 2026-11-21T02:00:00.000Z 1 {'0' * 64}\n")
    assert not service.verify(seal_log, now=LATER).ok
    kept = service.rewrite_log(seal_log, reason="恢复备份", now=LATER)
    assert kept is not None
    assert len(kept.read_text().splitlines()) == 2
    assert service.verify(seal_log, now=LATER).ok
    with reading() as session:
        told = session.execute(
            select(AuditEntryRow.details).where(AuditEntryRow.action == "audit.log_rewritten")
        ).scalar_one()
    assert told == {"reason": "恢复备份"}


@pytest.mark.parametrize("table", ["audit_entry", "integrity_mark"])
def test_only_the_number_of_the_seal_is_ever_set_and_once(clean: Flask, seal_log: Path, table: str) -> None:
    make_world()
    for change in ("mac = 'x'", "seal_no = 1, mac = 'x'", "seal_no = NULL"):
        with pytest.raises(DBAPIError, match="append-only"), unit_of_work() as session:
            session.execute(text(f"UPDATE {table} SET {change}"))
    service.seal_all(seal_log, now=NOW)
    for statement in (
        f"UPDATE {table} SET seal_no = 2",
        f"UPDATE {table} SET seal_no = NULL",
        f"DELETE FROM {table}",
        "UPDATE seal SET entries = 1",
        "DELETE FROM seal",
    ):
        with pytest.raises(DBAPIError, match="append-only"), unit_of_work() as session:
            session.execute(text(statement))


def test_rows_from_before_the_marks_are_adopted_once_and_only_before_the_first_seal(
    clean: Flask, seal_log: Path
) -> None:
    make_world()
    with without_triggers() as connection:
        connection.execute(MARKS.delete().where(MARKS.c.source.in_(["credit_entry", "score"])))
    assert service.seal_all(seal_log, now=NOW) == 0, "the first seal waits for the marks"
    assert service.adopt(now=NOW) == {"credit_entry": 3, "score": 1}
    assert service.adopt(now=NOW) == {}
    assert service.seal_all(seal_log, now=NOW) > 0
    assert service.verify(seal_log, now=NOW).ok
    with pytest.raises(service.AlreadySealed):
        service.adopt(now=NOW)


def test_an_entry_from_before_roles_were_kept_still_fits_its_hash(clean: Flask, seal_log: Path) -> None:
    add_entries(1)
    with reading() as session:
        entry = session.execute(select(AuditEntryRow)).scalar_one()
        values = {column.name: getattr(entry, column.name) for column in AuditEntryRow.__table__.columns}
    del values["role"]
    assert service.entry_mac(values) == entry.mac
    with db.engine().begin() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(update(AuditEntryRow).values(role="audit_admin"))
