"""The first requests of a fresh worker come at once: statements that all threads share are whole for each of them."""

import subprocess
import sys

SCRIPT = """
import os, sys, threading
import lms.app
from lms.access.queries import principals
from sqlalchemy.dialects import postgresql

sys.setswitchinterval(1e-5)
faults = 0
for _ in range(60):
    child = os.fork()
    if child == 0:
        told, gate = [], threading.Barrier(6)

        def build():
            gate.wait()
            told.append(str(principals._of_session().compile(dialect=postgresql.dialect())))

        threads = [threading.Thread(target=build) for _ in range(6)]
        for one in threads: one.start()
        for one in threads: one.join()
        sound = len(told) == 6 and len(set(told)) == 1 and "ON unit_1.id = person.unit_id" in told[0]
        os._exit(0 if sound else 1)
    faults += os.waitpid(child, 0)[1] != 0
print(faults)
"""


def test_who_asks_for_whom_in_the_first_moment_gets_the_whole_statement() -> None:
    """Seen without `db.second`: in one process of six a thread built a statement that joined no unit at all."""
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.split()[-1] == "0", done.stderr[-2000:]
