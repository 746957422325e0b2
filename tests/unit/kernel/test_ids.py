"""Ids for rows grow with time; ids that act as a credential tell nothing."""

from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

from hypothesis import given, strategies as st

from lms.kernel import ids

MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(2500, 1, 1), timezones=st.just(UTC))


def milliseconds(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


@given(moment=MOMENTS)
def test_an_id_is_a_version_7_uuid_of_its_millisecond(moment: datetime) -> None:
    made = ids.new_id(moment)
    assert (made.version, made.variant) == (7, RFC_4122)
    assert abs((made.int >> 80) - milliseconds(moment)) <= 1
    assert UUID(str(made)) == made


@given(moments=st.lists(MOMENTS, min_size=2, max_size=20))
def test_ids_sort_as_their_moments_do(moments: list[datetime]) -> None:
    apart = sorted({milliseconds(moment) // 2 * 2: moment for moment in moments}.values())
    made = [ids.new_id(moment) for moment in apart]
    assert made == sorted(made)
    assert [str(one) for one in made] == sorted(str(one) for one in made)
    assert [one.bytes for one in made] == sorted(one.bytes for one in made)


def test_ids_of_one_millisecond_differ() -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    assert len({ids.new_id(moment) for _ in range(10_000)}) == 10_000


def test_the_moment_of_an_id_can_be_read_from_it() -> None:
    moment = datetime(2026, 11, 21, 8, 0, 0, 123_000, UTC)
    assert ids.moment_of(ids.new_id(moment)) == moment


def test_secret_ids_use_all_their_bits() -> None:
    made = [ids.new_secret_id().int for _ in range(2_000)]
    assert len(set(made)) == 2_000
    for bit in range(128):
        assert 800 < sum(one >> bit & 1 for one in made) < 1200, bit
