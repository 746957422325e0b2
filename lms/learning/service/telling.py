"""Tells people about flags on their watching: that there is one, what was decided, that they were answered."""

from datetime import datetime
from uuid import UUID

from lms.kernel.errors import N_
from lms.notices import service as notices
from lms.notices.domain.messages import Message

RAISED = (
    N_("您的学习记录有一条提示"),
    N_("系统发现一处不寻常的学习记录，正由工作人员核实。您的学时没有变化。请打开查看原因，您可以说明情况。"),
)
DECIDED = (
    N_("学习记录提示已处理"),
    N_("工作人员已核实您的学习记录提示，请打开查看结论和理由。不同意可以继续说明。"),
)
ANSWERED = (N_("您的说明有了答复"), N_("工作人员答复了您对学习记录提示的说明，请打开查看。"))


def tell(person_id: UUID, flag_id: UUID, words: tuple[str, str], *, key: str, now: datetime) -> None:
    """Sends one of the texts above, once for each key, with the running unit of work."""
    title, text = words
    message = Message("watch.flag", title, text, link=f"/me/flags/{flag_id}", key=key)
    notices.send({person_id: message}, now=now)
