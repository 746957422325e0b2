"""Which renditions a source gets, at which rate, and how progress is read."""

import pytest

from lms.infra import ffmpeg
from lms.infra.mediaprobe import Probe


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ((1920, 1080), [(1280, 720), (640, 360)]),
        ((1280, 720), [(1280, 720), (640, 360)]),
        ((1080, 1920), [(720, 1280), (360, 640)]),
        ((854, 480), [(854, 480), (640, 360)]),
        ((640, 360), [(640, 360), (320, 180)]),
        ((400, 400), [(400, 400), (200, 200)]),
        ((321, 241), [(320, 240), (160, 120)]),
        ((4096, 2160), [(1366, 720), (682, 360)]),
    ],
)
def test_two_renditions_never_above_the_source(source: tuple[int, int], expected: list[tuple[int, int]]) -> None:
    rungs = ffmpeg.ladder(Probe(True, width=source[0], height=source[1]), (360, 720))
    assert [(rung.width, rung.height) for rung in rungs] == expected
    assert len({rung.name for rung in rungs}) == 2
    assert rungs[0].video_rate >= rungs[1].video_rate


@pytest.mark.parametrize(
    ("measured", "rate"),
    [
        (10.0, "10"),
        (5.0, "10"),
        (0.0, "10"),
        (12.4, "15"),
        (23.976, "24000/1001"),
        (24.0, "24"),
        (25.0, "25"),
        (29.97, "30000/1001"),
        (30.0, "30"),
        (50.0, "25"),
        (59.94, "30000/1001"),
        (60.0, "30"),
        (240.0, "30"),
    ],
)
def test_the_rate_of_pictures_is_a_usual_one(measured: float, rate: str) -> None:
    assert ffmpeg._frame_rate(measured) == rate


def test_progress_rises_and_stops_short_of_the_end() -> None:
    seen: list[int] = []
    on_line = ffmpeg._progress(seen.append, 10.0)
    assert on_line is not None
    for line in (
        "frame=1",
        "out_time_us=N/A",
        "out_time_us=1000000",
        "out_time_us=900000",
        "out_time_us=99000000",
        "progress=end",
    ):
        on_line(line)
    assert seen == [10, 99]


def test_nobody_listening_means_no_reader() -> None:
    assert ffmpeg._progress(None, 10.0) is None


def test_limits_grow_with_the_length() -> None:
    short, long = (ffmpeg.encode_limits(Probe(True, duration_ms=ms)) for ms in (6_000, 3_600_000))
    assert short.wall_seconds < long.wall_seconds
    assert short.memory_bytes == long.memory_bytes
