"""What the master has loaded is no matter for the garbage collector of its workers."""

import subprocess
import sys

SCRIPT = """
import gc, os
import lms.app
from lms.infra import gunicorn_config

gunicorn_config.when_ready(None)
child = os.fork()
if child == 0:
    print(gc.get_freeze_count(), sum(len(gc.get_objects(generation=one)) for one in range(3)), flush=True)
    os._exit(0)
os.waitpid(child, 0)
"""


def test_a_full_collection_of_a_worker_walks_nothing_that_was_there_before_it() -> None:
    """Seen without it: a quarter of a second in which no thread of the worker answers."""
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, timeout=120)
    frozen, walked = map(int, done.stdout.split())
    assert frozen > 100_000
    assert walked < frozen / 20
