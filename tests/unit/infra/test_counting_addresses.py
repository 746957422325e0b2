"""Attempts are counted by who can make them: a network of IPv6 addresses is one household."""

import pytest

from lms.infra import ratelimit


@pytest.fixture(autouse=True)
def fresh() -> None:
    ratelimit.forget()


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:10.0.0.1", "::ffff:10.0.0.2", False),
        ("10.0.0.1", "::ffff:10.0.0.1", True),
        ("10.0.0.1", "10.0.0.2", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("name:of:somebody", "name:of:another", False),
    ],
)
def test_addresses_of_one_network_share_a_window(first: str, second: str, together: bool) -> None:
    assert ratelimit.hit("test", first, limit=1, window_seconds=60)
    assert ratelimit.hit("test", second, limit=1, window_seconds=60) is not together
