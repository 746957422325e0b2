"""What is written is read back the same: every kind of item, every note, in each format that is written."""

from collections.abc import Callable

from hypothesis import HealthCheck, assume, given, settings

from lms.questionbank.domain.exchange import ExchangeItem, Kind
from lms.questionbank.domain.exchangedata import from_data, to_data
from lms.questionbank.domain.formats.gift import read_gift
from lms.questionbank.domain.formats.gift_writer import write_gift
from lms.questionbank.domain.formats.moodle import read_moodle
from lms.questionbank.domain.formats.moodle_writer import write_moodle
from lms.questionbank.domain.formats.outcome import NotCarried, Reading
from lms.questionbank.domain.formats.sheet import Table, read_rows, table_of
from lms.questionbank.domain.formats.wordtext import read_text
from lms.questionbank.domain.formats.wordtext_writer import write_text
from tests.unit.questionbank.exchange_items import banks, exchange_items

ALL_BUT_CASES = [kind for kind in Kind if kind is not Kind.CASE]
some = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow]
)


def assert_returns(bank: list[ExchangeItem], write: Callable[..., object], read: Callable[..., Reading]) -> None:
    try:
        written = write(bank)
    except NotCarried:  # named at export: the format cannot say it, and nothing was written
        assume(False)
    reading = read(written)
    assert reading.faults == ()
    assert [one.item for one in reading.items] == bank


def read_table(table: Table) -> Reading:
    return read_rows([(1, table.columns), *enumerate(table.rows, start=2)])


@some
@given(banks(kinds=ALL_BUT_CASES, blanks=1))
def test_gift(bank: list[ExchangeItem]) -> None:
    assert_returns(bank, write_gift, read_gift)


@some
@given(banks(kinds=ALL_BUT_CASES, blanks=1, pictures=True))
def test_moodle_xml(bank: list[ExchangeItem]) -> None:
    assert_returns(bank, write_moodle, read_moodle)


@some
@given(banks())
def test_running_text(bank: list[ExchangeItem]) -> None:
    assert_returns(bank, write_text, read_text)


@some
@given(banks())
def test_tables(bank: list[ExchangeItem]) -> None:
    assert_returns(bank, table_of, read_table)


@some
@given(exchange_items(pictures=True))
def test_stored_data(item: ExchangeItem) -> None:
    assert from_data(to_data(item)) == item
