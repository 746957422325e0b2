"""`lms audit verify` is clean on an untouched database, and names the first bad row of one that was touched."""

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import delete, update

from lms.audit import service, tasks
from lms.audit.models import SealRow
from lms.exams.models import ScoreRow
from lms.infra.db import unit_of_work
from lms.kernel import clock
from lms.kernel.errors import Invalid
from lms.settings import Settings, current
from tests.factories.qualification import id_number_of
from tests.service.audit.tampering import MARKS, without_triggers
from tests.service.audit.world import make_world
from tests.service.cli.conftest import Command


@pytest.fixture
def world(lms: Command, settings: Settings) -> Iterator[Command]:
    make_world()
    tasks.seal()
    yield lms
    settings.seal_log_path.unlink(missing_ok=True)


def test_a_clean_database(world: Command) -> None:
    result = world("audit", "verify")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("ok  checked: access ")
    answer = json.loads(world("audit", "verify", "--json").stdout)
    assert answer["ok"] and answer["first"] is None and answer["last_seal"] == 1
    assert {"audit", "hours", "results", "certificates", "content", "lectures"} <= set(answer["checked"])


def test_the_first_bad_row_is_named(world: Command) -> None:
    with without_triggers() as connection:
        connection.execute(update(ScoreRow).values(score=1))
    result = world("audit", "verify")
    assert result.exit_code == 1
    assert "first bad row: score " in result.stdout
    answer = json.loads(world("audit", "verify", "--json").stdout)
    assert not answer["ok"] and answer["first"]["source"] == "score" and answer["counts"] == {"altered": 1}


def test_old_databases_are_adopted_once(lms: Command, settings: Settings) -> None:
    make_world()
    with without_triggers() as connection:
        connection.execute(delete(MARKS).where(MARKS.c.source == "score"))
    assert lms("audit", "adopt").stdout == "score 1\n"
    assert lms("audit", "adopt").stdout == "nothing to mark\n"
    tasks.seal()
    result = lms("audit", "adopt")
    assert result.exit_code == 1
    assert "already_sealed" in result.output
    settings.seal_log_path.unlink()


def test_the_log_is_begun_anew_after_a_restore(world: Command, settings: Settings) -> None:
    settings.seal_log_path.write_text(settings.seal_log_path.read_text().replace("1 2", "7 2", 1))
    assert world("audit", "verify").exit_code == 1
    refused = world("audit", "rewrite-log", "--reason", f"恢复备份，经办人 {id_number_of(1)}")
    assert refused.exit_code == 2 and id_number_of(1) not in refused.output
    with pytest.raises(Invalid):
        service.rewrite_log(current().seal_log_path, reason="经办人 13812345678", now=clock.now())
    result = world("audit", "rewrite-log", "--reason", "恢复备份")
    assert result.exit_code == 0 and "the old log is" in result.stdout
    assert world("audit", "verify").exit_code == 0


def test_the_nightly_verification_is_recorded_and_doctor_hears_of_a_broken_chain(
    world: Command, settings: Settings
) -> None:
    assert service.verify_and_record(settings.seal_log_path, now=clock.now()).ok
    assert "seal 1 of" in json.dumps(json.loads(world("doctor", "--json").stdout)["checks"])
    with unit_of_work() as session:
        session.add(SealRow(no=2, at=clock.now(), entries=1, digest="0" * 64, previous="1" * 64, head="2" * 64))
    assert not service.verify_and_record(settings.seal_log_path, now=clock.now()).ok
    told = {one["name"]: one for one in json.loads(world("doctor", "--json").stdout)["checks"]}["record"]
    assert not told["ok"] and "lms audit verify" in told["mend"]
