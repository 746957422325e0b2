"""The mark of a browser: a random cookie that only the opening of a lease sees, so that many people in one browser are noticed.

It is no fingerprint: it says nothing of the device, and whoever deletes it is somebody new. The privacy notice tells of it.
"""

from collections.abc import Callable

from flask import Response, request

from lms import settings as settings_module
from lms.kernel import ids

COOKIE = "watch-device"
PATH = "/api/v1/leases"
MAX_AGE = 180 * 86_400
_LENGTH = 32


def device() -> tuple[str, Callable[[Response], None]]:
    """The mark that this browser brought, or a new one, and a function that sets it on a response."""
    known = request.cookies.get(COOKIE, "")
    mark = known if len(known) == _LENGTH and known.isalnum() else ids.new_secret_id().hex

    def keep(response: Response) -> None:
        secure = settings_module.current().secure_cookies
        response.set_cookie(COOKIE, mark, max_age=MAX_AGE, path=PATH, secure=secure, httponly=True, samesite="Strict")

    return mark, keep
