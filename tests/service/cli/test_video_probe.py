"""`lms video probe` answers for every file, without settings, and never with a traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lms.infra import ffmpeg, sandbox
from tests.service.cli.conftest import Command

MEMBERS = {"accepted", "reason", "duration_ms", "width", "height", "video_codec", "audio_codec"}
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of 320×240 picture with sound."""
    path = tmp_path_factory.mktemp("clips") / "讲课 1.mp4"
    picture, sound = ["-f", "lavfi", "-i", "testsrc2=s=320x240:r=15:d=2"], ["-f", "lavfi", "-i", "sine=d=2"]
    codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac"]
    command = [ffmpeg.find(), "-nostdin", "-v", "error", *picture, *sound, *codecs, path]
    subprocess.run(command, check=True, timeout=60, capture_output=True)
    return path


def answer(lms: Command, path: object, code: int) -> dict[str, Any]:
    result = lms("video", "probe", path, "--json")
    assert result.exit_code == code, result.output
    assert len(result.stdout.splitlines()) == 1
    found: dict[str, Any] = json.loads(result.stdout)
    assert set(found) >= MEMBERS
    assert found["accepted"] is (code == 0)
    assert (found["reason"] is None) is (code == 0)
    return found


def test_a_film_is_accepted_with_its_facts(lms: Command, talk: Path) -> None:
    found = answer(lms, talk, 0)
    assert (found["duration_ms"], found["width"], found["height"]) == (2000, 320, 240)
    assert (found["video_codec"], found["audio_codec"]) == ("h264", "aac")


def test_people_read_a_sentence(lms: Command, talk: Path) -> None:
    assert lms("video", "probe", talk).stdout == "accepted: 320×240, 2.0 s, h264 + aac\n"
    refused = lms("video", "probe", ROOT / "README.md")
    assert (refused.exit_code, refused.stdout[:9]) == (1, "refused (")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.mp4", b"", "empty"),
        ("text.mp4", "讲课".encode() * 100, "unreadable"),
        ("list.mp4", b"#EXTM3U\n/etc/passwd\n", "playlist"),
        ("concat.mkv", b"ffconcat version 1.0\nfile /etc/passwd\n", "playlist"),
        ("noise.mp4", bytes(range(256)) * 64, "unreadable"),
        ("-i.mp4", b"x", "unreadable"),
    ],
)
def test_what_is_no_film_is_refused(lms: Command, tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert answer(lms, path, 1)["reason"] == reason


def test_what_is_no_file_is_refused(lms: Command, tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    os.mkfifo(tmp_path / "pipe")
    for path in (
        tmp_path,
        tmp_path / "none",
        tmp_path / "none" / "deeper",
        tmp_path / "loop",
        tmp_path / "pipe",
        "/dev/zero",
    ):
        assert answer(lms, path, 1)["reason"] == "not_a_file", path


def test_a_cut_film_is_refused(lms: Command, talk: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(talk.read_bytes()[: talk.stat().st_size // 2])
    assert answer(lms, cut, 1)["reason"]


def test_without_a_fence_no_file_is_opened(lms: Command, talk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_args: object, **_more: object) -> None:
        raise sandbox.SandboxError("bwrap: no permission")

    monkeypatch.setattr(sandbox, "run", down)
    found = answer(lms, talk, 1)
    assert found["reason"] == "no_fence"
    assert "no permission" in found["reason_text"]


def test_it_needs_no_environment(talk: Path, tmp_path: Path) -> None:
    for path, code in ((talk, 0), (ROOT / "README.md", 1)):
        done = subprocess.run(
            [sys.executable, "-m", "lms", "video", "probe", path, "--json"],
            env={"PYTHONPATH": str(ROOT)},
            cwd=tmp_path,
            capture_output=True,
            timeout=60,
        )
        assert done.returncode == code, done.stderr
        assert set(json.loads(done.stdout)) >= MEMBERS
        assert b"Traceback" not in done.stderr


def test_a_name_that_is_no_text_is_still_answered(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xff\xfe.mp4"
    Path(os.fsdecode(path)).write_bytes(b"x")
    done = subprocess.run(
        [sys.executable, "-m", "lms", "video", "probe", path, "--json"],
        env={"PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"},
        cwd=tmp_path,
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert json.loads(done.stdout)["accepted"] is False
    assert b"Traceback" not in done.stderr
