"""Takes in photos: checked by what they are, decoded behind the fence and encoded anew as JPEG.

Whatever else the file holds goes: place and camera that a phone writes into it, a second file hung on its end.
"""

from pathlib import Path

import ffmpeg

from lms.infra import sandbox
from lms.infra.storage import storage
from lms.kernel.errors import N_
from lms.kernel.exif import orientation

LONGEST_SIDE = 2000
MOST_PIXELS = 60_000_000
LIMITS = sandbox.Limits(cpu_seconds=20, memory_bytes=1 << 30, file_bytes=16 << 20, wall_seconds=40)
_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
_TURNS = {
    2: "hflip",
    3: "hflip,vflip",
    4: "vflip",
    5: "transpose=0",
    6: "transpose=1",
    7: "transpose=3",
    8: "transpose=2",
}


class PhotoRefused(Exception):
    """The file is no photo that can be kept; `reason` is a sentence for people, Chinese source text."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


NOT_A_PHOTO = N_("只接受 JPEG 或 PNG 照片，请用手机相机拍照或重新保存后再试")
BROKEN = N_("照片无法打开，可能已损坏或尺寸过大，请重新拍照")


def encode(source: Path, *, program: Path) -> bytes:
    """The photo as a JPEG of at most LONGEST_SIDE pixels a side, upright, with nothing beside the picture. Raises PhotoRefused."""
    with source.open("rb") as file:
        head = file.read(256 * 1024)
    if not head.startswith((_JPEG, _PNG)):
        raise PhotoRefused(NOT_A_PHOTO)
    kind, codec = ("jpeg_pipe", "mjpeg") if head.startswith(_JPEG) else ("png_pipe", "png")
    with storage().scratch() as folder:
        out = folder / "photo.jpg"
        command = _command(source.resolve(), out, kind, codec, _TURNS.get(orientation(head), ""), program)
        result = sandbox.run(command, inputs=[source.resolve()], output_dir=folder, limits=LIMITS)
        if result.killed_by or result.returncode or not out.is_file():
            raise PhotoRefused(BROKEN)
        return out.read_bytes()


def _command(source: Path, out: Path, kind: str, codec: str, turn: str, program: Path) -> list[str]:
    picture = ffmpeg.input(
        f"file:{source}",
        f=kind,
        noautorotate=None,
        protocol_whitelist="file",
        format_whitelist=kind,
        codec_whitelist=codec,
        max_pixels=MOST_PIXELS,
    )
    side = LONGEST_SIDE
    fit = f"scale='min({side},iw)':'min({side},ih)':force_original_aspect_ratio=decrease:out_range=pc,format=yuvj420p"
    options = {
        "vf": ",".join(filter(None, (turn, fit))),
        "frames:v": 1,
        "q:v": 4,
        "update": 1,
        "f": "image2",
        "c:v": "mjpeg",
        "map_metadata": -1,
        "flags:v": "+bitexact",
    }
    quiet = ["-nostdin", "-hide_banner", "-loglevel", "error"]
    words = ffmpeg.compile(
        ffmpeg.output(picture, str(out), **options), cmd=[str(program), *quiet], overwrite_output=True
    )
    return [str(word) for word in words]
