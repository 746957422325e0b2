"""What staff write about hours, trainings, reminders and rules of watching is kept in clear, so no number of anybody gets into it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from lms.accounts.domain.reach import Staff
from lms.hours import service as hours
from lms.hours.service import Correction
from lms.kernel.errors import Invalid
from lms.learning import service as learning
from lms.learning.domain.watchpolicy import WatchPolicy
from lms.offline import service as offline
from lms.offline.domain.workflow import Act
from lms.reporting import service as reporting
from lms.reporting.queries import Sought
from tests.factories.learning import NOW
from tests.factories.outside import FACTS

TOLD = "身份证 11010519491231002X 的学员"
HERE, SAID = "此项不能填写手机号码或身份证号", "请不要在说明中填写号码"
ONE = UUID("00000000-0000-7000-8000-000000000001")
BY = Staff(ONE, ("/",))
ACTS: dict[str, tuple[str, str, Callable[[str], Any]]] = {
    "a correction": ("reason", SAID, lambda text: hours.propose(ONE, Correction.REVERSAL, by=BY, reason=text, now=NOW)),
    "of a day": (
        "reason",
        SAID,
        lambda text: hours.propose_for_day(ONE, date(2026, 3, 1), actor_id=ONE, reason=text, now=NOW),
    ),
    "its confirmation": ("comment", SAID, lambda text: hours.confirm(ONE, by=BY, comment=text, now=NOW)),
    "its refusal": ("comment", SAID, lambda text: hours.decline(ONE, by=BY, comment=text, now=NOW)),
    "a training approved": ("comment", SAID, lambda text: offline.decide(ONE, Act.APPROVE, text, by=BY, now=NOW)),
    "a training returned": ("comment", SAID, lambda text: offline.decide(ONE, Act.RETURN, text, by=BY, now=NOW)),
    "its title": ("title", HERE, lambda text: offline.create(replace(FACTS, title=text), ONE, by=BY, now=NOW)),
    "its organiser": (
        "organiser",
        HERE,
        lambda text: offline.edit(ONE, replace(FACTS, organiser=text), by=BY, now=NOW),
    ),
    "a reminder": ("words", SAID, lambda text: reporting.order(Sought(("/",), 2026), text, ONE, by=BY, now=NOW)),
    "rules of watching": (
        "reason",
        SAID,
        lambda text: learning.set_policy(ONE, WatchPolicy(), seen_version=0, reason=text, actor_id=ONE, now=NOW),
    ),
}


@pytest.mark.parametrize("act", ACTS)
def test_a_number_is_refused_before_anything_is_looked_up(clean: Flask, act: str) -> None:
    field, words, call = ACTS[act]
    with pytest.raises(Invalid) as refused:
        call(TOLD)
    assert refused.value.fields == {field: words}
