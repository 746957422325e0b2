"""The right ffmpeg is found, and a wrong one is named."""

from pathlib import Path

import pytest

from lms.infra import ffmpeg


def test_what_is_found_names_its_version(program: Path) -> None:
    assert program.is_absolute()
    assert any(character.isdigit() for character in ffmpeg.version(program))


def test_the_setting_wins(program: Path) -> None:
    assert ffmpeg.find(str(program)) == program


@pytest.mark.parametrize("setting", ["/no/such/ffmpeg", "/usr/bin/cat", "no-such-ffmpeg"])
def test_a_setting_that_does_not_encode_is_refused_by_name(setting: str) -> None:
    with pytest.raises(ffmpeg.FfmpegMissing, match=setting):
        ffmpeg.find(setting)


def test_nothing_found_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(ffmpeg, "_wheel", lambda: None)
    with pytest.raises(ffmpeg.FfmpegMissing, match="imageio-ffmpeg"):
        ffmpeg.find()
