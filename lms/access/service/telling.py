"""Tells the helped person, and everybody who could be one of the two, each step of help that takes two: nothing happens unseen."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from lms.access.domain.pairing import Help
from lms.kernel.errors import N_
from lms.notices import service as notices
from lms.notices.domain.messages import Message

BY_OPERATOR = "operator"
KIND = "access.joint_help"
TITLES = {Help.SIGN_IN_CODE: N_("双人办理：一次性登录验证码"), Help.SECOND_FACTOR: N_("双人办理：重置动态验证码")}
TEXTS = {
    "asked": N_(
        "%(asker)s 为 %(person)s 提出申请，须由另一位管理员在 24 小时内确认。如不是本人要求，请立即联系其他管理员。"
    ),
    "confirmed": N_(
        "%(asker)s 为 %(person)s 提出的申请已由 %(actor)s 确认并办理。如不是本人要求，请立即联系其他管理员。"
    ),
    "declined": N_("%(asker)s 为 %(person)s 提出的申请被 %(actor)s 拒绝，没有办理。"),
    "withdrawn": N_("%(asker)s 撤回了为 %(person)s 提出的申请，没有办理。"),
    BY_OPERATOR: N_(
        "平台运维人员在服务器上为 %(person)s 办理（应急操作）。如不是本人要求，请立即联系其他管理员，并查看审计记录。"
    ),
}


def tell(
    what: str,
    help_: Help,
    *,
    person_id: UUID,
    helpers: Iterable[UUID],
    names: Mapping[str, str],
    request_id: UUID | None,
    now: datetime,
) -> None:
    """Sends one message to each with the running unit of work; `names` are those of person, asker and actor."""
    link = f"/staff/joint-help/{request_id}" if request_id else ""
    message = Message(KIND, TITLES[help_], TEXTS[what], names, link, f"{request_id}:{what}" if request_id else "")
    without_link = Message(KIND, TITLES[help_], TEXTS[what], names, "", message.key)
    notices.send(dict.fromkeys(helpers, message) | {person_id: without_link}, now=now)
