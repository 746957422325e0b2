"""HLS packages as files: reads the playlists that ffmpeg wrote, checks that nothing is missing, writes the master playlist."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MASTER = "master.m3u8"
_SOUND_CODEC = "mp4a.40.2"


class BrokenPackage(ValueError):
    """A playlist, an init segment or a segment lacks what every player needs."""


@dataclass(frozen=True, slots=True)
class Playlist:
    """A media playlist: name of its init segment, names and lengths in seconds of its segments."""

    init: str
    segments: tuple[tuple[str, float], ...]

    @property
    def duration_ms(self) -> int:
        """What players report: the sum of the segments."""
        return round(sum(seconds for _, seconds in self.segments) * 1000)


@dataclass(frozen=True, slots=True)
class Rung:
    """A rendition in the folder: `NAME.m3u8` is its playlist; size in pixels, pictures a second."""

    name: str
    width: int
    height: int
    fps: float


@dataclass(frozen=True, slots=True)
class PackagedFile:
    """A file of a package: its name below the package's folder, its bytes and their SHA-256."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class EncodedPackage:
    """What an encode left in its folder; durations in milliseconds, one for each rendition, best first.

    `manifest_sha256` is taken over one line `sha256  name` for each file in order of their names.
    """

    files: tuple[PackagedFile, ...]
    segment_count: int
    total_bytes: int
    manifest_sha256: str
    durations_ms: tuple[int, ...]

    @property
    def duration_ms(self) -> int:
        """The length of the best rendition: what players report and completion is judged on."""
        return self.durations_ms[0]


def read(text: str) -> Playlist:
    """Parses a finished media playlist (RFC 8216); raises BrokenPackage."""
    init, seconds, segments = "", None, []
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines or lines[0] != "#EXTM3U" or lines[-1] != "#EXT-X-ENDLIST":
        raise BrokenPackage("not a finished playlist")
    for line in lines:
        if line.startswith("#EXT-X-MAP:"):
            init = line.partition('URI="')[2].partition('"')[0]
        elif line.startswith("#EXTINF:"):
            seconds = float(line.removeprefix("#EXTINF:").split(",")[0])
        elif not line.startswith("#"):
            if not seconds:
                raise BrokenPackage(f"no length for {line}")
            segments.append((line, seconds))
            seconds = None
    if not init or not segments:
        raise BrokenPackage("no init segment or no segments")
    return Playlist(init, tuple(segments))


def h264_codec(init: bytes) -> str:
    """`avc1.PPCCLL` of the picture in an init segment: the three bytes after the version of its avcC box (ISO 14496-15)."""
    start = init.find(b"avcC")
    profile = init[start + 5 : start + 8]
    if start < 0 or len(profile) != 3:
        raise BrokenPackage("no H.264 picture in the init segment")
    return f"avc1.{profile.hex()}"


def package(folder: Path, rungs: Sequence[Rung], *, also: Sequence[str] = ()) -> EncodedPackage:
    """Checks every file that the rungs' playlists name and the ones in `also`, writes the master playlist, lists all.

    Rungs come best first. Raises BrokenPackage when something is missing, empty or unreadable.
    """
    try:
        playlists = [read((folder / f"{rung.name}.m3u8").read_text()) for rung in rungs]
        variants = [_variant(folder, rung, playlist) for rung, playlist in zip(rungs, playlists, strict=True)]
        for name in also:
            _size(folder, name)
    except (OSError, ValueError) as problem:
        raise BrokenPackage(str(problem)) from problem
    header = "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n"
    (folder / MASTER).write_text(header + "".join(variants))
    files = tuple(_packaged(path, folder) for path in sorted(folder.rglob("*")) if path.is_file())
    manifest = "".join(f"{file.sha256}  {file.name}\n" for file in files)
    return EncodedPackage(
        files=files,
        segment_count=sum(len(playlist.segments) for playlist in playlists),
        total_bytes=sum(file.size for file in files),
        manifest_sha256=hashlib.sha256(manifest.encode()).hexdigest(),
        durations_ms=tuple(playlist.duration_ms for playlist in playlists),
    )


def _variant(folder: Path, rung: Rung, playlist: Playlist) -> str:
    """The rung's two lines of the master playlist; bandwidths are measured, in bits per second."""
    codec = h264_codec((folder / playlist.init).read_bytes())
    bits = [(8 * _size(folder, name), seconds) for name, seconds in playlist.segments]
    peak = max(size / seconds for size, seconds in bits)
    average = 1000 * sum(size for size, _ in bits) / playlist.duration_ms
    return (
        f"#EXT-X-STREAM-INF:BANDWIDTH={round(peak)},AVERAGE-BANDWIDTH={round(average)},"
        f'RESOLUTION={rung.width}x{rung.height},CODECS="{codec},{_SOUND_CODEC}",FRAME-RATE={rung.fps:.3f}\n'
        f"{rung.name}.m3u8\n"
    )


def _size(folder: Path, name: str) -> int:
    size = (folder / name).stat().st_size
    if size == 0:
        raise BrokenPackage(f"{name} is empty")
    return size


def _packaged(path: Path, folder: Path) -> PackagedFile:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return PackagedFile(path.relative_to(folder).as_posix(), path.stat().st_size, digest)
