"""Reads one media file of a stranger and prints what it holds as one line of JSON; started behind the fence by `mediaprobe.py`.

The only importer of PyAV, and besides it standard library only: it runs by its path, outside the package, in a process that may
be killed at any moment. Usage: `python -I -B mediaprobe_child.py FILE LIMITS` with LIMITS the JSON of a `Request`.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypedDict

import av
from av.container import InputContainer
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

_PACKETS_TRIED_FOR_A_PICTURE = 120
_MOST_PACKETS = 5_000_000
_SCRIPT_STARTS = (b"#extm3u", b"ffconcat", b"[playlist]", b"<", b"file ", b"#", b"[reference]", b"rtsp")


class Request(TypedDict):
    """Bounds and allow-lists: names of demuxers, decoders, and codecs by kind."""

    formats: str
    decoders: str
    video_codecs: list[str]
    audio_codecs: list[str]
    max_pixels: int
    min_side: int
    min_duration_ms: int
    max_duration_ms: int


class Refused(Exception):
    """The file may not enter; the argument is the code of the reason, a second one the facts learnt so far."""


def examine(path: Path, request: Request) -> dict[str, object]:
    """What the file holds, by its packets and its first picture; raises Refused."""
    with path.open("rb") as file:
        start = file.read(4096)
    if not start:
        raise Refused("empty")
    if start.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_SCRIPT_STARTS):
        raise Refused("playlist")
    options = {
        "protocol_whitelist": "file",
        "format_whitelist": request["formats"],
        "codec_whitelist": request["decoders"],
    }
    with av.open(f"file:{path}", options=options) as container:
        return _streams(container, request)


def _streams(container: InputContainer, request: Request) -> dict[str, object]:
    video = next((s for s in container.streams.video if not s.disposition & Disposition.attached_pic), None)
    if video is None:
        raise Refused("no_video")
    audio = next(iter(container.streams.audio), None)
    facts: dict[str, object] = {
        "video_codec": _codec(video),
        "audio_codec": _codec(audio) if audio else None,
        "video_stream": video.index,
        "audio_stream": audio.index if audio else None,
    }
    if facts["video_codec"] not in request["video_codecs"]:
        raise Refused("video_codec", facts)
    if audio and facts["audio_codec"] not in request["audio_codecs"]:
        raise Refused("audio_codec", facts)
    context = video.codec_context
    if context.width * context.height > request["max_pixels"]:
        raise Refused("too_many_pixels", facts | {"width": context.width, "height": context.height})
    return _picture_and_length(container, video, request, facts)


def _picture_and_length(
    container: InputContainer, video: VideoStream, request: Request, facts: dict[str, object]
) -> dict[str, object]:
    context = video.codec_context
    context.thread_count = 1
    context.options = {"max_pixels": str(request["max_pixels"])}
    origin = (container.start_time or 0) / av.time_base
    first, last_start, end, count = float("inf"), 0.0, 0.0, 0
    for number, (start, length, packet) in enumerate(_packets(container, video)):
        if "width" not in facts:
            if number >= _PACKETS_TRIED_FOR_A_PICTURE:
                raise Refused("undecodable", facts)
            facts |= _picture(video, packet)
        if packet.is_discard:
            continue
        count += 1
        first, last_start, end = min(first, start), max(last_start, start), max(end, start + length)
        if (end - origin) * 1000 > request["max_duration_ms"] or count > _MOST_PACKETS:
            raise Refused("too_long", facts)
    if "width" not in facts:
        facts |= _picture(video, None)
    if "width" not in facts:
        raise Refused("undecodable", facts)
    fps = (count - 1) / (last_start - first) if count > 1 and last_start > first else 0.0
    facts |= {"duration_ms": round((end - min(first, origin)) * 1000), "fps": round(fps, 3)}
    if int(str(facts["duration_ms"])) < request["min_duration_ms"]:
        raise Refused("too_short", facts)
    if min(int(str(facts["width"])), int(str(facts["height"]))) < request["min_side"]:
        raise Refused("too_small", facts)
    return facts


def _packets(container: InputContainer, video: VideoStream) -> Iterator[tuple[float, float, "av.Packet[Any]"]]:
    """Start and length in seconds of each packet: the file's own claims about its length are not asked."""
    rate = video.average_rate or video.guessed_rate
    usual = float(1 / rate) if rate else 0.04
    for packet in container.demux(video):
        stamp = packet.pts if packet.pts is not None else packet.dts
        if stamp is None or packet.time_base is None:
            continue
        unit = float(packet.time_base)
        yield stamp * unit, (packet.duration or 0) * unit or usual, packet


def _picture(video: VideoStream, packet: "av.Packet[Any] | None") -> dict[str, object]:
    """Width and height as shown, after rotation and the shape of pixels; empty while the decoder has no picture yet."""
    try:
        frames = video.codec_context.decode(packet)
    except av.FFmpegError:
        return {}
    if not frames:
        return {}
    width, height = frames[0].width, frames[0].height
    shape = video.codec_context.sample_aspect_ratio
    if shape and 0.1 < shape < 10:
        width = round(width * float(shape))
    if frames[0].rotation % 180:
        width, height = height, width
    return {"width": width, "height": height}


def _codec(stream: Stream) -> str:
    context = stream.codec_context
    return context.codec.canonical_name if context else "unknown"


def main(arguments: list[str]) -> None:
    """Prints one line of JSON: the facts, and `reason` when the file is refused."""
    path, request = Path(arguments[0]), json.loads(arguments[1])
    answer: dict[str, object] = {"reason": None}
    try:
        answer |= examine(path, request)
    except Refused as refusal:
        code, *facts = refusal.args
        answer |= facts[0] if facts else {}
        answer["reason"] = code
    except (av.FFmpegError, OSError, ValueError, OverflowError, ArithmeticError):
        answer["reason"] = "unreadable"
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
