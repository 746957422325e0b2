"""kill -9 of workers and web workers while uploads are checked and encoded: one whole package each, and never half of one."""

import hashlib
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from lms import settings as settings_module
from lms.infra import ffmpeg
from lms.infra.db import reading
from lms.infra.jobs import JobRow
from lms.infra.storage import storage
from lms.kernel import clock, ids
from lms.settings import Settings
from lms.video import queries, service
from lms.video.models import MediaAssetRow
from tests.factories.learning import add_school
from tests.kill.browsers import Browser
from tests.kill.processes import PATIENCE, Machine, Process, mentioning, wait_for

SEED = 20261121
KILLS = 6
EXACT = (
    "encode: before the rename",
    "encode: renamed, not committed",
    "encode: between two renames",
    "committed, the file as it came still there",
    "committed, job not finished",
)
PARTS = (".m3u8", "-init.mp4", "-00000.m4s")
PACKAGE = ("master.m3u8", "poster.jpg", *(f"{height}p{part}" for height in (360, 720) for part in PARTS))


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Three seconds of 1280×720 with sound, about a second of encoding."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    picture = ["-f", "lavfi", "-i", "testsrc2=s=1280x720:r=15:d=3", "-f", "lavfi", "-i", "sine=d=3"]
    words = [*picture, "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac"]
    command = [ffmpeg.find(settings_module.Settings().ffmpeg), "-nostdin", "-v", "error", *words, path]
    subprocess.run(command, check=True, timeout=60)
    return path.read_bytes()


@pytest.fixture
def upload(clip: bytes, clean: Flask) -> Callable[[], UUID]:
    """A function that stores the clip as the upload form does, and queues its check."""
    owner_id = add_school(now=clock.now()).author_id

    def take() -> UUID:
        with storage().scratch() as folder:
            path = folder / "upload"
            path.write_bytes(clip)
            return service.take_upload(path, owner_id=owner_id, name="讲座.mp4", now=clock.now())

    return take


def state_of(asset_id: UUID) -> str:
    with reading() as session:
        return queries.asset(session, asset_id).state


def running(asset_ids: list[UUID]) -> list[tuple[int, UUID, int]]:
    """Worker's pid, asset and per cent of each job that a worker holds now."""
    with reading() as session:
        rows = session.execute(
            select(JobRow.lease_owner, JobRow.dedup_key, JobRow.progress).where(
                JobRow.state == "running", JobRow.dedup_key.in_(map(str, asset_ids))
            )
        ).all()
    return [(int(owner.split(":")[1]), UUID(key), percent) for owner, key, percent in rows]


class Reader:
    """Fetches all files of the packages, again and again, whether or not they are there yet, and remembers what came whole."""

    def __init__(self, port: int, settings: Settings, asset_ids: list[UUID]) -> None:
        self.seen: dict[tuple[UUID, str], set[str]] = {}
        self.statuses: Counter[int] = Counter()
        self.missing_when_ready: list[str] = []
        self._assets = list(asset_ids)
        self._browsers = {
            asset_id: Browser(port, f"{grant.name}={grant.value}")
            for asset_id in asset_ids
            for grant in [service.mint_grant(asset_id, secret=settings.secret_key, seconds=600, now=clock.now())]
        }

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Reads in a thread of its own until the block ends, and once more after it."""
        done = threading.Event()

        def read() -> None:
            while not done.wait(0.02):
                self.read_all()

        thread = threading.Thread(target=read)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
        self.read_all()

    def read_all(self) -> None:
        for asset_id in self._assets:
            ready = state_of(asset_id) == "ready"
            for name in PACKAGE:
                answer = self._browsers[asset_id].send("GET", f"/media/{asset_id}/{name}")
                self.statuses[answer.status] += 1
                if answer.status == 200:
                    self.seen.setdefault((asset_id, name), set()).add(hashlib.sha256(answer.content).hexdigest())
                elif ready:
                    self.missing_when_ready.append(f"{asset_id}/{name}: {answer.status}")

    def close(self) -> None:
        for browser in self._browsers.values():
            browser.close()


def named_in(playlist: bytes) -> list[str]:
    """The files that a playlist names, in lines of their own or as URI of a tag."""
    lines = playlist.decode().splitlines()
    tags = [line.partition('URI="')[2].partition('"')[0] for line in lines if 'URI="' in line]
    return [*tags, *(line for line in lines if line and not line.startswith("#"))]


def moments(draw: random.Random) -> Iterator[Callable[[str, int], bool]]:
    """When to kill: in the check, at the start of the encode, at some per cent of it, near its end."""
    while True:
        percent = draw.randrange(1, 99)
        yield lambda state, _percent: state == "checking"
        yield lambda state, _percent: state == "encoding"
        yield lambda state, done, percent=percent: state == "encoding" and done >= percent
        yield lambda state, done: state == "encoding" and done >= 99


def kill_in_the_middle(
    machine: Machine, asset_ids: list[UUID], draw: random.Random, upload: Callable[[], UUID]
) -> None:
    """Kills the worker of a running job KILLS times; new uploads keep coming when all is done before that."""
    for number, is_moment in enumerate(islice(moments(draw), KILLS), start=1):
        deadline = time.monotonic() + PATIENCE
        victim: Process | None = None
        while victim is None:
            assert time.monotonic() < deadline, f"no job came to the moment of kill {number}"
            for pid, asset_id, percent in running(asset_ids):
                if is_moment(state_of(asset_id), percent):
                    victim = machine.worker(pid)
            if victim is None and all(state_of(asset_id) == "ready" for asset_id in asset_ids):
                asset_ids.append(upload())
            time.sleep(0.005)
        time.sleep(draw.random() * 0.05)
        machine.kill_worker(victim)
        if number % 3 == 0:
            machine.kill_web_worker(draw.choice)


def test_a_killed_worker_leaves_one_whole_package_and_nothing_half_served(
    machine: Machine, settings: Settings, upload: Callable[[], UUID]
) -> None:
    draw = random.Random(SEED)
    asset_ids = [upload(), upload()]
    machine.start_web()
    machine.add_worker()
    machine.add_worker()
    reader = Reader(machine.port, settings, asset_ids)
    started = len(asset_ids)
    with reader.at_work():
        kill_in_the_middle(machine, asset_ids, draw, upload)
        wait_for(
            "each upload is ready", lambda: all(state_of(asset_id) == "ready" for asset_id in asset_ids), pause=0.1
        )
        machine.no_orphan_lives()
    reader.close()
    wait_for("each job is done", lambda: not running(asset_ids), pause=0.1)
    for asset_id in asset_ids:
        is_whole_and_recorded_once(asset_id)
    assert not reader.missing_when_ready, "a ready asset lacked files"
    assert set(reader.statuses) <= {200, 404}, f"only whole files or none: {reader.statuses}"
    for asset_id in asset_ids[:started]:
        for path in files_of(asset_id):
            final = hashlib.sha256(path.read_bytes()).hexdigest()
            assert reader.seen.get((asset_id, path.name)) == {final}, f"{path.name} was served in another form"
    machine.stop()
    nothing_runs(settings)
    nothing_is_left_in_scratch(settings)
    print(f"mid-encode: kills {machine.kills}, uploads {len(asset_ids)}, fetched {dict(reader.statuses)}")


def test_a_kill_at_each_step_around_the_commit_is_made_good(
    machine: Machine, settings: Settings, upload: Callable[[], UUID]
) -> None:
    asset_id = upload()
    dying = machine.start([sys.executable, str(Path(__file__).with_name("dying_worker.py")), *EXACT])
    wait_for("the workers died at their points", dying.ended, pause=0.1)
    assert dying.returncode == 0, "a worker ended elsewhere; its log is below"
    assert state_of(asset_id) == "ready"
    machine.add_worker()
    wait_for("the job is done", lambda: job_state(asset_id) == "done", pause=0.1)
    is_whole_and_recorded_once(asset_id)
    machine.stop()
    nothing_runs(settings)
    nothing_is_left_in_scratch(settings)


def test_an_upload_without_a_row_is_cleared_a_day_later_and_no_other(upload: Callable[[], UUID]) -> None:
    kept = upload()
    stray = ids.new_id(datetime.now(UTC))
    storage().put_bytes(service.source_key(stray), b"killed before the commit")
    service.clear_strays(now=clock.now())
    assert storage().exists(service.source_key(stray)), "its row may still be on the way"
    service.clear_strays(now=clock.now() + timedelta(days=2))
    assert storage().exists(service.source_key(kept))
    assert not storage().exists(service.source_key(stray))


def test_clearing_spares_a_folder_that_is_in_use(clean: Flask) -> None:
    storage().clear_scratch()
    with storage().scratch() as folder:
        (folder / "file").write_bytes(b"x")
        assert storage().clear_scratch() == 0
        assert (folder / "file").exists()


def job_state(asset_id: UUID) -> str:
    with reading() as session:
        return session.execute(select(JobRow.state).where(JobRow.dedup_key == str(asset_id))).scalar_one()


def files_of(asset_id: UUID) -> list[Path]:
    return sorted(storage().path(f"{service.package_key(asset_id)}/master.m3u8").parent.iterdir())


def is_whole_and_recorded_once(asset_id: UUID) -> None:
    """The row's figures are those of the files, all files are there that the playlists name, and one job is done."""
    with reading() as session:
        row = session.execute(select(MediaAssetRow).where(MediaAssetRow.id == asset_id)).scalar_one()
        jobs = session.execute(select(JobRow.state).where(JobRow.dedup_key == str(asset_id))).scalars().all()
    assert (row.state, jobs) == ("ready", ["done"])
    files = {path.name: path for path in files_of(asset_id)}
    named = {"master.m3u8", "poster.jpg"}
    for name in [name for name in files if name.endswith(".m3u8")]:
        named.update(named_in(files[name].read_bytes()))
    assert named == set(files) == set(PACKAGE), "the playlists name exactly the files of the package"
    assert sum(path.stat().st_size for path in files.values()) == row.package_bytes
    assert len([name for name in files if name.endswith(".m4s")]) == row.segment_count


def nothing_runs(settings: Settings) -> None:
    """Neither ffmpeg nor the probe nor their fences, whenever their worker was killed."""
    deadline = time.monotonic() + 10
    while (left := mentioning(settings.home)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not left, f"survivors: {left}"


def nothing_is_left_in_scratch(settings: Settings) -> None:
    """What killed processes left there is taken away by the sweep that every worker repeats."""
    storage().clear_scratch()
    left = list((settings.home / "storage" / ".scratch").iterdir())
    assert not left, f"left in scratch: {left}"
