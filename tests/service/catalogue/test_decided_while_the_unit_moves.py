"""While a province decides on a lecture, its unit goes to no other province."""

from threading import Thread
from typing import Any

import pytest

from lms.catalogue import service as authoring
from lms.catalogue.service import reviewing
from lms.infra.db import reading
from lms.kernel.scope import EVERYWHERE
from lms.moderation import queries as moderation
from lms.moderation.domain.workflow import Level, State
from lms.organisations import service as units
from tests.factories import content
from tests.factories.people import NOW, Staff, staff

__all__ = ["staff"]


def test_the_move_waits_for_the_decision(staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    revision_id = content.hand_in(staff.uploader)
    decision = content.approval(revision_id, Level.PROVINCE)
    act = units.Act(None, "机构调整", NOW, EVERYWHERE, NOW.date())
    mover = Thread(target=lambda: units.move(staff.land.unit.id, staff.land.other_province.id, act))
    real, waited = reviewing._refuse_keys, []

    def meanwhile(*arguments: Any, **named: Any) -> None:
        mover.start()
        mover.join(timeout=1.5)
        waited.append(mover.is_alive())
        real(*arguments, **named)

    monkeypatch.setattr(reviewing, "_refuse_keys", meanwhile)
    authoring.decide(revision_id, Level.PROVINCE, decision, reviewer=staff.province_reviewer, now=NOW)
    mover.join(timeout=30)
    with reading() as session:
        found = moderation.revision(session, revision_id)
    assert waited == [True]
    assert found.state is State.NATIONAL_REVIEW
    assert found.unit_path.startswith(staff.land.other_province.path)
