"""A package counts as whole only when every file that its playlists name is there and holds something."""

import hashlib
from pathlib import Path

import pytest

from lms.infra.hls import BrokenPackage, Rung, h264_codec, package, read

PLAYLIST = """#EXTM3U
#EXT-X-VERSION:7
#EXT-X-MAP:URI="{name}-init.mp4"
#EXTINF:6.000000,
{name}-00000.m4s
#EXTINF:2.500000,
{name}-00001.m4s
#EXT-X-ENDLIST
"""
RUNGS = [Rung("720p", 1280, 720, 25), Rung("360p", 640, 360, 25)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, size in (("720p", 750_000), ("360p", 75_000)):
        (tmp_path / f"{name}.m3u8").write_text(PLAYLIST.format(name=name))
        (tmp_path / f"{name}-init.mp4").write_bytes(b"\0\0\0\x20avcC\x01\x4d\x40\x1f\xff")
        (tmp_path / f"{name}-00000.m4s").write_bytes(bytes(size))
        (tmp_path / f"{name}-00001.m4s").write_bytes(bytes(size // 10))
    (tmp_path / "poster.jpg").write_bytes(b"picture")
    return tmp_path


def test_a_whole_package_is_measured_and_listed(folder: Path) -> None:
    found = package(folder, RUNGS, also=("poster.jpg",))
    assert (found.segment_count, found.durations_ms, found.duration_ms) == (4, (8500, 8500), 8500)
    assert found.total_bytes == sum(file.size for file in found.files)
    assert [file.name for file in found.files] == sorted(path.name for path in folder.iterdir())
    manifest = "".join(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in sorted(folder.iterdir())
    )
    assert found.manifest_sha256 == hashlib.sha256(manifest.encode()).hexdigest()
    assert (folder / "master.m3u8").read_text() == (
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n"
        '#EXT-X-STREAM-INF:BANDWIDTH=1000000,AVERAGE-BANDWIDTH=776471,RESOLUTION=1280x720,'
        'CODECS="avc1.4d401f,mp4a.40.2",FRAME-RATE=25.000\n720p.m3u8\n'
        '#EXT-X-STREAM-INF:BANDWIDTH=100000,AVERAGE-BANDWIDTH=77647,RESOLUTION=640x360,'
        'CODECS="avc1.4d401f,mp4a.40.2",FRAME-RATE=25.000\n360p.m3u8\n'
    )  # fmt: skip


def test_the_manifest_changes_with_any_byte(folder: Path) -> None:
    before = package(folder, RUNGS).manifest_sha256
    (folder / "360p-00001.m4s").write_bytes(bytes(7_499) + b"\1")
    assert package(folder, RUNGS).manifest_sha256 != before


@pytest.mark.parametrize("name", ["720p.m3u8", "360p-init.mp4", "720p-00001.m4s", "360p-00000.m4s", "poster.jpg"])
@pytest.mark.parametrize("how", ["missing", "empty"])
def test_a_package_with_a_hole_is_broken(folder: Path, name: str, how: str) -> None:
    (folder / name).unlink() if how == "missing" else (folder / name).write_bytes(b"")
    with pytest.raises(BrokenPackage):
        package(folder, RUNGS, also=("poster.jpg",))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        PLAYLIST.replace("#EXT-X-ENDLIST\n", ""),
        PLAYLIST.replace("#EXT-X-MAP", "#EXT-X-NOTHING"),
        PLAYLIST.replace("#EXTINF:6.000000,\n", ""),
        PLAYLIST.replace("6.000000", "0"),
        PLAYLIST.replace("6.000000", "six"),
        "#EXTM3U\n#EXT-X-ENDLIST\n",
    ],
)
def test_an_unfinished_playlist_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read(text)


def test_the_codec_is_read_from_the_init_segment() -> None:
    assert h264_codec(b"....avcC\x01\x64\x00\x28") == "avc1.640028"
    with pytest.raises(BrokenPackage):
        h264_codec(b"....hvcC\x01\x64\x00\x28")
