"""Pictures are told by their content, kept whole, bounded, and freed of what rides along in them."""

import struct

import pytest
from hypothesis import given, strategies as st

from lms.kernel import exif
from lms.questionbank.domain.pictures import LONGEST_SIDE, media_type, seen
from tests.factories.pictures import GIF, chunk, jpeg, png, webp

JFIF = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0" + bytes(9)
WHOLE = {
    "png": (png(width=3, height=2), "image/png", (3, 2)),
    "jpeg": (jpeg(), "image/jpeg", (8, 8)),
    "jpeg of a camera": (jpeg(JFIF), "image/jpeg", (8, 8)),
    "gif": (GIF, "image/gif", (1, 1)),
    "webp, lossy": (webp(), "image/webp", (16, 12)),
    "webp, lossless": (webp(lossless=True), "image/webp", (16, 12)),
    "webp, extended": (webp(extended=True), "image/webp", (16, 12)),
}
SECRET = b"GPS 30.2741 120.1551"
RIDDEN = {
    "png": png(extra=chunk(b"tEXt", b"Comment\0" + SECRET) + chunk(b"eXIf", SECRET)),
    "png behind its end": png() + SECRET,
    "jpeg": jpeg(b"\xff\xe1" + struct.pack(">H", len(SECRET) + 2) + SECRET),
    "jpeg comment": jpeg(b"\xff\xfe" + struct.pack(">H", len(SECRET) + 2) + SECRET),
    "jpeg with a small picture": jpeg(
        b"\xff\xe0" + struct.pack(">H", len(SECRET) + 16) + b"JFIF\0" + bytes(9) + SECRET
    ),
    "jpeg behind its end": jpeg() + SECRET,
    "gif": GIF[:-1] + b"!\xfe" + bytes([len(SECRET)]) + SECRET + b"\0;",
    "gif behind its end": GIF + SECRET,
    "webp": webp(extended=True, extra=b"EXIF" + struct.pack("<I", len(SECRET)) + SECRET),
    "webp behind its end": webp() + SECRET,
}
NONE = {
    "nothing": b"",
    "text": b"picture",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "a page called a picture": b"<!doctype html><script>",
    "bmp": b"BM" + bytes(60),
    "only a signature": b"\x89PNG\r\n\x1a\n",
    "half a png": png()[:-8],
    "a png of other bytes than it says": png().replace(b"IDAT", b"IDAS"),
    "a png without points": png()[:33] + chunk(b"IEND", b""),
    "half a jpeg": jpeg()[:-2],
    "a jpeg without a scan": jpeg()[:40] + b"\xff\xd9",
    "half a gif": GIF[:-1],
    "a gif without a picture": GIF[:19] + b";",
    "half a webp": webp()[:-4],
    "too wide": png(width=LONGEST_SIDE + 1, height=1),
    "of no width": png(width=0, height=1),
}


@pytest.mark.parametrize("case", WHOLE)
def test_a_whole_picture_is_known_and_stays_as_it_is(case: str) -> None:
    content, media, size = WHOLE[case]
    found = seen(content)
    assert found is not None
    assert (found.content, (found.width, found.height), media_type(found.content)) == (content, size, media)


@pytest.mark.parametrize("case", RIDDEN)
def test_what_rides_along_is_left_out(case: str) -> None:
    assert SECRET in RIDDEN[case]
    found = seen(RIDDEN[case])
    assert found is not None and SECRET not in found.content
    again = seen(found.content)
    assert again is not None and again.content == found.content


@pytest.mark.parametrize("case", NONE)
def test_what_is_no_picture_is_none(case: str) -> None:
    assert seen(NONE[case]) is None


@pytest.mark.parametrize("held", [1, 6, 8])
def test_a_jpeg_keeps_how_the_camera_was_held(held: int) -> None:
    found = seen(jpeg(exif.segment(held)))
    assert found is not None and exif.orientation(found.content) == held


@given(st.sampled_from([one[0] for one in WHOLE.values()]), st.data())
def test_damaged_pictures_never_fail(content: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(content) - 1))
    seen(content[:place] + data.draw(st.binary(max_size=4)) + content[place + data.draw(st.integers(0, 4)) :])
