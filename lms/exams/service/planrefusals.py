"""Why rules of an exam are not drafted, proposed or published."""

from collections.abc import Sequence

from lms.exams.domain.cells import Cell
from lms.kernel.errors import N_, Conflict, Forbidden


class DraftOpen(Conflict):
    """A class has one draft at a time."""

    code, title = "exam_draft_open", N_("这个培训班已有一份考试方案正在拟定，请先办结")


class DraftSettled(Conflict):
    """The draft is not, or no longer, in the state that the act needs."""

    code, title = "exam_draft_settled", N_("这份考试方案的状态已经变化，刚才的操作没有执行")


class NotYours(Conflict):
    """Who drafts is named, so that the second person is another one."""

    code, title = "exam_draft_not_yours", N_("只有拟定人可以修改这份方案")


class PublisherIsDrafter(Forbidden):
    """Rules take two persons."""

    code, title = "exam_two_persons", N_("拟定人不能自己发布，请由另一位管理人员核对后发布")


class DrafterSits(Forbidden):
    """Who drafted the rules is of the class by now: nobody sits an exam that they made."""

    code, title = "exam_drafter_sits", N_("拟定人现在是这个培训班的学员，这份方案不能发布；请不同意，由其他人另行拟定")


class PlanImpossible(Conflict):
    """Papers can't be drawn by the plan; `extra["cells"]` names where it falls short."""

    code, title = "exam_plan_impossible", N_("题库中的试题不够组卷，方案不能发布")

    def __init__(self, cells: Sequence[Cell]) -> None:
        listed = [
            {"section": one.section, "banks": list(one.banks), "draws": one.draws, "have": one.have} for one in cells
        ]
        super().__init__(extra={"cells": listed})


class BanksOutOfSight(Forbidden):
    """A paper shows items; who may not see those of one of its banks may not see it."""

    code, title = "exam_banks_out_of_sight", N_("方案中有您无权查看的题库，不能预览试题")
