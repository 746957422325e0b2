"""What staff write about an exam or an item is kept in clear, so nobody's mobile or ID number gets into it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from lms.accounts.domain.reach import Staff
from lms.exams import service
from lms.exams.domain.regrade import KeyChange, Way
from lms.exams.service import planning
from lms.exams.service.sittings import decide_sitting
from lms.kernel.errors import Invalid
from lms.kernel.scope import EVERYWHERE
from lms.moderation import service as moderation
from lms.moderation.domain.workflow import Rank
from lms.questionbank import service as questionbank
from tests.factories.learning import NOW

TOLD = "身份证 11010519491231002X 的考生"
ONE = UUID("00000000-0000-7000-8000-000000000001")
BY = Staff(ONE, ("/",))
ACTS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "a message": ("text", lambda text: service.tell(ONE, None, text, by=ONE, reach=EVERYWHERE, now=NOW)),
    "more time": ("reason", lambda text: service.ask_more_time(ONE, None, 5, text, by=ONE, reach=EVERYWHERE, now=NOW)),
    "a comment on a mark": ("comment", lambda text: service.mark(ONE, [], text, by=BY, now=NOW)),
    "a draft of one": ("comment", lambda text: service.save_draft(ONE, [], text, by=BY, now=NOW)),
    "an answer put back": ("flag", lambda text: service.put_back(ONE, flag=text, by=BY, now=NOW)),
    "rules proposed": ("reason", lambda text: planning.propose_rules(ONE, text, by=BY, now=NOW)),
    "rules published": ("comment", lambda text: planning.publish_rules(ONE, comment=text, by=BY, now=NOW)),
    "rules declined": ("comment", lambda text: planning.decline_rules(ONE, text, by=BY, now=NOW)),
    "a key corrected": (
        "reason",
        lambda text: service.propose_regrade(ONE, KeyChange(ONE, Way.NONE), reason=text, by=BY, now=NOW),
    ),
    "its confirmation": ("comment", lambda text: service.confirm_regrade(ONE, comment=text, by=BY, now=NOW)),
    "its refusal": ("comment", lambda text: service.decline_regrade(ONE, comment=text, by=BY, now=NOW)),
    "a sitting decided": ("comment", lambda text: decide_sitting(ONE, grant=True, comment=text, by=BY, now=NOW)),
    "an item flagged": ("reason", lambda text: questionbank.flag(ONE, "B", reason=text, actor_id=ONE, now=NOW)),
    "content suspended": (
        "reason",
        lambda text: moderation.suspend(ONE, rank=Rank.NATIONAL, actor_id=ONE, reason=text, now=NOW),
    ),
}


@pytest.mark.parametrize("act", ACTS)
def test_a_number_is_refused_before_anything_is_looked_up(clean: Flask, act: str) -> None:
    field, call = ACTS[act]
    with pytest.raises(Invalid) as refused:
        call(TOLD)
    assert refused.value.fields == {field: "请不要在说明中填写号码"}
