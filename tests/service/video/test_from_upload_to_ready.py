"""An upload is checked and encoded by a job that may run twice; what can't enter sends the lecture back with the reason."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from lms import settings as settings_module
from lms.catalogue import queries as catalogue, service as authoring
from lms.infra import ffmpeg, jobs, mediaprobe, sandbox
from lms.infra.db import reading
from lms.infra.jobs import GiveUp, Job, LeaseLost
from lms.infra.storage import LocalStorage, storage
from lms.kernel.errors import NotFound
from lms.moderation import queries as moderation
from lms.moderation.domain.workflow import State
from lms.video import queries, service, tasks
from lms.video.events import asset_ready, asset_refused
from tests.factories.content import make_lecture
from tests.factories.people import NOW, Staff


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Two seconds of a small picture, 15 a second: times that not every container holds as they are."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    words = ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=15:d=2", "-c:v", "libx264", "-preset", "ultrafast"]
    command = [ffmpeg.find(settings_module.Settings().ffmpeg), "-nostdin", "-v", "error", *words, path]
    subprocess.run(command, check=True, timeout=60)
    return path.read_bytes()


@pytest.fixture
def folder() -> Iterator[Path]:
    with storage().scratch() as path:
        yield path


def fail(*_words: object, **_more: object) -> None:
    raise ffmpeg.EncodeFailed("encoder", "exit 1")


def upload(content: bytes, folder: Path, staff: Staff, name: str = "第一讲.mp4") -> UUID:
    path = folder / "upload"
    path.write_bytes(content)
    return service.take_upload(path, owner_id=staff.uploader.person_id, name=name, now=NOW)


def claimed(owner: str, *, at: int = 0) -> Job:
    job = jobs.claim(owner, now=NOW + timedelta(seconds=at), lease_seconds=20)
    assert job is not None
    return job


def asset_of(asset_id: UUID) -> queries.Asset:
    with reading() as session:
        return queries.asset(session, asset_id)


def state_of(revision_id: UUID) -> State:
    with reading() as session:
        return moderation.revision(session, revision_id).state


def test_a_good_upload_becomes_playable_and_moves_the_lecture_on(staff: Staff, clip: bytes, folder: Path) -> None:
    asset_id = upload(clip, folder, staff)
    assert not (folder / "upload").exists()
    revision_id = make_lecture(staff.uploader, asset_id=asset_id)
    authoring.submit(revision_id, author=staff.uploader, now=NOW)
    assert state_of(revision_id) is State.SUBMITTED
    tasks.process(claimed("first"))
    asset = asset_of(asset_id)
    assert asset.state == "ready"
    assert abs((asset.duration_ms or 0) - 2000) < 200
    for name in ("master.m3u8", "poster.jpg"):
        assert storage().exists(f"{service.package_key(asset_id)}/{name}")
    assert state_of(revision_id) is State.PROVINCE_REVIEW


def test_a_job_that_runs_twice_leaves_one_package_and_one_step(staff: Staff, clip: bytes, folder: Path) -> None:
    asset_id = upload(clip, folder, staff)
    revision_id = make_lecture(staff.uploader, asset_id=asset_id)
    authoring.submit(revision_id, author=staff.uploader, now=NOW)
    first = claimed("killed in the middle")
    again = claimed("second", at=30)
    assert again.id == first.id
    tasks.process(again)
    ready = asset_of(asset_id)
    tasks.process(first)
    assert asset_of(asset_id) == ready
    with reading() as session:
        history = moderation.history(session, revision_id)
    assert [change.new for change in history] == [State.SUBMITTED, State.PROVINCE_REVIEW]


def test_a_text_named_mp4_is_refused_and_the_lecture_goes_back_with_the_reason(staff: Staff, folder: Path) -> None:
    asset_id = upload("这不是视频。\n".encode() * 50, folder, staff, name="讲座.mp4")
    revision_id = make_lecture(staff.uploader, asset_id=asset_id)
    authoring.submit(revision_id, author=staff.uploader, now=NOW)
    tasks.process(claimed("worker"))
    asset = asset_of(asset_id)
    assert asset.state == "refused"
    assert asset.reason
    assert state_of(revision_id) is State.RETURNED
    with reading() as session:
        last = moderation.history(session, revision_id)[-1]
    assert (last.comment, last.actor_name) == (asset.reason, "")
    assert not storage().exists(service.source_key(asset_id))
    with pytest.raises(authoring.VideoUnusable):
        authoring.submit(revision_id, author=staff.uploader, now=NOW)


def test_an_encoder_that_keeps_failing_is_told_and_can_be_tried_again(
    staff: Staff, clip: bytes, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset_id = upload(clip, folder, staff)
    revision_id = make_lecture(staff.uploader, asset_id=asset_id)
    authoring.submit(revision_id, author=staff.uploader, now=NOW)
    with monkeypatch.context() as broken:
        broken.setattr(ffmpeg, "encode_hls", fail)
        for attempt in range(4):
            assert not service.try_again(asset_id, owner_id=staff.uploader.person_id, now=NOW), "not yet failed"
            assert state_of(revision_id) is State.SUBMITTED
            job = claimed("worker", at=attempt * 1000)
            with pytest.raises(ffmpeg.EncodeFailed):
                tasks.process(job)
            if attempt < 3:
                jobs.fail(job, "encoder", now=NOW + timedelta(seconds=attempt * 1000), final=False)
    assert (asset_of(asset_id).state, asset_of(asset_id).reason) == ("failed", service.ENCODING_FAILED)
    assert state_of(revision_id) is State.RETURNED
    with reading() as session:
        assert moderation.history(session, revision_id)[-1].comment == service.ENCODING_FAILED
    with pytest.raises(NotFound):
        service.try_again(asset_id, owner_id=staff.learner.person_id, now=NOW)
    assert service.try_again(asset_id, owner_id=staff.uploader.person_id, now=NOW), "before the worker reported"
    assert asset_of(asset_id).state == "queued"
    jobs.fail(job, "encoder", now=NOW + timedelta(seconds=4000), final=False)
    assert not service.try_again(asset_id, owner_id=staff.uploader.person_id, now=NOW), "queued already"
    tasks.process(claimed("worker", at=5000))
    assert asset_of(asset_id).state == "ready"
    assert state_of(revision_id) is State.RETURNED, "its author decides whether to hand it in"
    authoring.submit(revision_id, author=staff.uploader, now=NOW)
    assert state_of(revision_id) is State.PROVINCE_REVIEW


def test_a_failure_of_who_lost_the_job_does_not_count(
    staff: Staff, clip: bytes, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset_id = upload(clip, folder, staff)
    lost = replace(claimed("slow"), attempt=4)
    claimed("faster", at=30)
    with monkeypatch.context() as broken:
        broken.setattr(ffmpeg, "encode_hls", fail)
        with pytest.raises(LeaseLost):
            tasks.process(lost)
    assert asset_of(asset_id).state == "encoding"


def test_without_a_fence_nothing_is_opened_and_everybody_is_told(
    staff: Staff, clip: bytes, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset_id = upload(clip, folder, staff)
    revision_id = make_lecture(staff.uploader, asset_id=asset_id)
    authoring.submit(revision_id, author=staff.uploader, now=NOW)
    with monkeypatch.context() as bare:
        bare.setattr(sandbox, "available_fences", tuple)
        bare.setattr(sandbox, "_choice", sandbox._Choice(required=True))
        bare.setattr(sandbox, "_supervise", lambda *_words: pytest.fail("a program was started"))
        with pytest.raises(GiveUp, match="lms doctor"):
            tasks.process(claimed("worker"))
    assert (asset_of(asset_id).state, asset_of(asset_id).reason) == ("failed", service.NO_FENCE)
    assert state_of(revision_id) is State.RETURNED
    assert service.try_again(asset_id, owner_id=staff.uploader.person_id, now=NOW)
    tasks.process(claimed("worker"))
    assert asset_of(asset_id).state == "ready"


def test_a_video_that_kills_every_worker_fails_in_the_end(staff: Staff, clip: bytes, folder: Path) -> None:
    asset_id = upload(clip, folder, staff)
    revision_id = make_lecture(staff.uploader, asset_id=asset_id)
    authoring.submit(revision_id, author=staff.uploader, now=NOW)
    for death in range(jobs.MAX_CLAIMS):
        claimed("dies", at=30 * death)
    assert service.give_up_lost(now=NOW) == 0
    assert jobs.claim("next", now=NOW + timedelta(hours=1), lease_seconds=20) is None
    assert service.give_up_lost(now=NOW) == 1
    assert (asset_of(asset_id).state, state_of(revision_id)) == ("failed", State.RETURNED)
    assert service.give_up_lost(now=NOW) == 0
    assert service.try_again(asset_id, owner_id=staff.uploader.person_id, now=NOW)


def test_the_file_of_a_refused_video_goes_only_with_the_refusal(staff: Staff, folder: Path) -> None:
    asset_id = upload(b"no video at all" * 100, folder, staff)

    def stumble(_sender: object, **_more: object) -> None:
        raise RuntimeError

    with asset_refused.connected_to(stumble), pytest.raises(RuntimeError):
        tasks.process(claimed("worker"))
    assert asset_of(asset_id).state == "checking"
    assert storage().exists(service.source_key(asset_id))


def test_who_begins_anew_encodes_the_file_that_came_and_makes_the_same_package(
    staff: Staff, clip: bytes, folder: Path
) -> None:
    asset_id = upload(clip, folder, staff)

    def stumble(_sender: object, **_more: object) -> None:
        raise RuntimeError

    with asset_ready.connected_to(stumble), pytest.raises(RuntimeError):
        tasks.process(claimed("killed before the commit"))
    first = package_of(asset_id)
    assert storage().exists(service.source_key(asset_id))
    tasks.process(claimed("second", at=30))
    assert package_of(asset_id) == first
    assert not storage().exists(service.source_key(asset_id))
    assert storage().exists(service.copy_key(asset_id))


def test_the_file_as_it_came_goes_also_when_a_kill_came_before_that(
    staff: Staff, clip: bytes, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset_id = upload(clip, folder, staff)

    def die(*_words: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(LocalStorage, "delete", die)
        with pytest.raises(KeyboardInterrupt):
            tasks.process(claimed("killed behind the commit"))
    assert asset_of(asset_id).state == "ready"
    assert storage().exists(service.source_key(asset_id))
    tasks.process(claimed("second", at=30))
    assert not storage().exists(service.source_key(asset_id))
    assert storage().exists(service.copy_key(asset_id))


@pytest.mark.parametrize("step", ["probe", "encode_hls", "copy_without_texts"])
def test_who_finds_the_file_taken_away_by_a_faster_worker_has_nothing_left_to_do(
    staff: Staff, clip: bytes, folder: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    asset_id = upload(clip, folder, staff)
    slow = claimed("slow")
    place = mediaprobe if step == "probe" else ffmpeg
    done = getattr(place, step)

    def overtaken(*words: object, **more: object) -> object:
        monkeypatch.setattr(place, step, done)
        tasks.process(claimed("faster", at=30))
        return done(*words, **more)

    monkeypatch.setattr(place, step, overtaken)
    tasks.process(slow)
    assert asset_of(asset_id).state == "ready"
    assert storage().exists(service.copy_key(asset_id))


def test_who_lost_the_job_leaves_a_failed_video_as_it_is(
    staff: Staff, clip: bytes, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset_id = upload(clip, folder, staff)
    slow = claimed("slow")

    def overtaken(*_words: object, **_more: object) -> None:
        monkeypatch.setattr(ffmpeg, "encode_hls", fail)
        faster = claimed("faster", at=30)
        with pytest.raises(ffmpeg.EncodeFailed):
            tasks.process(replace(faster, attempt=faster.max_attempts))
        fail()

    monkeypatch.setattr(ffmpeg, "encode_hls", overtaken)
    with pytest.raises(ffmpeg.EncodeFailed):
        tasks.process(slow)
    assert asset_of(asset_id).state == "failed"


def package_of(asset_id: UUID) -> dict[str, bytes]:
    prefix = service.package_key(asset_id)
    return {name: storage().path(f"{prefix}/{name}").read_bytes() for name in storage().names(prefix)}


def test_an_upload_whose_file_is_gone_fails_for_good(staff: Staff, clip: bytes, folder: Path) -> None:
    asset_id = upload(clip, folder, staff)
    storage().delete(service.source_key(asset_id))
    with pytest.raises(GiveUp):
        tasks.process(claimed("worker"))
    assert asset_of(asset_id).state == "failed"


def test_the_draft_of_a_lecture_may_wait_for_its_video(staff: Staff, clip: bytes, folder: Path) -> None:
    asset_id = upload(clip, folder, staff)
    revision_id = make_lecture(staff.uploader, asset_id=asset_id)
    tasks.process(claimed("worker"))
    assert state_of(revision_id) is State.DRAFT
    with reading() as session:
        assert catalogue.revisions_of_asset(session, asset_id) == (revision_id,)
