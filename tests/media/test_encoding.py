"""An accepted upload becomes a whole package that players can play, or an error; never something in between."""

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import av
import pytest

from lms.infra import ffmpeg, mediaprobe, sandbox
from lms.infra.hls import read
from lms.infra.mediaprobe import Probe, ProbeLimits
from tests.media.processes import gone_within, survivors

Clips = Callable[..., Path]


def look(path: Path) -> Probe:
    found = mediaprobe.probe(path, limits=ProbeLimits())
    assert found.accepted, found
    return found


def joined(folder: Path, rung: str, to: Path) -> Path:
    """A rendition as one file: its init segment and all segments."""
    playlist = read((folder / f"{rung}.m3u8").read_text())
    parts = [playlist.init, *(name for name, _ in playlist.segments)]
    to.write_bytes(b"".join((folder / part).read_bytes() for part in parts))
    return to


@pytest.mark.parametrize("fence", sandbox.available_fences(), ids=lambda fence: fence.name)
def test_a_talk_becomes_a_ladder_with_poster(
    program: Path, talk: Path, tmp_path: Path, fence: sandbox.Fence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "fence", lambda: fence)
    percents: list[int] = []
    out = tmp_path / "package"
    package = ffmpeg.encode_hls(talk, out, program=program, probe=look(talk), on_progress=percents.append)

    names = {file.name for file in package.files}
    assert names == {path.name for path in out.iterdir()}
    assert {"master.m3u8", "poster.jpg", "360p.m3u8", "360p-init.mp4", "180p.m3u8", "180p-00000.m4s"} <= names
    assert package.total_bytes == sum(path.stat().st_size for path in out.iterdir())
    assert (package.segment_count, package.duration_ms) == (2, 3000)
    assert percents == sorted(set(percents)) and percents[-1] == 100
    master = (out / "master.m3u8").read_text()
    assert re.findall(r"RESOLUTION=(\d+x\d+)", master) == ["640x360", "320x180"]
    assert re.findall(r'CODECS="avc1\.4d40[0-9a-f]{2},mp4a\.40\.2"', master)
    assert re.findall(r"[^-]BANDWIDTH=(\d+)", master)
    for rung, size in (("360p", (640, 360)), ("180p", (320, 180))):
        found = look(joined(out, rung, tmp_path / f"{rung}.mp4"))
        assert (found.width, found.height) == size
        assert (found.video_codec, found.audio_codec) == ("h264", "aac")
        assert abs((found.duration_ms or 0) - 3000) <= 100
    with av.open(str(out / "poster.jpg")) as poster:
        assert (poster.streams.video[0].width, poster.streams.video[0].height) == (640, 360)


def test_segments_are_six_seconds_and_each_begins_with_a_key_picture(
    program: Path, clip: Clips, tmp_path: Path
) -> None:
    source = clip("long.mp4", "-f", "lavfi", "-i", "testsrc2=s=160x120:r=10:d=14", "-c:v", "libx264", "-g", "250")
    out = tmp_path / "package"
    package = ffmpeg.encode_hls(source, out, program=program, probe=look(source))
    playlist = read((out / "120p.m3u8").read_text())
    assert [round(seconds, 1) for _, seconds in playlist.segments] == [6.0, 6.0, 2.0]
    assert package.duration_ms == 14_000
    for name, _ in playlist.segments:
        path = tmp_path / f"{name}.mp4"
        path.write_bytes((out / playlist.init).read_bytes() + (out / name).read_bytes())
        with av.open(str(path)) as container:
            first = next(packet for packet in container.demux(video=0))
            assert first.is_keyframe
            assert first.pts == first.dts


def test_a_silent_picture_gets_silence(program: Path, silent: Path, tmp_path: Path) -> None:
    out = tmp_path / "package"
    package = ffmpeg.encode_hls(silent, out, program=program, probe=look(silent))
    assert package.duration_ms == 2000
    assert look(joined(out, "240p", tmp_path / "whole.mp4")).audio_codec == "aac"


def test_sound_that_is_longer_than_the_picture_is_cut(program: Path, clip: Clips, tmp_path: Path) -> None:
    words = ["-f", "lavfi", "-i", "testsrc2=s=160x120:r=25:d=2", "-f", "lavfi", "-i", "sine=d=9", "-c:v", "libx264"]
    source = clip("late.mp4", *words)
    assert ffmpeg.encode_hls(source, tmp_path / "p", program=program, probe=look(source)).duration_ms == 2000


def test_a_source_that_ends_before_its_length_is_a_failure(program: Path, talk: Path, tmp_path: Path) -> None:
    claim = Probe(True, None, 9000, 640, 360, "h264", "aac", 15.0, 0, 1)
    with pytest.raises(ffmpeg.EncodeFailed) as failure:
        ffmpeg.encode_hls(talk, tmp_path / "package", program=program, probe=claim)
    assert failure.value.reason == "duration"
    assert failure.value.reason_text.startswith("转码结果的时长")


def test_the_encoder_itself_refuses_playlists_and_decoders_off_the_list(
    program: Path, talk: Path, clip: Clips, tmp_path: Path
) -> None:
    claim = Probe(True, None, 3000, 640, 360, "h264", "aac", 15.0, 0, 1)
    playlist = tmp_path / "lecture.mp4"
    playlist.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n{talk}\n#EXT-X-ENDLIST\n")
    script = tmp_path / "script.mp4"
    script.write_text(f"ffconcat version 1.0\nfile {talk}\n")
    magic = clip("magic.mkv", "-f", "lavfi", "-i", "testsrc2=d=2:s=160x120", "-c:v", "magicyuv")
    for number, source in enumerate((playlist, script, magic)):
        with pytest.raises(ffmpeg.EncodeFailed) as failure:
            ffmpeg.encode_hls(source, tmp_path / str(number), program=program, probe=claim)
        assert failure.value.reason == "encoder"


def test_a_copy_has_the_picture_and_the_sound_and_no_word(program: Path, tmp_path: Path) -> None:
    number, lines = "11010519491231002X", tmp_path / "lines.srt"
    lines.write_text(f"1\n00:00:00,000 --> 00:00:01,500\n王大树 {number}\n")
    source, note = tmp_path / "talk.mkv", tmp_path / "list.txt"
    note.write_text(number)
    words = ["-f", "lavfi", "-i", "testsrc2=s=160x120:r=25:d=2", "-f", "lavfi", "-i", "sine=d=2", "-i", str(lines)]
    told = ["-metadata", f"title={number}", "-metadata:s:v", f"title={number}", "-attach", str(note)]
    kind = ["-metadata:s:t", "mimetype=text/plain", "-c:v", "libx264", "-c:a", "aac", "-c:s", "srt"]
    subprocess.run([program, "-nostdin", "-v", "error", *words, *told, *kind, source], check=True, timeout=60)
    assert source.read_bytes().count(number.encode()) >= 4
    copy = ffmpeg.copy_without_texts(source, tmp_path / "bare", program=program, probe=look(source))
    assert number.encode() not in copy.read_bytes()
    before, after = look(source), look(copy)
    assert (after.video_codec, after.audio_codec, after.width) == (before.video_codec, before.audio_codec, before.width)
    assert abs((after.duration_ms or 0) - (before.duration_ms or 0)) <= 50
    assert ffmpeg.encode_hls(copy, tmp_path / "package", program=program, probe=after).duration_ms == after.duration_ms


def test_what_the_encoder_quotes_of_a_file_holds_no_id_number(
    talk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = look(talk)
    said = sandbox.Result(1, "title : 11010519491231002X\nConversion failed!", None)
    monkeypatch.setattr(sandbox, "run", lambda *_args, **_more: said)
    with pytest.raises(ffmpeg.EncodeFailed) as failure:
        ffmpeg.encode_hls(talk, tmp_path / "package", program=Path("ffmpeg"), probe=found)
    assert "11010519491231002X" not in failure.value.detail and "Conversion failed!" in failure.value.detail


def test_a_limit_ends_the_encode(program: Path, talk: Path, tmp_path: Path) -> None:
    limits = sandbox.Limits(cpu_seconds=60, memory_bytes=4 << 30, file_bytes=1000, wall_seconds=60)
    with pytest.raises(ffmpeg.EncodeFailed) as failure:
        ffmpeg.encode_hls(talk, tmp_path / "package", program=program, probe=look(talk), limits=limits)
    assert failure.value.reason in {"too_heavy", "encoder"}


@pytest.mark.parametrize("fence", sandbox.available_fences(), ids=lambda fence: fence.name)
def test_kill_9_of_the_worker_leaves_no_encoder_behind(
    program: Path, talk: Path, tmp_path: Path, fence: sandbox.Fence
) -> None:
    out = tmp_path / f"package-{os.urandom(6).hex()}"
    code = f"""
from pathlib import Path
from lms.infra import ffmpeg, mediaprobe, sandbox
sandbox.fence = lambda: sandbox.Fence({fence.name!r}, True, True, "")
probe = mediaprobe.Probe(True, None, 3000, 640, 360, "h264", "aac", 15.0, 0, 1)
for _ in range(100):
    ffmpeg.encode_hls(Path({str(talk)!r}), Path({str(out)!r}), program=Path({str(program)!r}), probe=probe,
                      on_progress=lambda percent: print(percent, flush=True))
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout and worker.stdout.readline()
        encoders: list[int] = []
        while not encoders:
            for pid in set(survivors(out.name)) - {worker.pid}:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGSTOP)
                    encoders.append(pid)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    try:
        assert gone_within(out.name, 2)
    finally:
        for pid in survivors(out.name):
            os.kill(pid, signal.SIGKILL)
