"""An application behind a real socket, for browsers that go away in the middle of an answer."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

ANSWER = "tests.answer"


class _Quiet(WSGIRequestHandler):
    """Writes no line for a request, and closes what it was sending when the browser went away.

    The library's own reads once more from the connection before it closes an answer: where that read fails, a file of it
    stays open.
    """

    def log_request(self, *_args: object) -> None:
        """Says nothing."""

    def connection_dropped(self, error: BaseException, environ: dict[str, Any] | None = None) -> None:
        """Called where the browser is gone."""
        close: Callable[[], None] | None = getattr((environ or {}).get(ANSWER), "close", None)
        if close is not None:
            close()
        super().connection_dropped(error, environ)


@contextmanager
def served(app: Callable[..., Iterable[bytes]]) -> Iterator[int]:
    """The port at which the application answers meanwhile."""

    def remembered(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ[ANSWER] = answer = app(environ, start_response)
        return answer

    server = make_server("127.0.0.1", 0, remembered, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
