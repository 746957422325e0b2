"""How a camera was held, as a JPEG says it."""

import struct

UPRIGHT = 1
_JPEG = b"\xff\xd8\xff"
_ORIENTATION = 0x0112


def orientation(head: bytes) -> int:
    """How a camera was held, 1 to 8, from a JPEG's EXIF; 1 where nothing legible says otherwise."""
    at = head.find(b"Exif\x00\x00")
    if not head.startswith(_JPEG) or at < 0:
        return UPRIGHT
    tiff = head[at + 6 :]
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return UPRIGHT
    try:
        (first,) = struct.unpack_from(f"{order}I", tiff, 4)
        (entries,) = struct.unpack_from(f"{order}H", tiff, first)
        for number in range(min(entries, 200)):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", tiff, first + 2 + 12 * number)
            if tag == _ORIENTATION and kind == 3:
                return int(value)
    except struct.error:
        return UPRIGHT
    return UPRIGHT


def segment(held: int) -> bytes:
    """The segment of a JPEG that says how the camera was held, and nothing else."""
    entry = struct.pack(">HHIHH", _ORIENTATION, 3, 1, held, 0)
    body = b"Exif\x00\x00MM\x00*" + struct.pack(">IH", 8, 1) + entry + bytes(4)
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
