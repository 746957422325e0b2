"""kill -9 of a worker in the few milliseconds in which a fenced program is being started: nothing of it stays behind."""

import os
import random
import signal
import time
from pathlib import Path

import pytest

from lms.infra import sandbox
from tests.kill.processes import mentioning

SEED = 20261125
STARTS = 40
LONGEST = 0.06  # seconds after which the fence stands on a quiet machine
LIMITS = sandbox.Limits(cpu_seconds=60, memory_bytes=1 << 30, file_bytes=1 << 20, wall_seconds=60)


@pytest.mark.parametrize("fence", sandbox.available_fences(), ids=lambda fence: fence.name)
def test_a_program_ends_with_whoever_started_it_however_early(fence: sandbox.Fence, tmp_path: Path) -> None:
    draw = random.Random(SEED)
    for _ in range(STARTS):
        pid = os.fork()
        if pid == 0:
            try:
                sandbox.run(["/bin/sleep", "60"], inputs=[], output_dir=tmp_path, limits=LIMITS, with_fence=fence)
            finally:
                os._exit(1)
        time.sleep(draw.random() * LONGEST)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    deadline = time.monotonic() + 10
    while mentioning(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.1)
    left = mentioning(tmp_path)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert not left, f"outlived whoever started it: {left}"
