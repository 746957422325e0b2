"""The states of a certificate and what may change them, as one table."""

from enum import StrEnum

from lms.kernel.errors import N_, Conflict


class Status(StrEnum):
    """Where a certificate stands (contract.md)."""

    ISSUING = "issuing"
    VALID = "valid"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"


class Action(StrEnum):
    """What may happen to a certificate."""

    FINISH = "finish"
    SUSPEND = "suspend"
    RESUME = "resume"
    REVOKE = "revoke"
    SUPERSEDE = "supersede"
    EXPIRE = "expire"


class NotInThisState(Conflict):
    """The certificate's state does not allow the action."""

    code, title = "certificate_state", N_("证书当前状态不允许此操作")

    def __init__(self, status: Status, action: Action) -> None:
        super().__init__(extra={"status": status.value, "action": action.value})


TITLES = {
    Status.ISSUING: N_("制作中"),
    Status.VALID: N_("有效"),
    Status.SUSPENDED: N_("暂扣"),
    Status.REVOKED: N_("撤销"),
    Status.SUPERSEDED: N_("已更换"),
    Status.EXPIRED: N_("失效"),
}

_TABLE = {
    (Status.ISSUING, Action.FINISH): Status.VALID,
    (Status.ISSUING, Action.REVOKE): Status.REVOKED,
    (Status.VALID, Action.SUSPEND): Status.SUSPENDED,
    (Status.VALID, Action.REVOKE): Status.REVOKED,
    (Status.VALID, Action.SUPERSEDE): Status.SUPERSEDED,
    (Status.VALID, Action.EXPIRE): Status.EXPIRED,
    (Status.SUSPENDED, Action.RESUME): Status.VALID,
    (Status.SUSPENDED, Action.REVOKE): Status.REVOKED,
    (Status.SUSPENDED, Action.EXPIRE): Status.EXPIRED,
}


def advance(status: Status, action: Action) -> Status:
    """The state after the action. Raises NotInThisState for every pair that the table does not list."""
    try:
        return _TABLE[status, action]
    except KeyError:
        raise NotInThisState(status, action) from None
