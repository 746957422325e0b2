"""`lms video probe`: what the upload gate says of a file; needs neither settings nor database."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

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
    found = _look(file)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
    elif found["accepted"]:
        codecs = " + ".join(filter(None, [found["video_codec"], found["audio_codec"]]))
        click.echo(f"accepted: {found['width']}×{found['height']}, {found['duration_ms'] / 1000:.1f} s, {codecs}")
    else:
        click.echo(f"refused ({found['reason']}): {found['reason_text']}")
    if not found["accepted"]:
        raise SystemExit(1)


def _look(file: Path) -> dict[str, Any]:
    try:
        return mediaprobe.probe(file, limits=ProbeLimits()).as_dict()
    except sandbox.SandboxError as error:
        explained = f"the file was not opened, because no fence stands: {first_line(error)}"
        return asdict(Probe(False, "no_fence")) | {"reason_text": explained}
    except (OSError, RuntimeError):  # a folder that may not be entered, a link that leads to itself
        return Probe(False, "not_a_file").as_dict()
