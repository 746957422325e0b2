"""Opens exams and attempts, saves answers, hands in and scores; the rules themselves are in domain/."""

from lms.exams.service.analysis import FIGURES_JOB, count_figures, queue_figures
from lms.exams.service.answer import Saved, SaveRefused, save_answer, save_form
from lms.exams.service.attempt import (
    AttemptsUsedUp,
    CoursesMissing,
    ExamNotOpen,
    Opened,
    TimeOver,
    TooSoon,
    open_again,
    start_or_resume,
)
from lms.exams.service.board import (
    NobodyAtWork,
    NotDecidable,
    ask_more_time,
    carry_out_confirmed,
    decide_more_time,
    tell,
)
from lms.exams.service.exam import create_exam
from lms.exams.service.grading import Graded, hand_in_if_over, settled_view, submit, submit_overdue
from lms.exams.service.marking import (
    Marked,
    WithSomebodyElse,
    mark,
    put_back,
    queue_missing,
    save_draft,
    set_plan,
    take,
)
from lms.exams.service.own_exam import OwnExam, refuse_candidates, refuse_early_keys, refuse_keys
from lms.exams.service.papers import draw_ahead, prepare_papers
from lms.exams.service.pulse import PageEvent, forget_events, take_pulse
from lms.exams.service.regrade import (
    REGRADE_JOB,
    RegradeSettled,
    SecondPerson,
    WaitsAlready,
    confirm_regrade,
    decline_regrade,
    propose_regrade,
    walk,
    withdraw_regrade,
)

__all__ = [
    "FIGURES_JOB",
    "REGRADE_JOB",
    "AttemptsUsedUp",
    "CoursesMissing",
    "ExamNotOpen",
    "Graded",
    "Marked",
    "NobodyAtWork",
    "NotDecidable",
    "Opened",
    "OwnExam",
    "PageEvent",
    "RegradeSettled",
    "SaveRefused",
    "Saved",
    "SecondPerson",
    "TimeOver",
    "TooSoon",
    "WaitsAlready",
    "WithSomebodyElse",
    "ask_more_time",
    "carry_out_confirmed",
    "confirm_regrade",
    "count_figures",
    "create_exam",
    "decide_more_time",
    "decline_regrade",
    "draw_ahead",
    "forget_events",
    "hand_in_if_over",
    "mark",
    "open_again",
    "prepare_papers",
    "propose_regrade",
    "put_back",
    "queue_figures",
    "queue_missing",
    "refuse_candidates",
    "refuse_early_keys",
    "refuse_keys",
    "save_answer",
    "save_draft",
    "save_form",
    "set_plan",
    "settled_view",
    "start_or_resume",
    "submit",
    "submit_overdue",
    "take",
    "take_pulse",
    "tell",
    "walk",
    "withdraw_regrade",
]
