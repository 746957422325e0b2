"""A proof is what its content says: whole, and one thing only."""

import struct
import zlib

import pytest

from lms.offline.domain.proofs import kind_of, shown_name


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width: int = 2, height: int = 2) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0\0\0" * 2)) + chunk(b"IEND", b"")


def jpeg(width: int = 2, height: int = 2) -> bytes:
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\x00"
    scan = b"\xff\xda" + struct.pack(">H", 8) + b"\x01\x01\x00\x00\x3f\x00" + b"\x12\x34"
    return b"\xff\xd8" + b"\xff\xe0\x00\x04ab" + frame + scan + b"\xff\xd9"


PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer<<>>\nstartxref\n0\n%%EOF\n"


@pytest.mark.parametrize(("content", "kind"), [(PDF, "pdf"), (png(), "png"), (jpeg(), "jpeg")])
def test_whole_files_are_known(content: bytes, kind: str) -> None:
    assert kind_of(content) == kind


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="EMPTY"),
        pytest.param(b"<html>%PDF-1.7 %%EOF", id="PAGE_THAT_NAMES_PDF"),
        pytest.param(PDF[:-8], id="PDF_WITHOUT_END"),
        pytest.param(png()[:-4], id="PNG_CUT"),
        pytest.param(png() + b"<script>", id="PNG_AND_MORE"),
        pytest.param(png().replace(b"IDAT", b"IDAX"), id="PNG_WITH_A_WRONG_SUM"),
        pytest.param(png(100_000, 100_000), id="PNG_TOO_WIDE"),
        pytest.param(png(0, 1), id="PNG_OF_NOTHING"),
        pytest.param(jpeg()[:-2], id="JPEG_WITHOUT_END"),
        pytest.param(jpeg() + b"PK\x03\x04", id="JPEG_AND_MORE"),
        pytest.param(jpeg(60_000, 60_000), id="JPEG_TOO_WIDE"),
        pytest.param(b"\xff\xd8\xff\xd9", id="JPEG_OF_NOTHING"),
        pytest.param(b"GIF89a" + b"\0" * 20, id="GIF"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", id="SVG"),
        pytest.param(b"PK\x03\x04" + b"\0" * 40, id="ZIP"),
    ],
)
def test_everything_else_is_not(content: bytes) -> None:
    assert kind_of(content) is None


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("签到表.pdf", "签到表.pdf"),
        ("C:\\fakepath\\签到表.pdf", "签到表.pdf"),
        ("../../etc/passwd", "passwd"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("", "证明材料"),
        ("张三11010519491231002X.pdf", "张三***.pdf"),
        ("长" * 130 + ".pdf", "长" * 116 + ".pdf"),
    ],
)
def test_a_name_is_shown_without_tricks(name: str, shown: str) -> None:
    assert shown_name(name) == shown
