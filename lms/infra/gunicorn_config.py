"""What gunicorn's master reads: its workers end with it.

A worker that outlived a killed master would keep the port without accepting anything until its last connection closes, and no
new master could bind it meanwhile. The requests that it was answering are rolled back and sent again, as at any other kill.
"""

import gc
import logging
import re
import signal
from typing import Any

from lms.infra import parent
from lms.infra.log import WithoutValues

_ASKED = re.compile(r"""(?s)(?<=: )b?(['"]).*\1|(?<=handling request )\S+|\?\S*""")


class WithoutNumbers(WithoutValues):
    """gunicorn's own warnings quote the line of a request that it can't read, or the address of one that failed.

    What they quote goes as a whole: there a number may be written in many ways. Our own log tells the route.
    """

    def told(self, message: str) -> str:
        return _ASKED.sub("…", message)


logging.getLogger("gunicorn.error").addFilter(WithoutNumbers())


def when_ready(server: Any) -> None:
    """Runs in the master once the application is loaded, before the first fork.

    Its half a million objects stay for good: a full collection that walked them would hold up all threads of a worker for a quarter
    of a second, and copy the memory that workers share.
    """
    gc.collect()
    gc.freeze()


def post_fork(server: Any, worker: Any) -> None:
    """Runs in each worker before it serves."""
    parent.end_with(worker.ppid, signal.SIGKILL)
