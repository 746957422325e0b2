"""Makes the demonstration's own certificate authority: a root that vouches for one P-256 signer.

A production platform never calls this: its key comes from a licensed authority and lies where only the worker reads it.
"""

import os
import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

VALID_YEARS = 10


@dataclass(frozen=True)
class AuthorityFiles:
    """Where the parts of a signing folder lie; only `key` is secret."""

    folder: Path

    @property
    def key(self) -> Path:
        """The signer's private key, PEM, mode 600."""
        return self.folder / "signer.key"

    @property
    def chain(self) -> Path:
        """The signer's certificate, then the root, PEM."""
        return self.folder / "signer.pem"

    @property
    def roots(self) -> Path:
        """The trusted roots, PEM; older ones stay in it so that older certificates keep verifying."""
        return self.folder / "roots.pem"

    @property
    def complete(self) -> bool:
        """Whether all three files are there."""
        return self.key.is_file() and self.chain.is_file() and self.roots.is_file()


def make_demo_authority(folder: Path, *, now: datetime) -> AuthorityFiles:
    """The signing folder, made when it is not there; a second call changes nothing.

    All files are written aside and appear by one rename, so a kill leaves either nothing or all of them, and of two processes
    that start at once the second uses what the first made. The root's key is not kept: nobody can vouch for another signer.
    Raises FileExistsError when the folder holds something else.
    """
    files = AuthorityFiles(folder)
    if files.complete:
        return files
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        _write(AuthorityFiles(aside), now)
        aside.chmod(0o755)  # others may read the roots; the key guards itself by its own mode
        aside.rename(folder)
    except OSError as error:
        if not files.complete:
            raise FileExistsError(f"{folder} holds no complete signing key: move it away") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    _sync(folder.parent)
    return files


def _write(files: AuthorityFiles, now: datetime) -> None:
    root_key, signer_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name, signer_name = _name("演示根证书"), _name("演示签章")
    root = (
        _certificate(root_name, root_name, root_key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(sign_certificates=True), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    signer = (
        _certificate(signer_name, root_name, signer_key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(sign_certificates=False), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    secret = signer_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem = serialization.Encoding.PEM
    _put(files.key, secret, mode=0o600)
    _put(files.chain, signer.public_bytes(pem) + root.public_bytes(pem), mode=0o644)
    _put(files.roots, root.public_bytes(pem), mode=0o644)
    _sync(files.folder)


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "工会干部网络培训平台（演示）"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=365 * VALID_YEARS))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, sign_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not sign_certificates,
        content_commitment=not sign_certificates,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=sign_certificates,
        crl_sign=sign_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _put(path: Path, content: bytes, *, mode: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
