"""Prints the matrix as the application answers it: `python -m tests.matrix > docs/permission-matrix.txt`."""

import argparse
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from lms.app import create_app
from lms.infra import schema
from lms.kernel import clock
from lms.settings import Settings
from tests.matrix import notation
from tests.matrix.people import COLUMNS
from tests.matrix.probe import Probe
from tests.matrix.survey import Survey, merged, survey
from tests.matrix.world import build

SHARDS = 2


def run_shard(shard: int, shards: int) -> Survey:
    """Builds the world in a database of its own and asks a part of everything."""
    with tempfile.TemporaryDirectory() as home:
        app = create_app(
            Settings(
                mode="test",
                home=Path(home),
                secret_key=secrets.token_hex(32),
                field_key=secrets.token_hex(32),
                secure_cookies=False,
                base_url="http://localhost",
                log_level="CRITICAL",
            )
        )
        schema.upgrade()
        found = survey(Probe(app, build(clock.now())), shard=shard, shards=shards)
        found.seconds = time.process_time()
        return found


def run_all() -> Survey:
    """Asks everything, in as many processes as there are shards. Raises CalledProcessError."""
    command = [sys.executable, "-m", "tests.matrix", "--shard"]
    children = [
        subprocess.Popen([*command, str(shard)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])
        for shard in range(SHARDS)
    ]
    answers = [child.communicate()[0] for child in children]
    for child in children:
        if child.returncode:
            raise subprocess.CalledProcessError(child.returncode, command)
    return merged(msgspec.json.decode(answer, type=Survey) for answer in answers)


def main() -> None:
    """Prints the whole matrix, or with --shard what was found in one part, as JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.matrix")
    parser.add_argument("--shard", type=int, default=None)
    shard: int | None = parser.parse_args().shard
    if shard is None:
        print(notation.written(COLUMNS, run_all().lines), end="")
    else:
        sys.stdout.buffer.write(msgspec.json.encode(run_shard(shard, SHARDS)))


if __name__ == "__main__":
    main()
