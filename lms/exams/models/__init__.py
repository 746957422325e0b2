"""Exams with their rules, papers, answers and scores, and what people mark."""

from lms.exams.models.analysis import (
    ExamFiguresRow,
    ExamItemFigureRow,
    ExamStandingRow,
    ExamUnitFigureRow,
)
from lms.exams.models.attempts import (
    AllowanceRequestRow,
    AllowanceRow,
    AnswerEventRow,
    AttemptEventRow,
    AttemptPresenceRow,
    AttemptQuestionRow,
    AttemptRow,
    DrawnPaperRow,
    ExamMessageRow,
    ExamRow,
    ExamRulesRow,
    ScoreAdjustmentRow,
    ScoreRow,
    SittingRow,
)
from lms.exams.models.marking import MarkingPassRow, MarkingPieceRow, MarkingPlanRow, MarkRow
from lms.exams.models.planning import ExamRulesDraftRow, SittingRequestRow
from lms.exams.models.regrade import RegradeEffectRow, RegradeRow

__all__ = [
    "AllowanceRequestRow",
    "AllowanceRow",
    "AnswerEventRow",
    "AttemptEventRow",
    "AttemptPresenceRow",
    "AttemptQuestionRow",
    "AttemptRow",
    "DrawnPaperRow",
    "ExamFiguresRow",
    "ExamItemFigureRow",
    "ExamMessageRow",
    "ExamRow",
    "ExamRulesDraftRow",
    "ExamRulesRow",
    "ExamStandingRow",
    "ExamUnitFigureRow",
    "MarkRow",
    "MarkingPassRow",
    "MarkingPieceRow",
    "MarkingPlanRow",
    "RegradeEffectRow",
    "RegradeRow",
    "ScoreAdjustmentRow",
    "ScoreRow",
    "SittingRequestRow",
    "SittingRow",
]
