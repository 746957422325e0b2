"""The worked example of docs/audit.md, computed anew: marks, digest, head and line are what it says."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from lms.audit.domain import canonical, chain
from lms.audit.domain.chain import Digest, Seal
from lms.audit.service import entry_mac, head_mac
from lms.infra import crypto

GUIDE = (Path(__file__).parents[3] / "docs" / "audit.md").read_text("utf-8")
AT = datetime(2026, 11, 21, 8, 0, 0, 123000, tzinfo=UTC)
SEALED_AT = datetime(2026, 11, 21, 8, 0, 20, tzinfo=UTC)
ENTRY_ID, MARK_ID = UUID("01a1fbd4-f57b-7000-8000-000000000001"), UUID("01a1fbd4-f57b-7000-8000-000000000004")
ATTEMPT_ID = UUID("01a1fbd4-f500-7000-8000-000000000003")
SCORE = [
    ("attempt_id", ATTEMPT_ID),
    ("score", 88),
    ("max_score", 100),
    ("passed", True),
    ("sheet", []),
    ("graded_at", AT),
]
ENTRY = {
    "id": ENTRY_ID,
    "at": AT,
    "actor_id": UUID("01a1fbd4-f500-7000-8000-000000000002"),
    "role": "",
    "action": "attempt.graded",
    "object_type": "attempt",
    "object_id": str(ATTEMPT_ID),
    "result": "ok",
    "address": "203.0.113.7",
    "request_id": "0123456789abcdef",
    "details": {"score": 88},
}


@pytest.fixture
def key() -> Iterator[None]:
    kept = list(crypto._bound)
    crypto.configure("field-key-of-this-example-0123456789", "k1", record_key="record-key-of-this-example-0123456789")
    yield
    crypto._bound[:] = kept


def test_it_is_as_written(key: None) -> None:
    row_id = canonical.row_id([ATTEMPT_ID])
    covered = canonical.text_of("score", row_id, 1, SCORE)
    mark, entry = crypto.mac("integrity", covered), entry_mac(ENTRY)
    digest = Digest()
    digest.add("audit_entry", ENTRY_ID, entry)
    digest.add("integrity_mark", MARK_ID, "score", row_id, 1, mark)
    head = head_mac(1, SEALED_AT, digest.entries, digest.hex(), "")
    line = chain.line(Seal(1, SEALED_AT, digest.entries, digest.hex(), "", head))
    for text in (covered, mark, entry, digest.hex(), chain.head_text(1, SEALED_AT, 2, digest.hex(), ""), line):
        assert text in GUIDE
    assert chain.parsed(line) == (1, head)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([("a", 1), ("b", 2)], [("a", 2), ("b", 1)]),
        ([("a", "1")], [("a", 1)]),
        ([("a", None)], [("a", "")]),
        ([("a", [1, 2])], [("a", [2, 1])]),
        ([("a", "x"), ("b", "y")], [("a", 'x"],["b","y')]),
    ],
    ids=["exchanged", "number or text", "nothing or empty", "order of a list", "no injection"],
)
def test_different_values_have_different_texts(one: list[tuple[str, object]], other: list[tuple[str, object]]) -> None:
    assert canonical.text_of("t", "r", 1, one) != canonical.text_of("t", "r", 1, other)


def test_the_order_of_keys_in_json_does_not_matter() -> None:
    assert canonical.text_of("t", "r", 1, [("a", {"x": 1, "y": 2})]) == canonical.text_of(
        "t", "r", 1, [("a", {"y": 2, "x": 1})]
    )


def test_keys_of_marks_sort_as_the_keys_themselves() -> None:
    keys = [(UUID(int=number), version) for number in (0, 9, 16, 2**127) for version in (1, 2, 10, 999_999)]
    assert sorted(map(canonical.row_id, keys)) == [canonical.row_id(key) for key in keys]


@pytest.mark.parametrize(
    "text", ["", "1", "x", "0 2026-11-21T08:00:20.000Z 2 " + "0" * 64, "1 2026-11-21T08:00:20.000Z 2 " + "0" * 63]
)
def test_what_is_no_whole_line_is_none(text: str) -> None:
    assert chain.parsed(text) is None
