"""What the gate lets in, what it refuses, and that it tells the truth about length."""

import os
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from lms.infra import mediaprobe, sandbox
from lms.infra.mediaprobe import REASONS, Probe, ProbeLimits

Clips = Callable[..., Path]

EXTENSIONS = ("mp4", "m4v", "mov", "mkv", "webm", "avi", "m3u8")


def look(path: Path, **limits: int) -> Probe:
    return mediaprobe.probe(path, limits=ProbeLimits(**limits))


def test_a_talk_enters_with_its_facts(talk: Path) -> None:
    found = look(talk)
    assert found == Probe(True, None, 3000, 640, 360, "h264", "aac", 15.0, 0, 1)
    assert found.reason_text is None


@pytest.mark.parametrize(
    ("name", "codecs", "expected"),
    [
        ("vp9.webm", ["libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"], "vp9"),
        ("mpeg4.mov", ["mpeg4"], "mpeg4"),
        ("mpeg2.mkv", ["mpeg2video"], "mpeg2video"),
    ],
)
def test_other_usual_codecs_enter(clip: Clips, name: str, codecs: list[str], expected: str) -> None:
    path = clip(name, "-f", "lavfi", "-i", "testsrc2=s=160x120:r=25:d=2", "-c:v", *codecs)
    found = look(path)
    assert (found.accepted, found.video_codec, found.audio_codec) == (True, expected, None)


@pytest.mark.parametrize(
    ("extension", "text"),
    [
        *(
            (extension, "#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n{talk}\n#EXT-X-ENDLIST\n")
            for extension in EXTENSIONS
        ),
        *((extension, "ffconcat version 1.0\nfile {talk}\n") for extension in EXTENSIONS),
        ("mp4", "\ufeff\n  #EXTM3U\n{talk}\n"),
        ("mp4", '<?xml version="1.0"?><MPD><BaseURL>{talk}</BaseURL></MPD>'),
    ],
)
def test_a_playlist_is_refused_under_any_name(tmp_path: Path, talk: Path, extension: str, text: str) -> None:
    path = tmp_path / f"lecture.{extension}"
    path.write_text(text.format(talk=talk))
    assert look(path).reason == "playlist"


def test_a_playlist_that_is_not_recognised_by_its_first_words_still_opens_nothing(tmp_path: Path, talk: Path) -> None:
    path = tmp_path / "lecture.mp4"
    path.write_bytes(b"\x00" * 8 + f"#EXTM3U\n#EXTINF:3,\n{talk}\n".encode())
    assert look(path).reason == "unreadable"


def test_a_decoder_that_is_not_on_the_list_is_refused(clip: Clips) -> None:
    assert (
        look(clip("magic.mkv", "-f", "lavfi", "-i", "testsrc2=d=2:s=160x120", "-c:v", "magicyuv")).reason
        == "video_codec"
    )
    sound = ["-f", "lavfi", "-i", "sine=d=2", "-c:a", "wmav2", "-c:v", "libx264"]
    assert look(clip("wma.mkv", "-f", "lavfi", "-i", "testsrc2=d=2:s=160x120", *sound)).reason == "audio_codec"


def test_a_container_that_is_not_on_the_list_is_refused(clip: Clips, talk: Path) -> None:
    assert look(clip("talk.avi", "-i", talk, "-c", "copy")).reason == "unreadable"


def test_rubbish_is_refused(tmp_path: Path, talk: Path, clip: Clips) -> None:
    empty, noise, sparse, cut = (tmp_path / f"{name}.mp4" for name in ("empty", "noise", "sparse", "cut"))
    empty.touch()
    noise.write_bytes(Random(1).randbytes(50_000))  # other noise may look like some format
    sparse.touch()
    os.truncate(sparse, 8 << 30)
    cut.write_bytes(talk.read_bytes()[:20_000])
    pipe = tmp_path / "pipe.mp4"
    os.mkfifo(pipe)
    found = {path.stem: look(path).reason for path in (empty, noise, sparse, cut, pipe, tmp_path / "absent.mp4")}
    assert found == {
        "empty": "empty",
        "noise": "unreadable",
        "sparse": "unreadable",
        "cut": "unreadable",
        "pipe": "not_a_file",
        "absent": "not_a_file",
    }
    assert look(clip("sound.mp4", "-f", "lavfi", "-i", "sine=d=2")).reason == "no_video"


def test_bounds_of_size_and_length_hold(talk: Path) -> None:
    assert look(talk, max_pixels=640 * 360 - 1).reason == "too_many_pixels"
    assert look(talk, min_side=361).reason == "too_small"
    assert look(talk, max_duration_ms=2_500).reason == "too_long"
    assert look(talk, min_duration_ms=3_001).reason == "too_short"


def test_a_file_that_claims_to_be_longer_does_not_win(tmp_path: Path, talk: Path) -> None:
    data = bytearray(talk.read_bytes())
    for box, offset in ((b"mvhd", 20), (b"tkhd", 24), (b"mdhd", 20)):
        at = data.find(box)
        while at >= 0:
            data[at + offset : at + offset + 4] = (900_000_000).to_bytes(4, "big")
            at = data.find(box, at + 1)
    path = tmp_path / "long.mp4"
    path.write_bytes(data)
    found = look(path)
    assert (found.accepted, found.duration_ms) == (True, 3000)


def test_the_picture_decides_the_length_not_the_sound(clip: Clips) -> None:
    sound = ["-f", "lavfi", "-i", "sine=d=30", "-c:v", "libx264"]
    assert look(clip("sound30.mp4", "-f", "lavfi", "-i", "testsrc2=d=2:s=160x120", *sound)).duration_ms == 2000


def test_what_the_looking_process_may_not_afford_is_refused_not_an_error(
    talk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert look(talk, memory_bytes=96 << 20).accepted is False
    assert look(talk, wall_seconds=0).reason == "too_heavy"
    monkeypatch.setattr(sandbox, "run", lambda *_, **__: sandbox.Result(1, "boom", None))
    assert look(talk).reason == "unreadable"


def test_every_refusal_has_a_sentence_for_people() -> None:
    assert all(0 < len(text) <= 60 for text in REASONS.values())
    assert Probe(False, "empty").as_dict()["reason_text"] == "文件是空的"
