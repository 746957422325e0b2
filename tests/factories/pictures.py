"""Small pictures, whole ones of each kind that items may carry."""

import struct
import zlib


def png(colour: int = 0, *, width: int = 2, height: int = 2, extra: bytes = b"") -> bytes:
    """A grey PNG; `extra` are chunks before its end."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = (b"\0" + bytes([colour]) * width) * height
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + extra
        + chunk(b"IEND", b"")
    )


def chunk(name: bytes, data: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


GIF = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x00\x00\x00\x00\x00"
    b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)


def jpeg(extra: bytes = b"") -> bytes:
    """What is a JPEG of 8 × 8 points by its parts; `extra` are segments before its frame."""
    table = b"\xff\xdb" + struct.pack(">H", 67) + b"\0" + b"\1" * 64
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, 8, 8, 1) + b"\1\x11\0"
    scan = b"\xff\xda" + struct.pack(">HB", 8, 1) + b"\1\0\0\x3f\0" + b"\x12\xff\x00\x34\xff\xd0\x56"
    return b"\xff\xd8" + extra + table + frame + scan + b"\xff\xd9"


def webp(*, lossless: bool = False, extended: bool = False, extra: bytes = b"") -> bytes:
    """What is a WebP of 16 × 12 points by its parts; `extra` are chunks behind the picture."""
    lossy = b"\x10\0\0\x9d\x01\x2a" + struct.pack("<HH", 16, 12)
    without_loss = b"\x2f" + struct.pack("<I", 15 | 11 << 14) + b"\0"
    data = without_loss if lossless else lossy
    parts = (b"VP8L" if lossless else b"VP8 ") + struct.pack("<I", len(data)) + data
    if extended:
        flags = bytes([8 if extra else 0, 0, 0, 0])
        size = (15).to_bytes(3, "little") + (11).to_bytes(3, "little")
        parts = b"VP8X" + struct.pack("<I", 10) + flags + size + parts
    body = b"WEBP" + parts + extra
    return b"RIFF" + struct.pack("<I", len(body)) + body
