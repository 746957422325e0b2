"""Which identity fields a person may ask staff to correct, and by when they are answered."""

from datetime import datetime, timedelta
from enum import StrEnum

from lms.kernel.errors import N_


class Identity(StrEnum):
    """Fields on which official records rest: they change by review only."""

    NAME = "name"
    SEX = "sex"
    UNIT = "unit"
    ID_NUMBER = "id_number"


LABELS = {
    Identity.NAME: N_("姓名"),
    Identity.SEX: N_("性别"),
    Identity.UNIT: N_("工作单位"),
    Identity.ID_NUMBER: N_("身份证号"),
}
STATES = {
    "open": N_("等待处理"),
    "approved": N_("已更正"),
    "declined": N_("未同意"),
    "withdrawn": N_("已撤回"),
}


def due(asked_at: datetime, *, days: int) -> datetime:
    """Until when the person has to be answered."""
    return asked_at + timedelta(days=days)
