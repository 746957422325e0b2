"""Real ffmpeg and small clips that it makes on the fly."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from lms.infra import ffmpeg

Clips = Callable[..., Path]


@pytest.fixture(scope="session")
def program() -> Path:
    return ffmpeg.find()


@pytest.fixture(scope="session")
def clip(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Clips:
    """A function that makes a file from ffmpeg's own words; asked again for the same name it gives the same file."""
    folder = tmp_path_factory.mktemp("clips")

    def make(name: str, *words: str | Path) -> Path:
        path = folder / name
        if not path.exists():
            command = [program, "-nostdin", "-v", "error", "-y", *words, path]
            subprocess.run(command, check=True, timeout=60, capture_output=True)
        return path

    return make


@pytest.fixture(scope="session")
def talk(clip: Clips) -> Path:
    """Three seconds of 640×360 picture with sound."""
    picture = ["-f", "lavfi", "-i", "testsrc2=s=640x360:r=15:d=3"]
    sound = ["-f", "lavfi", "-i", "sine=d=3"]
    return clip("talk.mp4", *picture, *sound, "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac")


@pytest.fixture(scope="session")
def silent(clip: Clips) -> Path:
    """Two seconds of 320×240 picture without sound."""
    return clip("silent.mp4", "-f", "lavfi", "-i", "testsrc2=s=320x240:r=25:d=2", "-c:v", "libx264")
