"""Finds ffmpeg and encodes with it behind the fence: HLS packages of uploads, and the lectures of the demo.

The only importer of ffmpeg-python, which builds argument lists and runs nothing.
"""

import functools
import importlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import ffmpeg

from lms.infra import hls, mediaprobe, sandbox, slides
from lms.infra.hls import EncodedPackage, PackagedFile
from lms.infra.slides import Slide
from lms.kernel.errors import N_
from lms.kernel.numbers import without_id_numbers

__all__ = ["EncodeFailed", "EncodedPackage", "FfmpegMissing", "PackagedFile", "Rendition", "Slide",
           "copy_without_texts", "encode_hls", "encode_limits", "find", "ladder", "make_lecture", "version"]  # fmt: skip

HEIGHTS = (720, 360)
SEGMENT_SECONDS = 6
COPY = "copy.mkv"
_ALLOWED_DRIFT_MS = 500
_FRAME_RATES = ("10", "12", "15", "20", "24000/1001", "24", "25", "30000/1001", "30")

REASONS = {
    "too_heavy": N_("转码所需的时间、内存或空间超出限制"),
    "encoder": N_("转码失败，视频可能已损坏"),
    "duration": N_("转码结果的时长与原视频不一致，视频可能已损坏"),
    "incomplete": N_("转码结果不完整"),
}


class FfmpegMissing(Exception):
    """No ffmpeg that can encode H.264 and AAC runs here; the message says what was tried."""


class EncodeFailed(Exception):
    """The encode ended without a whole package; `reason` is a key of REASONS, `detail` is for the log."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail

    @property
    def reason_text(self) -> str:
        """The sentence for people, Chinese source text."""
        return REASONS[self.reason]


@dataclass(frozen=True, slots=True)
class Rendition:
    """One rung of the ladder: its name, its size in pixels, and bits per second of picture (at most) and sound."""

    name: str
    width: int
    height: int
    video_rate: int
    audio_rate: int


def find(setting: str = "") -> Path:
    """The ffmpeg to use: the one that is set, else the system's, else imageio-ffmpeg's.

    Raises FfmpegMissing, and sandbox.SandboxError when nothing may run here for want of a fence.
    """
    sandbox.fence()
    if setting:
        chosen = shutil.which(setting)
        if chosen is None or not _encodes(Path(chosen).resolve()):
            raise FfmpegMissing(f"LMS_FFMPEG={setting} is no program that encodes H.264 and AAC inside the fence")
        return Path(chosen).resolve()
    candidates = [Path(found).resolve() for found in (shutil.which("ffmpeg"), _wheel()) if found]
    for candidate in candidates:
        if _encodes(candidate):
            return candidate
    raise FfmpegMissing(f"tried {', '.join(map(str, candidates)) or 'nothing'}: install ffmpeg or imageio-ffmpeg")


def version(program: Path) -> str:
    """The version that the program names itself, such as 5.1.9-0+deb12u1."""
    words = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=20, check=True).stdout.split()
    return words[2] if len(words) > 2 else "unknown"


@functools.lru_cache(maxsize=8)
def _encodes(program: Path) -> bool:
    lines: list[str] = []
    limits = sandbox.Limits(cpu_seconds=10, memory_bytes=2 << 30, file_bytes=0, wall_seconds=20)
    command = [str(program), "-hide_banner", "-encoders"]
    try:
        sandbox.run(command, inputs=[], output_dir=None, limits=limits, on_line=lines.append)
    except (sandbox.SandboxError, OSError):
        return False
    names = {words[1] for words in map(str.split, lines) if len(words) > 1}
    return {"libx264", "aac", "mjpeg"} <= names


def _wheel() -> str | None:
    try:
        return str(importlib.import_module("imageio_ffmpeg").get_ffmpeg_exe())
    except (ImportError, RuntimeError):
        return None


def ladder(probe: mediaprobe.Probe, heights: Sequence[int] = HEIGHTS) -> tuple[Rendition, ...]:
    """One rung for each of `heights` (lines of the shorter side), best first, never above the source.

    A height too near to the rung above becomes half of that rung, so that a small source has as many rungs as a large one.
    """
    width, height = probe.width or 0, probe.height or 0
    short = min(width, height)
    rungs: list[Rendition] = []
    above = 0
    for wanted in sorted(heights, reverse=True):
        side = wanted if not above or above >= wanted * 4 / 3 else above // 2
        side = above = min(side, short)
        size = (_even(width * side / short), _even(height * side / short))
        rate = max(150_000, round(1_800_000 * (size[0] * size[1] / (1280 * 720)) ** 0.75))
        rungs.append(Rendition(f"{side}p", *size, rate, 64_000 if rungs else 96_000))
    return tuple(rungs)


def encode_limits(probe: mediaprobe.Probe) -> sandbox.Limits:
    """Generous for a slow machine, and still an end: about 20 times real time."""
    seconds = (probe.duration_ms or 0) // 1000
    return sandbox.Limits(
        cpu_seconds=300 + 40 * seconds, memory_bytes=4 << 30, file_bytes=256 << 20, wall_seconds=300 + 20 * seconds
    )


def encode_hls(
    source: Path,
    out_dir: Path,
    *,
    program: Path,
    probe: mediaprobe.Probe,
    heights: Sequence[int] = HEIGHTS,
    on_progress: Callable[[int], None] | None = None,
    limits: sandbox.Limits | None = None,
) -> EncodedPackage:
    """Encodes an accepted upload into an empty folder: master.m3u8, fMP4 segments of 6 s for each rendition, poster.jpg.

    One process makes all renditions. `on_progress` gets whole per cents; what it raises ends the encode and comes through.
    Raises EncodeFailed; the folder then holds rubbish, so callers encode into a folder of their own and rename it.
    """
    rungs = ladder(probe, heights)
    source, out_dir = source.resolve(), out_dir.resolve()
    out_dir.mkdir(parents=True, exist_ok=True)
    duration = (probe.duration_ms or 0) / 1000
    rate = _frame_rate(probe.fps or 0)
    outputs = _hls_outputs(source, out_dir, probe, rungs, rate, duration)
    _run(
        _compile(outputs, program), [source], out_dir, limits or encode_limits(probe), _progress(on_progress, duration)
    )
    package = _package(out_dir, rungs, rate, probe.duration_ms or 0)
    if on_progress:
        on_progress(100)
    return package


def copy_without_texts(source: Path, out_dir: Path, *, program: Path, probe: mediaprobe.Probe) -> Path:
    """The picture and the sound of an accepted upload as they are, without subtitles, tags, chapters and attachments.

    What these say nobody has looked at. Returns the copy, a Matroska file in `out_dir`. Raises EncodeFailed for streams that
    Matroska does not hold as they are.
    """
    source, out_dir = source.resolve(), out_dir.resolve()
    out_dir.mkdir(parents=True, exist_ok=True)
    upload = ffmpeg.input(
        f"file:{source}",
        protocol_whitelist="file",
        format_whitelist=mediaprobe.FORMATS,
        codec_whitelist=mediaprobe.DECODERS,
        fflags="+genpts",
    )
    streams = [upload[str(one)] for one in (probe.video_stream, probe.audio_stream) if one is not None]
    bare = {"map_metadata": -1, "map_metadata:s": -1, "map_chapters": -1, "fflags": "+bitexact"}
    copied = ffmpeg.output(*streams, f"file:{out_dir / COPY}", c="copy", f="matroska", **bare)
    size = source.stat().st_size
    limits = replace(encode_limits(probe), file_bytes=size + size // 8 + (64 << 20))
    _run(_compile(copied, program), [source], out_dir, limits, None)
    return out_dir / COPY


def _hls_outputs(
    source: Path, out_dir: Path, probe: mediaprobe.Probe, rungs: Sequence[Rendition], rate: str, duration: float
) -> Any:
    upload = ffmpeg.input(
        f"file:{source}",
        protocol_whitelist="file",
        format_whitelist=mediaprobe.FORMATS,
        codec_whitelist=mediaprobe.DECODERS,
        max_pixels=mediaprobe.ProbeLimits().max_pixels,
    )
    # From the first instant to the last: a picture that starts late is held, one that ends early by less than a second too.
    picture = upload[str(probe.video_stream)].filter("fps", fps=rate, start_time=0)
    picture = picture.filter("tpad", stop_mode="clone", stop_duration=1)
    pictures = picture.filter_multi_output("split", len(rungs) + 1)
    if probe.audio_stream is None:
        sound = ffmpeg.input("anullsrc=r=48000:cl=stereo", f="lavfi", t=duration).audio
    else:
        sound = upload[str(probe.audio_stream)].filter("aresample", 48_000, **{"async": 1, "first_pts": 0})
        sound = sound.filter("aformat", channel_layouts="stereo").filter("apad")
    sounds = sound.filter_multi_output("asplit", len(rungs))
    streams, options = [], {}
    for number, rung in enumerate(rungs):
        scaled = pictures[number].filter("scale", rung.width, rung.height, flags="bicubic").filter("setsar", 1)
        streams += [scaled.filter("format", "yuv420p"), sounds[number]]
        options[f"maxrate:v:{number}"] = rung.video_rate
        options[f"bufsize:v:{number}"] = 2 * rung.video_rate
        options[f"b:a:{number}"] = rung.audio_rate
    package = ffmpeg.output(
        *streams,
        str(out_dir / "%v.m3u8"),
        t=duration,
        f="hls",
        var_stream_map=" ".join(f"v:{number},a:{number},name:{rung.name}" for number, rung in enumerate(rungs)),
        hls_time=SEGMENT_SECONDS,
        hls_playlist_type="vod",
        hls_segment_type="fmp4",
        hls_flags="independent_segments",
        hls_fmp4_init_filename="%v-init.mp4",
        hls_segment_filename=str(out_dir / "%v-%05d.m4s"),
        force_key_frames=f"expr:gte(t,n_forced*{SEGMENT_SECONDS})",
        map_metadata=-1,
        map_chapters=-1,
        **_h264("veryfast", 23, threads=min(8, os.cpu_count() or 1)),
        # B-frames would begin the picture late, by an empty edit that browsers skip: sound and picture would drift apart.
        **{"bf": 0, "profile:v": "main", "flags:v": "+cgop", "sc_threshold": 0, "g": 10 * SEGMENT_SECONDS * 30},
        **{"c:a": "aac", "ac": 2},
        **options,
    )
    poster = pictures[len(rungs)].filter("select", f"gte(t,{duration / 10:.3f})")
    # JPEG knows one matrix and the full range only.
    colours = {"out_color_matrix": "bt601", "out_range": "pc"}
    poster = poster.filter("scale", rungs[0].width, rungs[0].height, **colours).filter("setsar", 1)
    poster = poster.filter("format", "yuvj420p")
    still = ffmpeg.output(poster, str(out_dir / "poster.jpg"), **{"frames:v": 1, "q:v": 3, "update": 1, "f": "image2"})
    return ffmpeg.merge_outputs(package, still)


def make_lecture(
    slides_shown: Sequence[Slide],
    seconds_each: Sequence[float],
    *,
    program: Path,
    font: Path,
    font_bold: Path,
    out: Path,
    teacher_line: str,
    course_line: str,
    watermark: str = "演示",
    size: tuple[int, int] = (1280, 720),
    fps: int = 10,
) -> None:
    """Makes a lecture of titled slides with a soft sound and a progress line, an mp4 that replaces `out` in one step.

    Raises EncodeFailed.
    """
    steps = [_steps(len(slide.bullets), shown) for slide, shown in zip(slides_shown, seconds_each, strict=True)]
    pictures = slides.draw(
        slides_shown,
        steps,
        fonts=[font, font_bold],
        mark=watermark,
        course_line=course_line,
        teacher_line=teacher_line,
        width=size[0],
    )
    lengths = [shown / len(step) for shown, step in zip(seconds_each, steps, strict=True) for _ in step]
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".lecture-", dir=out.parent) as work:
        folder = Path(work).resolve()
        script = ["ffconcat version 1.0"]
        for number, (picture, length) in enumerate(zip(pictures, lengths, strict=True)):
            (folder / f"{number:03d}.png").write_bytes(picture)
            script += [f"file {number:03d}.png", f"duration {length:.3f}"]
        # The demuxer ignores the length of its last file unless another one follows.
        (folder / "list").write_text("\n".join([*script, script[-2]]) + "\n")
        limits = sandbox.Limits(cpu_seconds=600, memory_bytes=4 << 30, file_bytes=1 << 30, wall_seconds=600)
        _run(_compile(_lecture_output(folder, size, fps, sum(seconds_each)), program), [], folder, limits, None)
        (folder / "lecture.mp4").replace(out)


def _steps(points: int, seconds: float) -> list[int]:
    """How many points each picture of a slide shows: one after the other, or all at once when there is no time to read."""
    return list(range(1, points + 1)) if points and seconds / points >= 1 else [points]


def _lecture_output(folder: Path, size: tuple[int, int], fps: int, duration: float) -> Any:
    width, height = size
    allowed = {"protocol_whitelist": "file", "format_whitelist": "concat,png_pipe,image2"}
    frames = ffmpeg.input(str(folder / "list"), f="concat", **allowed)
    colours = {"out_color_matrix": "bt709", "out_range": "tv"}
    frames = frames.filter("scale", width, height, **colours).filter("format", "yuv420p").filter("fps", fps=fps)
    line = ffmpeg.input(f"color=c=0xb3202c:s={width}x{height // 120}:r={fps}", f="lavfi", t=duration)
    line = line.filter("format", "rgb24").filter("scale", **colours).filter("format", "yuv420p")
    frames = frames.overlay(line, x=f"-w+w*t/{duration:.3f}", y=round(height * 649 / 720), eof_action="repeat")
    # A quiet fifth that swells slowly, so that one hears that there is sound.
    sines = [f"sine=frequency={hertz}:sample_rate=48000" for hertz in (196, 293.66, 392)]
    tones = [ffmpeg.input(sine, f="lavfi", t=duration) for sine in sines]
    sound = ffmpeg.filter(tones, "amix", inputs=len(tones)).filter("tremolo", f=0.12, d=0.6).filter("volume", "-8dB")
    sound = sound.filter("afade", type="in", duration=1)
    sound = sound.filter("afade", type="out", start_time=max(0, duration - 1), duration=1)
    return ffmpeg.output(
        frames,
        sound,
        str(folder / "lecture.mp4"),
        t=duration,
        g=5 * fps,
        tune="stillimage",
        colorspace="bt709",
        color_primaries="bt709",
        color_trc="bt709",
        movflags="+faststart",
        **_h264("veryfast", 22, threads=min(8, os.cpu_count() or 1)),
        **{"c:a": "aac", "b:a": "64k", "ac": 2},
    )


def _h264(preset: str, crf: int, *, threads: int) -> dict[str, object]:
    return {"c:v": "libx264", "preset": preset, "crf": crf, "threads": threads}


def _compile(outputs: Any, program: Path) -> list[str]:
    quiet = ["-nostdin", "-hide_banner", "-loglevel", "warning", "-nostats", "-progress", "pipe:1"]
    return [str(word) for word in ffmpeg.compile(outputs, cmd=[str(program), *quiet], overwrite_output=True)]


def _run(
    command: list[str],
    inputs: list[Path],
    out_dir: Path,
    limits: sandbox.Limits,
    on_line: Callable[[str], None] | None,
) -> None:
    result = sandbox.run(command, inputs=inputs, output_dir=out_dir, limits=limits, on_line=on_line)
    # It may quote what the file says of itself, and begin in the middle of a number.
    told = without_id_numbers(result.stderr_tail.lstrip("0123456789"))[-500:]
    if result.killed_by:
        raise EncodeFailed("too_heavy", f"{result.killed_by} {told}")
    if result.returncode:
        raise EncodeFailed("encoder", f"exit {result.returncode} {told}")


def _progress(report: Callable[[int], None] | None, duration: float) -> Callable[[str], None] | None:
    if report is None:
        return None
    last = -1

    def on_line(line: str) -> None:
        nonlocal last
        name, _, value = line.partition("=")
        if name == "out_time_us" and value.strip().isdigit():
            percent = min(99, int(int(value) / 10_000 / max(duration, 0.001)))
            if percent > last:
                last = percent
                report(percent)

    return on_line


def _package(out_dir: Path, rungs: Sequence[Rendition], rate: str, expected_ms: int) -> EncodedPackage:
    top, _, bottom = rate.partition("/")
    fps = int(top) / int(bottom or 1)
    rungs_asked = [hls.Rung(rung.name, rung.width, rung.height, fps) for rung in rungs]
    try:
        package = hls.package(out_dir, rungs_asked, also=("poster.jpg",))
    except hls.BrokenPackage as problem:
        raise EncodeFailed("incomplete", str(problem)) from problem
    for rung, duration_ms in zip(rungs, package.durations_ms, strict=True):
        if abs(duration_ms - expected_ms) > _ALLOWED_DRIFT_MS:
            raise EncodeFailed("duration", f"{rung.name}: {duration_ms} ms instead of {expected_ms}")
    return package


def _frame_rate(measured: float) -> str:
    """The usual rate at or just above the measured one; half of it above 30."""
    wanted = measured / 2 if measured > 30.5 else measured
    values = {text: int(text.partition("/")[0]) / int(text.partition("/")[2] or 1) for text in _FRAME_RATES}
    return next((text for text, value in values.items() if value >= wanted - 0.01), "30")


def _even(value: float) -> int:
    return max(2, 2 * round(value / 2))
