"""Why something can't be practised."""

from lms.kernel.errors import N_, Conflict, Invalid


class NothingToPractise(Conflict):
    """No item is there for the round or the mock exam."""

    code, title = "nothing_to_practise", N_("现在没有可以练习的题目")


class AnswerNeeded(Invalid):
    """The page sent no answer, or none that fits the item."""

    code, title = "answer_needed", N_("请先作答，再看答案")


class Withdrawn(Conflict):
    """The item was withdrawn after the page had shown it."""

    code, title = "item_withdrawn", N_("这道题刚刚停用，已经跳过，不计入练习")
