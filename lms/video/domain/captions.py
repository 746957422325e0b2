"""Reads uploaded captions (WebVTT or SRT, UTF-8, UTF-16 or GB18030) and writes clean WebVTT: times and plain text, nothing else."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lms.kernel.errors import N_, Invalid
from lms.kernel.numbers import tells_an_id_number
from lms.kernel.texts import decoded

REASONS = {
    "too_large": N_("字幕文件过大"),
    "encoding": N_("字幕文件的文字编码无法识别，请另存为 UTF-8"),
    "format": N_("第 %(line)s 行：不是 WebVTT（.vtt）或 SRT（.srt）字幕文件"),
    "time": N_("第 %(line)s 行：字幕的时间写法有误"),
    "order": N_("第 %(line)s 行：字幕的结束时间不晚于开始时间"),
    "beyond": N_("第 %(line)s 行：字幕的时间超出视频时长"),
    "too_long": N_("第 %(line)s 行：一条字幕的文字过长"),
    "number": N_("第 %(line)s 行：字幕里有身份证号，请删去；举例请写成“张某”“某职工”"),
    "too_many": N_("第 %(line)s 行：字幕条数过多"),
    "empty": N_("字幕文件里没有字幕"),
}

CUES_OF_A_NUMBER = 3
"""A number read aloud is cut over as many cues: so many in a row are looked through together."""
_HOUR_MS = 3_600_000
_TIME = r"(?:(\d{1,3}):)?([0-5]?\d):([0-5]?\d)[.,](\d{1,3})"
_TIMING = re.compile(rf"{_TIME}[ \t]*-->[ \t]*{_TIME}(?:[ \t].*)?")
_MARKUP = re.compile(r"</?[A-Za-z0-9][^<>]{0,200}>|\{\\[^{}]{0,100}\}")
_SKIPPED = re.compile(r"(?:NOTE|STYLE|REGION|X-TIMESTAMP-MAP)\b")
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&nbsp;": " ", "&lrm;": "", "&rlm;": "", "&amp;": "&"}


class CaptionError(Invalid):
    """The captions cannot be taken; `reason` is a key of REASONS, `line` counts from 1 (0: the file as a whole)."""

    code, title = "captions", N_("字幕文件有误")

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(fields={"captions": REASONS[reason]}, extra={"line": line, "reason": reason})
        self.line = line
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a caption file: bytes of the whole, number of cues, characters of a cue."""

    max_bytes: int = 2_000_000
    max_cues: int = 10_000
    max_characters: int = 400


@dataclass(frozen=True, slots=True)
class Cue:
    """One caption: from and to in milliseconds of media time, and its lines of plain text joined by newlines."""

    start_ms: int
    end_ms: int
    text: str


def to_webvtt(data: bytes, *, duration_ms: int | None = None, limits: Limits | None = None) -> str:
    """The captions as WebVTT in order of their start. Raises CaptionError, also for cues that begin after `duration_ms`."""
    return render(parse(data, duration_ms=duration_ms, limits=limits or Limits()))


def render(cues: Iterable[Cue]) -> str:
    """The cues as a WebVTT file (https://www.w3.org/TR/webvtt1/), in the order in which they come."""
    blocks = [f"{_clock(cue.start_ms)} --> {_clock(cue.end_ms)}\n{_escaped(cue.text)}\n" for cue in cues]
    return "\n".join(["WEBVTT\n", *blocks])


def parse(data: bytes, *, duration_ms: int | None, limits: Limits) -> tuple[Cue, ...]:
    """The cues of a file in order of their start; markup, styles, notes and positions are dropped. Raises CaptionError."""
    if len(data) > limits.max_bytes:
        raise CaptionError(0, "too_large")
    text = decoded(data)
    if text is None:
        raise CaptionError(0, "encoding")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    cues: list[tuple[Cue, int]] = []
    for number, block in _blocks(lines):
        cue = _cue(number, block)
        if cue is None:
            continue
        if duration_ms is not None and cue.start_ms >= duration_ms:
            raise CaptionError(number, "beyond")
        if len(cue.text) > limits.max_characters:
            raise CaptionError(number, "too_long")
        cues.append((cue, number))
        if len(cues) > limits.max_cues:
            raise CaptionError(number, "too_many")
    if not cues:
        raise CaptionError(0, "empty")
    cues.sort(key=lambda one: (one[0].start_ms, one[0].end_ms))
    for end, (_, number) in enumerate(cues, start=1):
        if tells_an_id_number("\n".join(one.text for one, _line in cues[max(0, end - CUES_OF_A_NUMBER) : end])):
            raise CaptionError(number, "number")
    return tuple(cue for cue, _line in cues)


def _blocks(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Runs of lines between blank ones, each with the number of its first line; without header, notes and styles."""
    block: list[str] = []
    for number, line in enumerate([*lines, ""], start=1):
        if line.strip():
            block.append(line.strip())
            continue
        header = bool(block) and number - len(block) == 1 and block[0].startswith("WEBVTT")
        if block and not header and not _SKIPPED.match(block[0]):
            yield number - len(block), block
        block = []


def _cue(number: int, block: list[str]) -> Cue | None:
    """A cue from its block: an optional name, the timing, the text. None when it has no text."""
    at = next((index for index, line in enumerate(block[:2]) if "-->" in line), None)
    if at is None:
        raise CaptionError(number, "format")
    timing = _TIMING.fullmatch(block[at])
    if timing is None:
        raise CaptionError(number + at, "time")
    start, end = _milliseconds(timing.groups()[:4]), _milliseconds(timing.groups()[4:])
    if end <= start:
        raise CaptionError(number + at, "order")
    text = "\n".join(filter(None, (_plain(line) for line in block[at + 1 :])))
    return Cue(start, end, text) if text else None


def _milliseconds(parts: tuple[str | None, ...]) -> int:
    hours, minutes, seconds, fraction = (part or "0" for part in parts)
    return int(hours) * _HOUR_MS + int(minutes) * 60_000 + int(seconds) * 1000 + int(fraction.ljust(3, "0"))


def _plain(line: str) -> str:
    """The line without markup, entities, control characters and marks that turn the direction of writing."""
    text = _MARKUP.sub("", line)
    for entity, character in _ENTITIES.items():
        text = text.replace(entity, character)
    return "".join(
        " " if c == "\t" else c for c in text if c == "\t" or unicodedata.category(c) not in ("Cc", "Cf")
    ).strip()


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _clock(ms: int) -> str:
    hours, rest = divmod(ms, _HOUR_MS)
    return f"{hours:02d}:{rest // 60_000:02d}:{rest // 1000 % 60:02d}.{rest % 1000:03d}"
