"""kill -9 of workers while certificates are set, sealed and stored: one each, numbered without a gap, its file as recorded."""

import hashlib
import random
import sys
import time
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from lms.certificates import queries, service
from lms.certificates.domain.status import Status
from lms.certificates.domain.verification import FileStatus
from lms.certificates.models import CertificateDocumentRow, CertificateEventRow
from lms.exams import service as exams
from lms.exams.domain.attempts import SaveKey
from lms.infra import pdfsign
from lms.infra.authority import AuthorityFiles
from lms.infra.db import reading
from lms.infra.jobs import JobRow
from lms.infra.storage import storage
from lms.kernel import clock
from lms.settings import Settings
from tests.factories.exams import Hall, make_candidate, make_hall, right_answers
from tests.kill.processes import PATIENCE, Machine, wait_for

SEED = 20261123
LEARNERS = 8
KILLS = 6
EXACT = (
    "certificate: before the seal",
    "certificate: written aside, not renamed",
    "certificate: stored, no row",
    "certificate: row written, not committed",
    "committed, job not finished",
)


@pytest.fixture
def hall(clean: Flask) -> Hall:
    return make_hall(now=clock.now())


def passes(hall: Hall, name: str, *, now: datetime) -> UUID:
    """Somebody hands in a paper on which all is right. Returns their id."""
    person_id = make_candidate(hall, name, now=now).person_id
    opened = exams.start_or_resume(hall.exam_id, person_id, now=now, seed=SEED)
    for position, value in right_answers(opened.attempt_id).items():
        exams.save_answer(opened.attempt_id, person_id, position, SaveKey(1, position), value, received_at=now)
    exams.submit(opened.attempt_id, person_id, now=now)
    return person_id


def statuses() -> list[str]:
    with reading() as session:
        return list(session.execute(select(service.CertificateRow.status)).scalars())


def held() -> list[int]:
    """The pids of workers that hold a rendering now."""
    with reading() as session:
        owners = session.execute(
            select(JobRow.lease_owner).where(JobRow.kind == service.RENDER, JobRow.state == "running")
        ).scalars()
        return [int(owner.split(":")[1]) for owner in owners]


def kill_in_the_middle(machine: Machine, hall: Hall, draw: random.Random) -> list[UUID]:
    """Kills a worker that holds a rendering, KILLS times; somebody more passes when none is left. Returns who more."""
    more: list[UUID] = []
    for number in range(KILLS):
        victim = None
        deadline = time.monotonic() + PATIENCE
        while victim is None:
            assert time.monotonic() < deadline, f"no rendering began before kill {number + 1}"
            victim = next((worker for pid in held() if (worker := machine.worker(pid))), None)
            if "issuing" not in statuses():
                more.append(passes(hall, f"后来{len(more)}", now=clock.now()))
            time.sleep(0.005)
        time.sleep(draw.random() * 0.3)
        machine.kill_worker(victim)
    return more


def test_each_who_passed_has_one_valid_certificate(machine: Machine, settings: Settings, hall: Hall) -> None:
    people = [passes(hall, f"学员{number}", now=clock.now()) for number in range(LEARNERS)]
    assert statuses() == ["issuing"] * LEARNERS
    machine.add_worker()
    machine.add_worker()
    people += kill_in_the_middle(machine, hall, random.Random(SEED))
    wait_for("no certificate is stuck", lambda: set(statuses()) == {"valid"}, pause=0.1)
    wait_for("each job is done", all_jobs_done, pause=0.1)
    machine.stop()
    certificates = one_valid_certificate_each(people)
    numbered_without_a_gap(certificates)
    files_are_as_recorded(settings, certificates)
    print(f"mid-certificate: kills {machine.kills}, certificates {len(certificates)}")


def test_a_kill_at_each_step_of_making_the_file_is_made_good(machine: Machine, settings: Settings, hall: Hall) -> None:
    person_id = passes(hall, "张三", now=clock.now())
    dying = machine.start([sys.executable, str(Path(__file__).with_name("dying_worker.py")), *EXACT])
    wait_for("the workers died at their points", dying.ended, pause=0.1)
    assert dying.returncode == 0, "a worker ended elsewhere; its log is below"
    machine.add_worker()
    wait_for("the job is done", all_jobs_done, pause=0.1)
    machine.stop()
    certificates = one_valid_certificate_each([person_id])
    files_are_as_recorded(settings, certificates)
    left = storage().clear_scratch()
    assert left <= 2, "two of the workers died with a scratch folder of their own"


def all_jobs_done() -> bool:
    with reading() as session:
        return set(session.execute(select(JobRow.state)).scalars()) == {"done"}


def one_valid_certificate_each(people: list[UUID]) -> list[queries.Certificate]:
    """One certificate a person, made valid by one step, with one row for its file."""
    found = []
    with reading() as session:
        for person_id in people:
            mine = queries.of_person(session, person_id)
            assert [one.status for one in mine] == [Status.VALID]
            steps = session.execute(
                select(CertificateEventRow.new).where(CertificateEventRow.certificate_id == mine[0].id)
            ).scalars()
            assert sorted(steps) == ["issuing", "valid"], "each step was made once"
            found.append(mine[0])
        assert len(session.execute(select(CertificateDocumentRow.sha256)).all()) == len(people)
    return found


def numbered_without_a_gap(certificates: list[queries.Certificate]) -> None:
    serials = sorted(int(one.number.split("-")[3]) for one in certificates)
    assert serials == list(range(1, len(certificates) + 1))


def files_are_as_recorded(settings: Settings, certificates: list[queries.Certificate]) -> None:
    """Bytes, hash and size agree, the file verifies as ours, and no other file of the certificate is left."""
    roots = pdfsign.read_roots(AuthorityFiles(settings.signing_folder).roots)
    for one in certificates:
        assert one.document is not None
        with storage().open(one.document.storage_key) as file:
            content = file.read()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (one.document.sha256, one.document.size)
        checked = service.check_file(content, roots)
        assert (checked.status, checked.certificate) == (FileStatus.VALID, one)
        folder, _, name = one.document.storage_key.rpartition("/")
        assert storage().names(folder) == [name], "files of killed runs are cleared away"
