"""Demo lectures are real video: Chinese slides with a visible 演示 mark, a line that moves, and a soft sound."""

from pathlib import Path

import av
import pytest

from lms import paths
from lms.infra import ffmpeg, mediaprobe, slides
from lms.infra.ffmpeg import Slide
from lms.infra.mediaprobe import ProbeLimits

RED = (179, 32, 44)
SHOWN = [
    Slide("劳动关系与工会"),
    Slide("什么是劳动关系", ("劳动者与用人单位之间的关系", "兼有平等性与隶属性")),
    Slide("危险的文字", ("单引号 ' 冒号 : 百分号 %{n} 反斜线 \\", "井号 #set [x] $y$ @z", "换行 <b>")),
]


@pytest.fixture(scope="module")
def lecture(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("lecture") / "course" / "lecture.mp4"
    ffmpeg.make_lecture(
        SHOWN,
        [1.0, 2.0, 3.0],
        program=program,
        font=paths.fonts() / "NotoSansSC-Regular.otf",
        font_bold=paths.fonts() / "NotoSansSC-Bold.otf",
        out=out,
        teacher_line="李德齐　中国劳动关系学院教授",
        course_line="第一课　劳动关系与工会",
    )
    return out


def red_pixels(picture: av.VideoFrame, box: tuple[int, int, int, int]) -> int:
    """How many pixels in left, top, right, bottom are the red of the house."""
    plane = picture.reformat(format="rgb24").planes[0]
    data, stride = bytes(plane), plane.line_size
    left, top, right, bottom = box
    pixels = (data[y * stride + 3 * x : y * stride + 3 * x + 3] for y in range(top, bottom) for x in range(left, right))
    return sum(all(abs(value - wanted) < 24 for value, wanted in zip(pixel, RED, strict=True)) for pixel in pixels)


def pictures(path: Path) -> list[av.VideoFrame]:
    with av.open(str(path)) as container:
        return list(container.decode(video=0))


def test_it_passes_the_gate_with_the_length_that_was_asked(lecture: Path) -> None:
    found = mediaprobe.probe(lecture, limits=ProbeLimits())
    assert found == mediaprobe.Probe(True, None, 6000, 1280, 720, "h264", "aac", 10.0, 0, 1)
    assert [path.name for path in lecture.parent.iterdir()] == ["lecture.mp4"]


def test_every_picture_carries_the_mark_and_the_line_moves(lecture: Path) -> None:
    shown = pictures(lecture)
    assert len(shown) == 60
    sampled = shown[5::18]
    assert all(red_pixels(picture, (1140, 30, 1240, 85)) > 150 for picture in sampled)
    line = [red_pixels(picture, (30, 650, 1280, 653)) for picture in sampled]
    assert line == sorted(line) and line[0] < line[-1] - 1000


def test_points_appear_one_after_the_other_when_there_is_time_to_read() -> None:
    assert ffmpeg._steps(3, 9.0) == [1, 2, 3]
    assert ffmpeg._steps(3, 0.6) == [3]
    assert ffmpeg._steps(0, 9.0) == [0]


def test_slides_are_drawn_with_the_given_fonts_alone(tmp_path: Path) -> None:
    fonts = [paths.fonts() / "NotoSansSC-Regular.otf"]
    drawn = slides.draw(
        SHOWN, [[0], [1, 2], [3]], fonts=fonts, mark="演示", course_line="课", teacher_line="师", width=640
    )
    assert len(drawn) == 4
    assert all(picture.startswith(b"\x89PNG") for picture in drawn)
    path = tmp_path / "slide.png"
    path.write_bytes(drawn[0])
    with av.open(str(path)) as container:
        assert (container.streams.video[0].width, container.streams.video[0].height) == (640, 360)
