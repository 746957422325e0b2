"""The clock gives what both databases keep: UTC, to the millisecond."""

from datetime import UTC, datetime, timedelta

from lms.kernel import clock


def test_now_is_in_utc_and_whole_milliseconds() -> None:
    moments = [clock.now() for _ in range(50)]
    assert all(moment.tzinfo is UTC and moment.microsecond % 1000 == 0 for moment in moments)
    assert moments == sorted(moments)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_shanghai_is_eight_hours_ahead_all_year() -> None:
    for month in (1, 7):
        moment = datetime(2026, month, 1, tzinfo=UTC)
        assert moment.astimezone(clock.SHANGHAI).utcoffset() == timedelta(hours=8)


def test_what_was_measured_never_runs_backwards() -> None:
    readings = [clock.monotonic() for _ in range(50)]
    assert readings == sorted(readings)
