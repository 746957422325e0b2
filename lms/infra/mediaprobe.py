"""The gate for uploaded video: what a file really holds, and whether it may enter, found out in a fenced process."""

import functools
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lms.infra import sandbox
from lms.kernel.errors import N_

_CHILD = Path(__file__).resolve().with_name("mediaprobe_child.py")

FORMATS = "mov,matroska"
VIDEO_CODECS = ("h264", "hevc", "vp8", "vp9", "av1", "mpeg4", "mpeg2video")
AUDIO_CODECS = ("aac", "mp3", "opus", "vorbis", "ac3", "pcm_s16le", "flac")
DECODERS = ",".join((*VIDEO_CODECS, *AUDIO_CODECS, "libdav1d", "libaom-av1", "mp3float", "libopus", "libvorbis"))

REASONS = {
    "not_a_file": N_("没有找到要检查的文件"),
    "empty": N_("文件是空的"),
    "playlist": N_("这是播放列表或文字文件，不是视频文件"),
    "unreadable": N_("无法识别的文件：请上传 MP4、MOV、MKV 或 WebM 视频"),
    "no_video": N_("文件里没有视频画面"),
    "video_codec": N_("不支持这种视频编码：请使用 H.264、H.265、VP8、VP9、AV1 或 MPEG-4"),
    "audio_codec": N_("不支持这种音频编码：请使用 AAC、MP3、Opus、Vorbis、AC-3、FLAC 或 PCM"),
    "undecodable": N_("视频画面无法解码，文件可能已损坏"),
    "too_many_pixels": N_("画面尺寸过大"),
    "too_small": N_("画面尺寸过小"),
    "too_short": N_("视频时长过短"),
    "too_long": N_("视频时长过长"),
    "too_heavy": N_("检查这个文件所需的时间或内存超出限制"),
}


@dataclass(frozen=True, slots=True)
class ProbeLimits:
    """Bounds of what may enter (pixels of a picture, milliseconds) and of the process that looks."""

    max_pixels: int = 9_000_000
    min_side: int = 64
    min_duration_ms: int = 1_000
    max_duration_ms: int = 4 * 3_600_000
    cpu_seconds: int = 60
    wall_seconds: float = 120
    memory_bytes: int = 1 << 30


@dataclass(frozen=True, slots=True)
class Probe:
    """What the gate found. `reason` is None or a key of REASONS; sizes are as shown on a screen (after rotation).

    `duration_ms` ends with the last packet of the picture, whatever the file claims. Stream numbers are those of the file.
    """

    accepted: bool
    reason: str | None = None
    duration_ms: int | None = None
    width: int | None = None
    height: int | None = None
    video_codec: str | None = None
    audio_codec: str | None = None
    fps: float | None = None
    video_stream: int | None = None
    audio_stream: int | None = None

    @property
    def reason_text(self) -> str | None:
        """The sentence for people, Chinese source text; None when accepted."""
        return None if self.reason is None else REASONS[self.reason]

    def as_dict(self) -> dict[str, Any]:
        """For `lms video probe --json`."""
        return asdict(self) | {"reason_text": self.reason_text}


def probe(path: Path, *, limits: ProbeLimits) -> Probe:
    """Looks at the file in a process of its own; never raises for what the file holds, and never takes longer than `limits`.

    Raises sandbox.SandboxError only when the fence itself cannot be put up.
    """
    file = path.resolve()
    if not file.is_file():
        return Probe(False, "not_a_file")
    if file.stat().st_size == 0:
        return Probe(False, "empty")
    request = {
        "formats": FORMATS,
        "decoders": DECODERS,
        "video_codecs": VIDEO_CODECS,
        "audio_codecs": AUDIO_CODECS,
        "max_pixels": limits.max_pixels,
        "min_side": limits.min_side,
        "min_duration_ms": limits.min_duration_ms,
        "max_duration_ms": limits.max_duration_ms,
    }
    lines: list[str] = []
    result = sandbox.run(
        [sys.executable, "-I", "-B", _CHILD, file, json.dumps(request)],
        inputs=[file, _CHILD],
        output_dir=None,
        limits=sandbox.Limits(
            cpu_seconds=limits.cpu_seconds,
            memory_bytes=limits.memory_bytes,
            file_bytes=0,
            wall_seconds=limits.wall_seconds,
        ),
        on_line=lines.append,
        runtime=_python_runtime(),
    )
    if result.killed_by in ("wall", "cpu", "memory"):
        return Probe(False, "too_heavy")
    try:
        answer = json.loads(lines[-1])
        return Probe(accepted=answer["reason"] is None, **answer)
    except (IndexError, ValueError, KeyError, TypeError):
        return Probe(False, "unreadable")


@functools.lru_cache(maxsize=1)
def _python_runtime() -> tuple[Path, ...]:
    """Folders of this interpreter and its libraries, without those that every fence opens anyway."""
    folders = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parent.parent}
    link = Path(sys.executable)
    while link.is_symlink():  # a virtual environment's python leads to the interpreter by one or more links
        link = link.parent / link.readlink()
        folders.add(link.parent)
    return tuple(sorted(folder for folder in folders if folder != Path("/") and not folder.is_relative_to("/usr")))
