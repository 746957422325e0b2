"""What is said of a file that somebody holds up as one of our certificates."""

import re
from enum import StrEnum
from uuid import UUID

from lms.certificates.domain.status import TITLES, Status
from lms.kernel.errors import N_

_ADDRESS = re.compile(rb"/verify/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


class FileStatus(StrEnum):
    """The answer of `lms certificates verify` and of the public page; the first six are the certificate's own state."""

    ISSUING = "issuing"
    VALID = "valid"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    ALTERED = "altered"


FILE_TITLES = {FileStatus(status): title for status, title in TITLES.items()} | {
    FileStatus.UNKNOWN: N_("不是本平台签发的证书文件"),
    FileStatus.ALTERED: N_("文件已被改动，不是签发时的原件"),
}


def judge(*, ledger: Status | None, seal_holds: bool, names_ours: bool, sealed_by_us: bool) -> FileStatus:
    """Weighs the evidence on one file; only a byte-for-byte known file whose seal holds is ever valid.

    `ledger`: state of the certificate whose document has the file's SHA-256, None when no document has it.
    `seal_holds`: the signature is intact, covers the whole file and leads to our root.
    `names_ours`: the file names a number or verification address that we gave out.
    `sealed_by_us`: a signer's certificate of ours is in the file, whether or not the signature still holds.
    """
    if ledger is None:
        return FileStatus.ALTERED if names_ours or sealed_by_us else FileStatus.UNKNOWN
    if ledger is Status.VALID and not seal_holds:
        return FileStatus.ALTERED
    return FileStatus(ledger)


def tokens_in(content: bytes) -> frozenset[UUID]:
    """The tokens of all verification addresses that stand as plain ASCII in the bytes of a file."""
    return frozenset(UUID(token.decode()) for token in _ADDRESS.findall(content))
