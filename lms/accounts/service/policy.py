"""What the settings say of sign-in, and the refusals that its parts share."""

from dataclasses import dataclass

from lms.kernel.errors import N_, DomainError, Locked, TooMany


class WrongCredentials(DomainError):
    """User name, password or code is wrong; which of them is not said."""

    code, status, title = "wrong_credentials", 401, N_("用户名、密码或动态验证码不正确")


class CodeNeeded(DomainError):
    """The password is right and the account needs its second factor."""

    code, status, title = "code_needed", 401, N_("请输入动态验证码")


class SecondFactorMissing(DomainError):
    """A role that needs a second factor has none: nobody signs in with half a key."""

    code, status, title = "second_factor_missing", 401, N_("此账号的岗位需要动态验证码，但尚未设置，请联系管理员")


class NameLocked(Locked):
    """Too many wrong tries with this user name."""

    code, title = "name_locked", N_("连续输错次数过多，此用户名暂时不能登录，请稍后再试")


class TooManyHere(TooMany):
    """Too many tries from this address."""

    code, title = "address_limited", N_("这个网络地址的尝试过于频繁，请稍后再试")


@dataclass(frozen=True)
class Policy:
    """The settings that sign-in and registration obey."""

    password_min_length: int
    lockout_failures: int
    lockout_minutes: int
    sign_ins_per_address: int
    registrations_per_address: int
    session_hours: int
