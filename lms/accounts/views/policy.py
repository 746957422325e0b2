"""What the settings and the request tell the services of accounts."""

from flask import request

from lms import settings as settings_module
from lms.accounts import service


def policy() -> service.Policy:
    """What the settings say of sign-in, registration and passwords."""
    s = settings_module.current()
    return service.Policy(
        password_min_length=s.password_min_length,
        lockout_failures=s.lockout_failures,
        lockout_minutes=s.lockout_minutes,
        sign_ins_per_address=s.sign_ins_per_address,
        registrations_per_address=s.registrations_per_address,
        session_hours=s.session_hours,
        password_history=s.password_history,
        totp_single_use=s.totp_single_use,
        sign_in_code_hours=s.sign_in_code_hours,
        reset_requests_per_name=s.reset_requests_per_name,
    )


def browser() -> service.Browser:
    """The browser that this request comes from."""
    return service.Browser(request.remote_addr or "", request.headers.get("User-Agent", ""))
