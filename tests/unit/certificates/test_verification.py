"""What is said of a file: all combinations of evidence."""

import itertools

import pytest

from lms.certificates.domain.status import Status
from lms.certificates.domain.verification import FILE_TITLES, FileStatus, judge

EVIDENCE = list(itertools.product((None, *Status), (False, True), (False, True), (False, True)))


@pytest.mark.parametrize(("ledger", "seal_holds", "names_ours", "sealed_by_us"), EVIDENCE)
def test_only_a_known_file_of_a_valid_certificate_with_an_unbroken_seal_is_valid(
    ledger: Status | None, seal_holds: bool, names_ours: bool, sealed_by_us: bool
) -> None:
    verdict = judge(ledger=ledger, seal_holds=seal_holds, names_ours=names_ours, sealed_by_us=sealed_by_us)
    assert (verdict is FileStatus.VALID) == (ledger is Status.VALID and seal_holds)


CASES = {
    "a stranger's file": ((None, False, False, False), FileStatus.UNKNOWN),
    "a stranger's well signed file": ((None, True, False, False), FileStatus.UNKNOWN),
    "our number in a file that we never made": ((None, False, True, False), FileStatus.ALTERED),
    "our seal with the number scratched out": ((None, False, False, True), FileStatus.ALTERED),
    "our number, signed anew with a stolen key": ((None, True, True, True), FileStatus.ALTERED),
    "a hash slipped into the ledger without a seal": ((Status.VALID, False, True, False), FileStatus.ALTERED),
    "suspended": ((Status.SUSPENDED, True, True, True), FileStatus.SUSPENDED),
    "revoked": ((Status.REVOKED, True, True, True), FileStatus.REVOKED),
    "the older version after a correction": ((Status.SUPERSEDED, True, True, True), FileStatus.SUPERSEDED),
    "expired": ((Status.EXPIRED, True, True, True), FileStatus.EXPIRED),
}


@pytest.mark.parametrize("case", CASES)
def test_named_cases(case: str) -> None:
    (ledger, seal_holds, names_ours, sealed_by_us), wanted = CASES[case]
    assert judge(ledger=ledger, seal_holds=seal_holds, names_ours=names_ours, sealed_by_us=sealed_by_us) is wanted


def test_every_answer_has_its_chinese_name() -> None:
    assert set(FILE_TITLES) == set(FileStatus)
