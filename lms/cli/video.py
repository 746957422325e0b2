"""`lms video probe`: what the upload gate says of a file; needs neither settings nor database."""

import json
from pathlib import Path

import click

from lms.cli.faults import first_line
from lms.infra import mediaprobe, sandbox
from lms.infra.mediaprobe import Probe, ProbeLimits


@click.group()
def video() -> None:
    """Video files."""


@video.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="one line of JSON")
def probe(file: Path, as_json: bool) -> None:
    """Say whether FILE may be uploaded, and what it holds; exit 1 when it is refused."""
    found, explained = _look(file)
    if as_json:
        click.echo(json.dumps(found.as_dict() | {"reason_text": explained}, ensure_ascii=False))
    elif found.accepted:
        codecs = " + ".join(filter(None, [found.video_codec, found.audio_codec]))
        click.echo(f"accepted: {found.width}×{found.height}, {(found.duration_ms or 0) / 1000:.1f} s, {codecs}")
    else:
        click.echo(f"refused ({found.reason}): {explained}")
    if not found.accepted:
        raise SystemExit(1)


def _look(file: Path) -> tuple[Probe, str | None]:
    try:
        found = mediaprobe.probe(file, limits=ProbeLimits())
    except sandbox.SandboxError as error:
        return Probe(False, "no_fence"), f"the file was not opened, because no fence stands: {first_line(error)}"
    except (OSError, RuntimeError):  # a folder that may not be entered, a link that leads to itself
        found = Probe(False, "not_a_file")
    return found, found.reason_text
