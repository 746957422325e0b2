"""Codes of the second factor are those of RFC 6238, and an older step is never taken again."""

import base64
from datetime import UTC, datetime

import pytest

from lms.accounts.domain import totp

SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_vectors_of_the_standard(seconds: int, code: str) -> None:
    assert totp.code_at(SECRET, seconds // 30) == code


def test_a_code_is_known_beside_its_step_and_not_again() -> None:
    now = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
    step = int(now.timestamp()) // 30
    for beside in (-1, 0, 1):
        assert totp.step_of(SECRET, totp.code_at(SECRET, step + beside), now) == step + beside
        assert totp.step_of(SECRET, totp.code_at(SECRET, step + beside), now, after=step + beside) is None
    for wrong in (totp.code_at(SECRET, step + 2), "", "中文中文中文", "0"):
        assert totp.step_of(SECRET, wrong, now) is None
