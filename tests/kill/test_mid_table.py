"""kill -9 of the process that reads a table: the process that looks into the file ends with it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kill.processes import parents, wait_for
from tests.unit.infra.tables import xlsx

LARGE = "<row>" + '<c t="s"><v>0</v></c>' * 60 + "</row>"
PROGRAM = (
    "import pathlib, sys; from lms.infra.spreadsheet import Limits, read_table;"
    "read_table(pathlib.Path(sys.argv[1]), 'a', limits=Limits(max_rows=20_000, max_ratio=1_100, cpu_seconds=60, wall_seconds=60))"
)


@pytest.mark.parametrize("pause", [0.0, 0.02, 0.3])
def test_the_reader_of_a_table_ends_with_the_one_that_asked(tmp_path: Path, pause: float) -> None:
    file = tmp_path / "a.xlsx"
    file.write_bytes(xlsx(LARGE * 20_000))
    asking = subprocess.Popen([sys.executable, "-c", PROGRAM, str(file)], env={**os.environ, "TMPDIR": str(tmp_path)})
    try:
        wait_for("the reader runs", lambda: asking.pid in parents().values(), pause=0.001)
        reader = next(pid for pid, parent in parents().items() if parent == asking.pid)
        with pytest.raises(subprocess.TimeoutExpired):
            asking.wait(max(pause, 0.001))
    finally:
        asking.send_signal(signal.SIGKILL)
        asking.wait()
    wait_for("the reader has ended", lambda: reader not in parents(), seconds=2)
    assert [one.name for one in tmp_path.iterdir()] == ["a.xlsx"]
