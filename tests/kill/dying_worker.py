"""A worker that kills itself with SIGKILL at a named point of its work: `python dying_worker.py POINT…`, one worker a point.

Imports are done once; for each point a fork becomes a worker of its own and runs until the point is reached.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from lms import settings as settings_module, worker
from lms.app import create_app
from lms.certificates import service as certificates
from lms.infra import jobs
from lms.infra.pdfsign import Signer
from lms.infra.storage import LocalStorage


def _die(*_: Any, **__: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def _after(owner: Any, name: str) -> Callable[[], None]:
    def patch() -> None:
        original = getattr(owner, name)

        def run_and_die(*arguments: Any, **named: Any) -> None:
            original(*arguments, **named)
            _die()

        setattr(owner, name, run_and_die)

    return patch


def _before(owner: Any, name: str) -> Callable[[], None]:
    return lambda: setattr(owner, name, _die)


def _between_the_renames() -> None:
    """A package that stood there is already aside and the new one not yet in its place."""
    original, renames = os.replace, []

    def replace(source: Any, target: Any) -> None:
        if renames:
            _die()
        original(source, target)
        if str(target).endswith("/old"):
            renames.append(target)

    os.replace = replace  # type: ignore[assignment]


POINTS: dict[str, Callable[[], None]] = {
    "encode: before the rename": _before(LocalStorage, "put_tree"),
    "encode: renamed, not committed": _after(LocalStorage, "put_tree"),
    "encode: between two renames": _between_the_renames,
    "committed, the file as it came still there": _before(LocalStorage, "delete"),
    "committed, job not finished": _before(jobs, "finish"),
    "certificate: before the seal": _before(Signer, "sign"),
    "certificate: written aside, not renamed": _before(LocalStorage, "put_file"),
    "certificate: stored, no row": _before(certificates, "store_document"),
    "certificate: row written, not committed": _before(certificates, "_move"),
}


def _work_until(point: str) -> None:
    settings = settings_module.from_environment()
    create_app(settings)
    POINTS[point]()
    worker.Worker(settings).run()


def main() -> None:
    """Exits 0 when each worker was killed at its point."""
    create_app(settings_module.from_environment())  # all modules are loaded once
    for point in sys.argv[1:]:
        pid = os.fork()
        if pid == 0:
            _work_until(point)
        _, status = os.waitpid(pid, 0)
        if not (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL):
            sys.exit(f"the worker did not reach {point!r}: status {status}")


if __name__ == "__main__":
    main()
