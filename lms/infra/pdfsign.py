"""Seals PDF files with PAdES B-B signatures and checks them (the only importer of pyHanko).

No time-stamping authority is asked, so the time of signing is the signer's own statement. Whatever is wrong with a file becomes a
report, never an exception; callers still do well to look a stranger's file up by its hash before they let it be parsed.
"""

import asyncio
import hashlib
import io
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from asn1crypto import pem
from asn1crypto.x509 import Certificate
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.api import CAdESSignedAttrSpec
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, Signer as CmsSigner
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

Result = TypeVar("Result")
MAX_FILE_BYTES = 1024**2
FIELD = "PlatformSeal"
Roots = Sequence[Certificate]
"""The certificates that vouch for our signers, as read_roots gives them."""

_CONTAINER_HEX_DIGITS = 12_000
_P256_SIGNATURE_BYTES = 72


class SealFault(Exception):
    """The signing key or its certificates can't be used; the message names the file and says why."""


@dataclass(frozen=True)
class SignatureReport:
    """What was found in a file; `problem` is empty only when signed, intact, trusted and covers_whole_file all hold."""

    signed: bool = False
    intact: bool = False
    trusted: bool = False
    covers_whole_file: bool = False
    signer_name: str = ""
    signed_at: datetime | None = None
    problem: str = ""

    @property
    def holds(self) -> bool:
        """Whether the file is whole, unaltered since it was sealed, and sealed by a signer whom our roots vouch for."""
        return self.signed and self.intact and self.trusted and self.covers_whole_file


class _KeptKey(CmsSigner):
    """pyHanko's own signer parses its key again for each signature; this one keeps the parsed key."""

    def __init__(self, key: EllipticCurvePrivateKey, leaf: Certificate, chain: Sequence[Certificate]) -> None:
        self._key = key
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]  # pyHanko leaves it untyped
        store.register_multiple(chain)
        super().__init__(signing_cert=leaf, cert_registry=store)

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        """Signs with ECDSA over P-256 and SHA-256."""
        if digest_algorithm != "sha256":
            raise SealFault(f"a P-256 key signs SHA-256, not {digest_algorithm}")
        return bytes(_P256_SIGNATURE_BYTES) if dry_run else self._key.sign(data, ECDSA(hashes.SHA256()))


class _AsTypeset(IncrementalPdfFileWriter):
    """Appends the signature and leaves the metadata as typst wrote them: rewritten ones would carry the clock's time."""

    def _update_meta(self) -> None:
        return


class Signer:
    """A P-256 key with its certificate chain, read once; one object serves all signatures of a process."""

    def __init__(self, key_file: Path, chain_file: Path) -> None:
        """`chain_file` holds the signer's certificate first, then those above it, as PEM. Raises SealFault."""
        try:
            key = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
            chain = read_certificates(chain_file)
        except (OSError, ValueError, TypeError) as error:
            raise SealFault(f"{key_file} or {chain_file} can't be read: {type(error).__name__}") from error
        if not isinstance(key, EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
            raise SealFault(f"{key_file} holds no P-256 key")
        if not chain or chain[0].public_key.dump() != _public_bytes(key):
            raise SealFault(f"the first certificate of {chain_file} is not that of {key_file}")
        self.key_id = key_id(chain[0])
        self._signer = _KeptKey(key, chain[0], chain)

    def sign(self, pdf: bytes, *, reason: str, location: str, at: datetime) -> bytes:
        """The file with a certification signature that allows no further change; `at` is the stated time of signing."""
        settings = PdfSignatureMetadata(
            field_name=FIELD,
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            certify=True,
            docmdp_permissions=MDPPerm.NO_CHANGES,
            reason=reason,
            location=location,
            cades_signed_attr_spec=CAdESSignedAttrSpec(),
        )
        sealer = PdfSigner(settings, signer=self._signer, new_field_spec=SigFieldSpec(FIELD))
        return _finished(_seal(sealer, pdf, at))


def _finished(work: Coroutine[Any, Any, Result]) -> Result:
    """What asynchronous work of the library gives; in a thread of its own, for the caller's may have a loop already."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(asyncio.run, work).result()


async def _seal(sealer: PdfSigner, pdf: bytes, at: datetime) -> bytes:
    session = sealer.init_signing_session(_AsTypeset(io.BytesIO(pdf)))
    session.system_time = at
    document = session.prepare_tbs_document(validation_info=None, bytes_reserved=_CONTAINER_HEX_DIGITS)
    output = io.BytesIO()
    prepared, _ = document.digest_tbs_document(output=output)
    signed = await document.perform_signature(prepared.document_digest, PdfCMSSignedAttributes(signing_time=at))
    await signed.post_signature_processing(output)
    return output.getvalue()


def verify(pdf: bytes, roots: Roots, *, at: datetime) -> SignatureReport:
    """What the one signature of a file proves, seen from the moment `at` (when the file entered the ledger, or now).

    Every fault of the file, and of the library on a hostile file, ends in `problem`; nothing is raised.
    """
    if len(pdf) > MAX_FILE_BYTES:
        return SignatureReport(problem="the file is too large for a certificate")
    if not pdf.startswith(b"%PDF-"):
        return SignatureReport(problem="not a PDF file")
    try:
        return _finished(_examine(pdf, roots, at))
    except Exception as error:  # pyHanko lets many unrelated types escape on hostile files; all mean the same
        return SignatureReport(problem=f"unreadable: {type(error).__name__}")


async def _examine(pdf: bytes, roots: Roots, at: datetime) -> SignatureReport:
    found = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    if not found:
        return SignatureReport(problem="no signature")
    if len(found) > 1:
        return SignatureReport(signed=True, problem="more than one signature")
    seal = found[0]
    context = ValidationContext(trust_roots=list(roots), moment=at, allow_fetching=False)
    status = await async_validate_pdf_signature(seal, context, skip_diff=True)
    intact = bool(status.intact and status.valid)
    whole = status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    problem = "" if whole else "something was added after signing"
    problem = problem if status.trusted else "the signer is not one of ours"
    problem = problem if intact else "altered after signing"
    return SignatureReport(
        signed=True,
        intact=intact,
        trusted=bool(status.trusted),
        covers_whole_file=whole,
        signer_name=str(seal.signer_cert.subject.native.get("common_name", "")),
        signed_at=status.signer_reported_dt,
        problem=problem,
    )


def mentions(pdf: bytes, certificates: Sequence[Certificate]) -> bool:
    """Whether a signature that carries one of these certificates stands in the bytes, holding or not; nothing is parsed."""
    keys = [certificate.public_key.dump().hex().encode() for certificate in certificates]
    return any(key in pdf or key.upper() in pdf for key in keys)


def read_certificates(path: Path) -> tuple[Certificate, ...]:
    """All certificates of a PEM file, in their order. Raises OSError or ValueError."""
    return tuple(Certificate.load(der) for _, _, der in pem.unarmor(path.read_bytes(), multiple=True))


def read_roots(path: Path) -> Roots:
    """The trusted roots, none before the first key was made. Raises SealFault when the file can't be read."""
    try:
        return read_certificates(path) if path.exists() else ()
    except (OSError, ValueError) as error:
        raise SealFault(f"{path} can't be read: {type(error).__name__}") from error


def key_id(certificate: Certificate) -> str:
    """SHA-256 of the certificate's public key (SubjectPublicKeyInfo), 64 hexadecimal digits."""
    return hashlib.sha256(certificate.public_key.dump()).hexdigest()


def _public_bytes(key: EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
