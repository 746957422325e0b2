"""What the settings say of sign-in, and the refusals that its parts share."""

from dataclasses import dataclass

from lms.kernel.errors import N_, Conflict, DomainError, Locked, TooMany


class WrongCredentials(DomainError):
    """User name, password or code is wrong; which of them is not said."""

    code, status, title = "wrong_credentials", 401, N_("用户名、密码或动态验证码不正确")


class WrongSignInCode(DomainError):
    """User name and one-time code don't belong together, or the code is used, replaced or too old; which is not said."""

    code, status, title = "wrong_sign_in_code", 401, N_("用户名或一次性验证码不正确，或验证码已经失效")


class CodeNeeded(DomainError):
    """The password is right and the account needs its second factor."""

    code, status, title = "code_needed", 401, N_("请输入动态验证码")


class NameLocked(Locked):
    """Too many wrong tries with this user name."""

    code, title = "name_locked", N_("连续输错次数过多，此用户名暂时不能登录，请稍后再试")


class TooManyHere(TooMany):
    """Too many tries from this address."""

    code, title = "address_limited", N_("这个网络地址的尝试过于频繁，请稍后再试")


class NotActive(Conflict):
    """The account is disabled, closed or joined into another: nothing of it can be renewed."""

    code, title = "account_not_active", N_("此账号已停用或注销，不能进行此操作")


@dataclass(frozen=True)
class Policy:
    """The settings that sign-in, registration and passwords obey."""

    password_min_length: int
    lockout_failures: int
    lockout_minutes: int
    sign_ins_per_address: int
    registrations_per_address: int
    session_hours: int
    password_history: int = 5
    totp_single_use: bool = True
    sign_in_code_hours: int = 24
    reset_requests_per_name: int = 3


@dataclass(frozen=True)
class Browser:
    """What a request tells of the browser that it comes from."""

    address: str
    name: str
