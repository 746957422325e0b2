"""Tells by its content whether a file is a PDF, a JPEG or a PNG picture, whole and with nothing behind its end."""

import struct
import zlib

from lms.kernel.errors import N_
from lms.kernel.numbers import without_numbers

KINDS = {"pdf": "application/pdf", "jpeg": "image/jpeg", "png": "image/png"}
TOO_LARGE = N_("文件超过 %(most)s MB，请压缩后再上传")
NOT_KNOWN = N_("只接受 PDF、JPEG 或 PNG 文件，这个文件的内容不是其中之一或已损坏")
_PNG = b"\x89PNG\r\n\x1a\n"
_TAIL = 1024
MOST_PIXELS = 100_000_000


def kind_of(content: bytes) -> str | None:
    """ "pdf", "jpeg" or "png"; None for anything else, whatever its name says.

    A file is one thing only: a PDF begins at its first byte, a picture ends where its last part ends.
    """
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-_TAIL:]:
        return "pdf"
    if content.startswith(_PNG) and _is_png(content):
        return "png"
    if content.startswith(b"\xff\xd8\xff") and _is_jpeg(content):
        return "jpeg"
    return None


def _is_png(content: bytes) -> bool:
    place, first = len(_PNG), True
    while place + 12 <= len(content):
        length, name = struct.unpack_from(">I4s", content, place)
        end = place + 12 + length
        if end > len(content):
            return False
        (checksum,) = struct.unpack_from(">I", content, end - 4)
        if zlib.crc32(content[place + 4 : end - 4]) != checksum:
            return False
        if first and (name != b"IHDR" or length != 13 or not _sized(*struct.unpack_from(">II", content, place + 8))):
            return False
        if name == b"IEND":
            return bool(end == len(content))
        place, first = end, False
    return False


def _is_jpeg(content: bytes) -> bool:
    """Walks the segments up to the first scan; the file ends with the mark of the end."""
    place, framed = 2, False
    while place + 4 <= len(content):
        if content[place] != 0xFF:
            return False
        mark = content[place + 1]
        (length,) = struct.unpack_from(">H", content, place + 2)
        if length < 2 or place + 2 + length > len(content):
            return False
        if mark == 0xDA:
            return framed and content.endswith(b"\xff\xd9")
        if 0xC0 <= mark <= 0xCF and mark not in {0xC4, 0xC8, 0xCC}:
            if length < 8:
                return False
            height, width = struct.unpack_from(">HH", content, place + 5)
            framed = _sized(width, height)
        place += 2 + length
    return False


def _sized(width: int, height: int) -> bool:
    return 0 < width * height <= MOST_PIXELS


def shown_name(name: str) -> str:
    """A file's name as pages show it: its last part, without what can't be seen or may be somebody's number, at most 120
    characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return without_numbers("".join(c for c in last if c.isprintable()).strip())[-120:] or N_("证明材料")
