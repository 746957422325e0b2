"""Pictures of items: told by their content, walked through to their end, and written again without what rides along in them.

What a camera or an editor wrote beside the picture (place, names, comments, a second file behind the end) is left out. The
pixels stay as they are, byte by byte, so that a picture that goes out into a file and comes back is the same.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from lms.kernel import exif

LONGEST_SIDE = 8_000
MOST_PIXELS = 20_000_000
MEDIA_TYPES = {"png": "image/png", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"}
_PNG, _JPEG, _GIF = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", (b"GIF87a", b"GIF89a")
_PNG_KEPT = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"pHYs"})
_WEBP_KEPT = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF"})
_WEBP_SAID = 0x2C  # in VP8X: that profile, EXIF and XMP follow
_HEAD = 1 << 18
_NO_FRAME = frozenset({0xC4, 0xC8, 0xCC})
_MARK = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # behind a scan: neither a stuffed byte nor a restart
_END_OF_JPEG, _SCAN = 0xD9, 0xDA
_COMMENT, _FIRST_APP, _LAST_APP = 0xFE, 0xE0, 0xEF
_LENGTHS = {0xE0: 18, 0xEE: 16}  # of what says how the colours are meant: JFIF, Adobe
_EXTENSION, _IMAGE, _TRAILER, _CONTROL, _APPLICATION = 0x21, 0x2C, 0x3B, 0xF9, 0xFF


@dataclass(frozen=True)
class Seen:
    """A whole picture: `kind` is a key of MEDIA_TYPES, the size is in pixels, `content` is the picture and nothing beside it."""

    kind: str
    width: int
    height: int
    content: bytes


def seen(content: bytes) -> Seen | None:
    """The picture that these bytes are; None for anything else, for half of one and for one of too many pixels."""
    try:
        found = _read(content)
    except (struct.error, IndexError):
        return None
    if found is None or not 0 < found.width <= LONGEST_SIDE or not 0 < found.height <= LONGEST_SIDE:
        return None
    return found if found.width * found.height <= MOST_PIXELS else None


def media_type(content: bytes) -> str:
    """The media type of a picture that `seen` has passed."""
    if content.startswith(_PNG):
        return MEDIA_TYPES["png"]
    if content.startswith(_JPEG):
        return MEDIA_TYPES["jpeg"]
    return MEDIA_TYPES["gif" if content.startswith(_GIF) else "webp"]


def _read(content: bytes) -> Seen | None:
    if content.startswith(_PNG):
        return _png(content)
    if content.startswith(_JPEG):
        return _jpeg(content)
    if content.startswith(_GIF):
        return _gif(content)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return _webp(content)
    return None


def _png(content: bytes) -> Seen | None:
    kept, place = [_PNG], len(_PNG)
    width, height = struct.unpack_from(">II", content, place + 8)
    names: list[bytes] = []
    while not names or names[-1] != b"IEND":
        length, name = struct.unpack_from(">I4s", content, place)
        (checksum,) = struct.unpack_from(">I", content, place + 8 + length)
        if zlib.crc32(content[place + 4 : place + 8 + length]) != checksum:
            return None
        if name in _PNG_KEPT:
            kept.append(content[place : place + 12 + length])
        names.append(name)
        place += 12 + length
    whole = names[0] == b"IHDR" and b"IDAT" in names
    return Seen("png", width, height, b"".join(kept)) if whole else None


def _jpeg(content: bytes) -> Seen | None:
    kept, size, scanned = [content[:2]], (0, 0), False
    held = exif.orientation(content[:_HEAD])
    if 1 < held <= 8:
        kept.append(exif.segment(held))
    for mark, part in _segments(content):
        if 0xC0 <= mark <= 0xCF and mark not in _NO_FRAME:
            size = struct.unpack_from(">HH", part, 5)
        scanned = scanned or mark == _SCAN
        bare = len(part) <= _LENGTHS.get(mark, 0)  # a longer one has a small picture of its own in it
        if bare or not (_FIRST_APP <= mark <= _LAST_APP or mark == _COMMENT):
            kept.append(part)
    return Seen("jpeg", size[1], size[0], b"".join(kept)) if scanned else None


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """The segments of a JPEG with their marks, up to the mark of the end; a scan with the points that follow it."""
    place = 2
    while True:
        if content[place] != 0xFF:
            raise IndexError
        mark = content[place + 1]
        if mark == _END_OF_JPEG:
            yield mark, content[place : place + 2]
            return
        if mark == 0xFF:  # padding before a mark
            place += 1
            continue
        end = place + 2 + struct.unpack_from(">H", content, place + 2)[0]
        if mark == _SCAN:
            following = _MARK.search(content, end)
            if following is None:
                raise IndexError
            end = following.start()
        yield mark, content[place:end]
        place = end


def _gif(content: bytes) -> Seen | None:
    width, height, flags = struct.unpack_from("<HHB", content, 6)
    place = 13 + _colours(flags)
    kept, framed = [content[:place]], False
    while content[place] != _TRAILER:
        begins, label = place, content[place + 1]
        if content[place] == _IMAGE:
            framed = True
            place += 11 + _colours(content[place + 9])
        elif content[place] == _EXTENSION:
            place += 2
        else:
            return None
        place = _behind_blocks(content, place)
        loops = content[begins + 3 : begins + 14] == b"NETSCAPE2.0"
        if content[begins] == _IMAGE or label == _CONTROL or (label == _APPLICATION and loops):
            kept.append(content[begins:place])
    return Seen("gif", width, height, b"".join(kept) + bytes([_TRAILER])) if framed else None


def _colours(flags: int) -> int:
    """Bytes of the table of colours that follows."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _behind_blocks(content: bytes, place: int) -> int:
    while content[place]:
        place += 1 + content[place]
    return place + 1


def _webp(content: bytes) -> Seen | None:
    (length,) = struct.unpack_from("<I", content, 4)
    kept, size, place = list[bytes](), (0, 0), 12
    if length + 8 > len(content):
        return None
    while place < length + 8:
        name, long = struct.unpack_from("<4sI", content, place)
        part = content[place : place + 8 + long + long % 2]
        if len(part) < 8 + long:
            return None
        if name == b"VP8X":
            part = part[:8] + bytes([part[8] & ~_WEBP_SAID]) + part[9:]
        if name in _WEBP_KEPT:
            kept.append(part)
        if size == (0, 0):
            size = _webp_size(name, part)
        place += 8 + long + long % 2
    body = b"WEBP" + b"".join(kept)
    pictured = any(part[:4] in {b"VP8 ", b"VP8L", b"ANMF"} for part in kept)
    return Seen("webp", *size, b"RIFF" + struct.pack("<I", len(body)) + body) if pictured else None


def _webp_size(name: bytes, part: bytes) -> tuple[int, int]:
    if name == b"VP8X":
        return int.from_bytes(part[12:15], "little") + 1, int.from_bytes(part[15:18], "little") + 1
    if name == b"VP8 ":
        width, height = struct.unpack_from("<HH", part, 14)
        return width & 0x3FFF, height & 0x3FFF
    if name == b"VP8L":
        (bits,) = struct.unpack_from("<I", part, 9)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return 0, 0
