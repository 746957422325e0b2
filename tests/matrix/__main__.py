"""Prints the matrix as the application answers it: `python -m tests.matrix > docs/permission-matrix.txt`."""

import argparse
import sys

import msgspec

from tests.matrix import notation
from tests.matrix.processes import run_all


def main() -> None:
    """Prints the whole matrix, or with --json all that was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.matrix")
    parser.add_argument("--json", action="store_true")
    in_full: bool = parser.parse_args().json
    found = run_all()
    if in_full:
        sys.stdout.buffer.write(msgspec.json.encode(found))
    else:
        print(notation.written(found.lines), end="")


if __name__ == "__main__":
    main()
