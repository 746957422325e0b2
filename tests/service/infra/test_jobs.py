"""Jobs: claimed once, kept by a heartbeat, taken over after a death, tried again, given up."""

import socket
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from lms.certificates import service as certificates
from lms.infra import jobs
from lms.infra.db import reading, unit_of_work
from lms.infra.jobs import GiveUp, Job, JobRow, LeaseLost
from lms.kernel import clock
from lms.portal import demo
from lms.settings import Settings
from lms.video import queries as video
from lms.worker import Worker
from tests.service.infra.conftest import at_once

NOW = datetime.fromisoformat("2026-03-01T08:00:00+00:00")
LEASE = 20

pytestmark = pytest.mark.usefixtures("clean")


def add(kind: str = "test.work", *, now: datetime = NOW, **more: object) -> UUID:
    with unit_of_work() as session:
        return jobs.enqueue(session, kind, {"n": 1}, now=now, **more)  # type: ignore[arg-type]


def row(job_id: UUID) -> JobRow:
    with reading() as session:
        return session.execute(select(JobRow).where(JobRow.id == job_id)).scalar_one()


def claim(owner: str = "one", *, now: datetime = NOW) -> Job | None:
    return jobs.claim(owner, now=now, lease_seconds=LEASE)


def must_claim(owner: str = "one", *, now: datetime = NOW) -> Job:
    job = claim(owner, now=now)
    assert job
    return job


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_a_job_commits_with_the_row_that_needs_it() -> None:
    with pytest.raises(RuntimeError), unit_of_work() as session:
        jobs.enqueue(session, "test.work", {}, now=NOW)
        raise RuntimeError
    assert claim() is None


def test_a_claimed_job_carries_what_was_asked() -> None:
    with unit_of_work() as session:
        payload = {"id": "x", "deep": [1, {"中": None}], "n": 2**40}
        job_id = jobs.enqueue(session, "test.work", payload, now=NOW, max_attempts=3)
    job = must_claim()
    assert job == Job(job_id, "test.work", payload, 1, 3, "one")
    assert not job.last_attempt
    assert claim("two") is None


def test_the_oldest_due_job_comes_first_and_none_before_its_time() -> None:
    second, first = add(run_at=later(-5)), add(run_at=later(-10))
    add(run_at=later(10))
    assert [must_claim().id, must_claim().id] == [first, second]
    assert claim() is None
    assert claim(now=later(10)) is not None


def test_asking_twice_asks_once() -> None:
    first = add(dedup_key="film-1")
    assert add(dedup_key="film-1", now=later(5)) == first
    assert add("test.other", dedup_key="film-1") != first
    assert add(dedup_key="film-2") != first
    assert add() != add()
    job = must_claim()
    jobs.finish(job, now=NOW)
    assert add(dedup_key="film-1") == first, "a job that was done is not asked for again"


def test_asking_at_once_asks_once() -> None:
    answers = at_once(6, lambda _number: add(dedup_key="film-1"))
    assert len(set(answers)) == 1
    with reading() as session:
        assert len(session.execute(select(JobRow.id)).all()) == 1


def test_two_workers_never_get_the_same_job() -> None:
    wanted = {add() for _ in range(24)}

    def work(number: int) -> list[UUID]:
        mine = []
        while (job := claim(f"worker-{number}")) is not None:
            mine.append(job.id)
        return mine

    shares = at_once(6, work)
    claimed = [job_id for share in shares for job_id in share]  # type: ignore[attr-defined]  # lists of ids
    assert len(claimed) == 24
    assert set(claimed) == wanted


def test_one_job_and_many_workers_give_one_claim() -> None:
    for _ in range(5):
        job_id = add()
        found = [job for job in at_once(6, lambda number: claim(f"worker-{number}")) if job is not None]
        assert [job.id for job in found] == [job_id]  # type: ignore[attr-defined]  # only jobs are left
        jobs.finish(found[0], now=NOW)  # type: ignore[arg-type]


def test_a_job_whose_worker_died_is_taken_over() -> None:
    job_id = add()
    lost = must_claim("one")
    assert claim("two", now=later(LEASE)) is None
    taken = must_claim("two", now=later(LEASE + 1))
    assert (taken.id, taken.attempt) == (job_id, 2)
    jobs.finish(lost, now=later(LEASE + 2))
    assert row(job_id).state == "running", "the one who lost it cannot end it"
    assert not jobs.keep(lost, now=later(LEASE + 2), lease_seconds=LEASE)
    assert jobs.fail(lost, "late", now=later(LEASE + 2), final=True)
    assert row(job_id).state == "running"
    with pytest.raises(LeaseLost):
        lost.hold()
    jobs.finish(taken, now=later(LEASE + 3))
    assert (row(job_id).state, row(job_id).progress) == ("done", 100)


def test_a_death_uses_up_no_attempt() -> None:
    add(max_attempts=2)
    must_claim("one")
    assert must_claim("two", now=later(30)).last_attempt is False


def test_a_job_that_outlives_many_workers_fails_and_can_be_asked_for_again() -> None:
    job_id = add(dedup_key="film-1", max_attempts=2)
    for death in range(jobs.MAX_CLAIMS):
        must_claim(f"worker-{death}", now=later(30 * death))
    end = later(30 * jobs.MAX_CLAIMS)
    with reading() as session:
        assert jobs.failed(session, "test.work", ["film-1"]) == frozenset()
    assert claim(now=end) is None
    ended = row(job_id)
    assert (ended.state, ended.error, ended.finished_at, ended.lease_owner) == ("failed", jobs.WORKER_LOST, end, None)
    with reading() as session:
        assert jobs.failed(session, "test.work", ["film-1", "film-2"]) == {"film-1"}
    with unit_of_work() as session:
        assert jobs.again(session, "test.work", "film-1", now=end)
    assert must_claim(now=end).attempt == 1


def test_a_deadly_job_does_not_hold_up_the_next() -> None:
    add()
    for death in range(jobs.MAX_CLAIMS):
        must_claim(f"worker-{death}", now=later(30 * death))
    healthy = add(now=later(30 * jobs.MAX_CLAIMS))
    assert must_claim(now=later(30 * jobs.MAX_CLAIMS)).id == healthy


def test_an_expired_job_is_taken_over_by_one_only() -> None:
    add()
    must_claim("dead")
    found = [job for job in at_once(6, lambda n: claim(f"worker-{n}", now=later(60))) if job is not None]
    assert len(found) == 1


def test_a_heartbeat_keeps_the_job() -> None:
    add()
    job = must_claim("one")
    for seconds in (10, 20, 30, 40):
        assert jobs.keep(job, now=later(seconds), lease_seconds=LEASE)
        assert claim("two", now=later(seconds + LEASE - 1)) is None
    assert claim("two", now=later(40 + LEASE + 1)) is not None


def test_a_failure_waits_longer_each_time_and_the_last_one_is_final() -> None:
    job_id = add(max_attempts=4)
    moment, waits = NOW, []
    for attempt in range(1, 5):
        job = must_claim(now=moment)
        assert (job.attempt, job.last_attempt) == (attempt, attempt == 4)
        final = jobs.fail(job, f"fault {attempt}", now=moment, final=False)
        assert final is (attempt == 4)
        if not final:
            waits.append((row(job_id).run_at - moment).total_seconds())
            assert claim(now=row(job_id).run_at - timedelta(milliseconds=1)) is None
            moment = row(job_id).run_at
    assert waits == [10, 20, 40]
    ended = row(job_id)
    assert (ended.state, ended.error, ended.finished_at) == ("failed", "fault 4", moment)
    assert claim(now=moment + timedelta(days=9)) is None


def test_a_final_failure_is_not_tried_again_until_somebody_asks() -> None:
    job_id = add(dedup_key="film-1")
    assert jobs.fail(must_claim(), "no film at all", now=NOW, final=True)
    assert claim(now=later(10_000)) is None
    with unit_of_work() as session:
        assert jobs.again(session, "test.work", "film-1", now=later(60))
    job = must_claim(now=later(60))
    assert (job.id, job.attempt) == (job_id, 1)
    with unit_of_work() as session:
        assert not jobs.again(session, "test.work", "film-1", now=later(61)), "it runs already"


def test_a_long_error_is_cut_to_what_the_column_holds() -> None:
    job_id = add()
    jobs.fail(must_claim(), "错" * 5000, now=NOW, final=True)
    assert row(job_id).error == "错" * jobs.MAX_ERROR_LENGTH


def test_progress_is_told_by_the_owner_only() -> None:
    job_id = add(dedup_key="film-1")
    first = must_claim("one")
    for told, kept in ((40, 40), (-3, 0), (250, 100), (55, 55)):
        first.report(told)
        assert row(job_id).progress == kept
    second = must_claim("two", now=later(LEASE + 1))
    first.report(99)
    assert row(job_id).progress == 0
    second.report(10)
    with reading() as session:
        state = jobs.state_of(session, "test.work", "film-1")
    assert state and (state.state, state.progress, state.error, state.ahead) == ("running", 10, None, 0)


def test_the_queue_says_how_many_wait_before() -> None:
    for number in range(3):
        add(dedup_key=f"film-{number}", now=later(number))
    with reading() as session:
        states = [jobs.state_of(session, "test.work", f"film-{number}") for number in range(3)]
        assert jobs.state_of(session, "test.work", "unknown") is None
    assert [state.ahead for state in states if state] == [0, 1, 2]


def test_a_running_job_has_an_owner_and_no_other_has() -> None:
    job_id = add()
    for values in ({"state": "running"}, {"lease_owner": "x"}, {"state": "nonsense"}):
        with pytest.raises(IntegrityError), unit_of_work() as session:
            session.execute(update(JobRow).where(JobRow.id == job_id).values(**values))


def test_an_ended_job_is_forgotten_after_a_week_unless_others_know_its_work_by_a_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jobs, "FORGOTTEN_AT_ONCE", 2)
    ended, keyed = [add() for _ in range(4)], add(dedup_key="once")
    broken = add()
    for _ in [*ended, keyed]:
        jobs.finish(must_claim(), now=NOW)
    jobs.fail(must_claim(), "no", now=NOW, final=True)
    waiting, fresh = add(), add(now=later(-1))
    jobs.finish(must_claim(), now=later(1))

    def left() -> set[UUID]:
        with reading() as session:
            return set(session.execute(select(JobRow.id)).scalars())

    jobs.forget_ended(now=NOW + jobs.ENDED_KEPT)
    assert left() == {*ended, keyed, broken, waiting, fresh}
    jobs.forget_ended(now=NOW + jobs.ENDED_KEPT + timedelta(seconds=0.5))
    assert left() == {keyed, waiting, fresh}


def test_a_worker_is_heard_of_and_forgotten_after_a_day() -> None:
    jobs.beat("one", now=NOW)
    jobs.beat("one", now=later(5))
    jobs.beat("two", now=later(3))
    with reading() as session:
        assert jobs.last_beat(session) == later(5)
        assert {r.name for r in session.execute(select(jobs.WorkerRow.name))} == {"one", "two"}
    jobs.beat("three", now=later(86_404))
    with reading() as session:
        assert {r.name for r in session.execute(select(jobs.WorkerRow.name))} == {"one", "three"}


class Seen(list[int]):
    """The attempts that a handler saw."""


@pytest.fixture
def worker(settings: Settings) -> Worker:
    return Worker(settings)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Iterator[Seen]:
    attempts = Seen()

    def work(job: Job) -> None:
        attempts.append(job.attempt)
        if job.payload["n"] == "give up":
            raise GiveUp("nothing helps")
        if job.payload["n"] == "fail":
            raise RuntimeError("not today")

    monkeypatch.setitem(jobs._handlers, "test.work", work)
    yield attempts


def test_the_name_of_a_worker_on_a_host_with_a_long_name_fits(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "h" * 200)
    assert len(f"{Worker(settings).name}:9999") <= 80


def add_for(n: str) -> UUID:
    with unit_of_work() as session:
        return jobs.enqueue(session, "test.work", {"n": n}, now=clock.now() - timedelta(seconds=1))


def run_next(worker: Worker) -> None:
    job = jobs.claim("slot", now=clock.now(), lease_seconds=LEASE)
    assert job
    worker.run_job(job)


def test_the_worker_finishes_what_its_handler_has_done(clean: Flask, worker: Worker, seen: Seen) -> None:
    job_id = add_for("fine")
    run_next(worker)
    assert (seen, row(job_id).state) == ([1], "done")


def test_the_worker_tries_again_what_failed(clean: Flask, worker: Worker, seen: Seen) -> None:
    job_id = add_for("fail")
    run_next(worker)
    assert (row(job_id).state, row(job_id).error) == ("queued", "RuntimeError: not today")


def test_the_worker_gives_up_when_the_handler_does(clean: Flask, worker: Worker, seen: Seen) -> None:
    job_id = add_for("give up")
    run_next(worker)
    assert (row(job_id).state, row(job_id).error) == ("failed", "GiveUp: nothing helps")


def test_work_of_a_newer_version_waits_for_it(clean: Flask, worker: Worker) -> None:
    with unit_of_work() as session:
        job_id = jobs.enqueue(session, "test.unheard-of", {}, now=clock.now() - timedelta(seconds=1))
    run_next(worker)
    assert row(job_id).state == "queued"
    assert "no handler" in (row(job_id).error or "")


def test_every_kind_that_is_asked_for_has_a_handler(app: Flask) -> None:
    kinds = {certificates.RENDER, video.PROCESS, demo.COURSE_JOB, demo.LEARNERS_JOB}
    assert not [kind for kind in kinds if jobs.handler_of(kind) is None]
    assert len(jobs.sweeps()) >= 1
