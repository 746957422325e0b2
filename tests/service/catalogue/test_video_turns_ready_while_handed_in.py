"""A video that turns ready in the very moment its lecture is handed in: the lecture never stays behind."""

from datetime import timedelta
from pathlib import Path

import pytest

from lms.catalogue import service as authoring
from lms.infra import ffmpeg, jobs, mediaprobe
from lms.infra.db import reading
from lms.infra.hls import EncodedPackage
from lms.infra.storage import storage
from lms.moderation import queries as moderation
from lms.moderation.domain.workflow import State
from lms.video import service as video, tasks
from tests.factories.content import make_lecture
from tests.factories.people import NOW, Staff
from tests.factories.together import at_once


@pytest.fixture
def instant_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes every file and makes a package of it at once."""

    def encode(_source: Path, out: Path, **_options: object) -> EncodedPackage:
        (out / "master.m3u8").write_text("#EXTM3U\n")
        return EncodedPackage((), 1, 8, "0" * 64, (60_000,))

    monkeypatch.setattr(mediaprobe, "probe", lambda _path, **_limits: mediaprobe.Probe(True, width=640, height=360))
    monkeypatch.setattr(ffmpeg, "encode_hls", encode)

    def copy(source: Path, out: Path, **_options: object) -> Path:
        out.mkdir()
        (out / ffmpeg.COPY).write_bytes(source.read_bytes())
        return out / ffmpeg.COPY

    monkeypatch.setattr(ffmpeg, "copy_without_texts", copy)


def test_the_lecture_enters_the_queue_whoever_is_first(staff: Staff, instant_encoder: None) -> None:
    for turn in range(15):
        moment = NOW + timedelta(minutes=turn)
        with storage().scratch() as folder:
            (folder / "upload").write_bytes(b"video")
            asset_id = video.take_upload(folder / "upload", owner_id=staff.uploader.person_id, name="a.mp4", now=moment)
        revision_id = make_lecture(staff.uploader, asset_id=asset_id, now=moment)
        job = jobs.claim("worker", now=moment, lease_seconds=20)
        assert job is not None
        at_once(
            lambda job=job: tasks.process(job),
            lambda revision_id=revision_id, moment=moment: authoring.submit(
                revision_id, author=staff.uploader, now=moment
            ),
        )
        jobs.finish(job, now=moment)
        with reading() as session:
            assert moderation.revision(session, revision_id).state is State.PROVINCE_REVIEW
