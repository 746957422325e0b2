"""The states of a certificate: every state with every action."""

import itertools

import pytest

from lms.certificates.domain.status import TITLES, Action, NotInThisState, Status, advance

ALLOWED = {
    ("issuing", "finish"): "valid",
    ("issuing", "revoke"): "revoked",
    ("valid", "suspend"): "suspended",
    ("valid", "revoke"): "revoked",
    ("valid", "supersede"): "superseded",
    ("valid", "expire"): "expired",
    ("suspended", "resume"): "valid",
    ("suspended", "revoke"): "revoked",
    ("suspended", "expire"): "expired",
}


@pytest.mark.parametrize(("status", "action"), list(itertools.product(Status, Action)))
def test_every_state_and_action(status: Status, action: Action) -> None:
    wanted = ALLOWED.get((status.value, action.value))
    if wanted is None:
        with pytest.raises(NotInThisState):
            advance(status, action)
    else:
        assert advance(status, action) == wanted


def test_what_has_ended_stays_ended() -> None:
    ended = {Status.REVOKED, Status.SUPERSEDED, Status.EXPIRED}
    assert not any(status in ended for status, _ in ALLOWED)


def test_every_state_has_its_chinese_name() -> None:
    assert set(TITLES) == set(Status)
