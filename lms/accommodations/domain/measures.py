"""What an accommodation gives, in per cent of the usual time, and for how long it may be granted."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lms.kernel.errors import N_

USUAL = 100
MOST = 300
DOUBLE = 200
LONGEST_REFERENCE = 40


class Basis(StrEnum):
    """On what an accommodation rests; the value is stored, the ground itself (an illness, a disability) is not."""

    DOCUMENT = "document"
    DECISION = "decision"
    APPLICATION = "application"


BASES = {
    Basis.DOCUMENT: N_("已当面核验证明材料"),
    Basis.DECISION: N_("单位集体研究决定"),
    Basis.APPLICATION: N_("本人申请，单位核实"),
}
STATES = {
    "proposed": N_("等待确认"),
    "confirmed": N_("已批准"),
    "declined": N_("不同意"),
    "withdrawn": N_("已撤回"),
    "revoked": N_("已撤销"),
}


@dataclass(frozen=True, slots=True)
class Measure:
    """Per cent of the usual time: in exams from 100 to 300, for presence checks 100 or 200."""

    exam_percent: int = USUAL
    presence_percent: int = USUAL


NOTHING = Measure()
"""What holds for who was granted nothing."""


def problems(measure: Measure, *, from_on: date, until_on: date | None, today: date) -> dict[str, str]:
    """What is wrong with a proposal, by field; nothing when it may be made."""
    found = {}
    if not USUAL <= measure.exam_percent <= MOST:
        found["exam_factor"] = N_("考试时间请填 1.00 到 3.00 之间的倍数")
    elif measure == NOTHING:
        found["exam_factor"] = N_("没有任何便利：请把考试时间调到 1 倍以上，或勾选在场确认加时")
    if until_on is not None and until_on < from_on:
        found["until_on"] = N_("截止日期不能早于开始日期")
    elif until_on is not None and until_on < today:
        found["until_on"] = N_("截止日期已经过去")
    return found
