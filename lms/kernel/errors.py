"""Errors that people may see: each a small named type with a code, an HTTP status and one sentence.

The sentence (`title`) is Chinese source text marked with `N_` for the catalogues; the web layer translates it when it renders.
"""

from collections.abc import Mapping


def N_(text: str) -> str:
    """Marks a text for translation without translating it."""
    return text


class DomainError(Exception):
    """Base of all refusals; `detail` says more of this case, `fields` names the field or row that is wrong.

    Both are sentences for people; `extra` holds the facts for programs, and fills placeholders of the sentences.
    """

    code = "error"
    status = 400
    title = N_("请求无法完成")

    def __init__(
        self,
        detail: str | None = None,
        *,
        fields: Mapping[str, str] | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.fields = dict(fields or {})
        self.extra = dict(extra or {})


class NotFound(DomainError):
    """The object does not exist, or not for this caller: both look alike."""

    code, status, title = "not_found", 404, N_("没有找到这个页面或内容")


class Forbidden(DomainError):
    """The caller is known and may not do this."""

    code, status, title = "forbidden", 403, N_("您没有进行此操作的权限")


class SignInNeeded(DomainError):
    """Nobody is signed in."""

    code, status, title = "sign_in_needed", 401, N_("请先登录")


class Conflict(DomainError):
    """The state of things no longer allows it."""

    code, status, title = "conflict", 409, N_("内容已经变化，操作没有执行")


class Gone(DomainError):
    """It was there and is over."""

    code, status, title = "gone", 410, N_("已经结束")


class Invalid(DomainError):
    """The input is wrong; `fields` says where."""

    code, status, title = "invalid", 422, N_("填写的内容有误")


class Locked(DomainError):
    """Locked for a while."""

    code, status, title = "locked", 423, N_("已被锁定，请稍后再试")


class TooMany(DomainError):
    """Too many requests."""

    code, status, title = "too_many", 429, N_("操作过于频繁，请稍后再试")
