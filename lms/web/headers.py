"""Security headers, request ids and the access log."""

from wsgiref.headers import Headers

import structlog
from flask import Flask, Response, g, request

from lms.kernel import clock, ids

log = structlog.get_logger()

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "object-src 'none'",
    ]
)


FIXED_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""What the log tells of a request; any other word was made up by who sent it."""
STRICT_TRANSPORT = "max-age=31536000"


def add_static(headers: Headers, _path: str, _url: str) -> None:
    """The same for bundles, which are answered before the application sees the request."""
    for name, value in FIXED_HEADERS.items():
        headers[name] = value


def route() -> str:
    """The rule of the request's address, for logs: the address itself may hold a lease, which opens what it names."""
    return str(request.url_rule or "unmatched")


def init_app(app: Flask, *, https: bool) -> None:
    """Adds headers to every answer and one log line to every request."""

    @app.before_request
    def _begin() -> None:
        g.request_id = ids.new_secret_id().hex[:16]
        g.started = clock.monotonic()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id, address=request.remote_addr or "")

    @app.after_request
    def _end(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        headers.setdefault("Cache-Control", "no-store")
        headers.update(FIXED_HEADERS)
        if "unreferred" in g:  # the page of a refused address would tell it to all that it loads and links
            headers["Referrer-Policy"] = "no-referrer"
        headers["X-Request-ID"] = g.get("request_id", "")
        if https:
            headers["Strict-Transport-Security"] = STRICT_TRANSPORT
        milliseconds = round((clock.monotonic() - g.get("started", clock.monotonic())) * 1000, 1)
        method = request.method if request.method in METHODS else "other"
        log.info("request", method=method, path=route(), status=response.status_code, ms=milliseconds)
        return response
