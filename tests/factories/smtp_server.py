"""A mail server of its own process, with a certificate made by itself: `python -m tests.factories.smtp_server`.

It takes mail only after STARTTLS (or inside TLS from the start) and a sign-in, and keeps it as files in a folder.
"""

import argparse
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "union", "server-password-2026"
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Running:
    """A server that listens on 127.0.0.1; `certificate` is what a client has to trust."""

    port: int
    certificate: Path
    folder: Path

    def received(self) -> list[bytes]:
        """The messages that were taken, the oldest first."""
        return [file.read_bytes() for file in sorted((self.folder / "new").glob("*"))]


@contextmanager
def running(home: Path, *, security: str) -> Iterator[Running]:
    """A server process for as long as the block runs; `security` is "starttls" or "ssl"."""
    certificate, _key = _certificate(home)
    port = _free_port()
    command = [sys.executable, "-W", "ignore", "-m", "tests.factories.smtp_server", str(port), security, str(home)]
    server = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE)
    try:
        _wait_for(port, server)
        yield Running(port, certificate, home / "mail")
    finally:
        server.terminate()
        server.communicate(timeout=20)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        with socket.socket() as link:
            if link.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert server.poll() is None, server.communicate()[1].decode()
        time.sleep(0.05)
    raise AssertionError("the mail server does not listen")


def _free_port() -> int:
    with socket.socket() as link:
        link.bind(("127.0.0.1", 0))
        port: int = link.getsockname()[1]
        return port


def _certificate(home: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail of the tests")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = home / "mail.crt", home / "mail.key"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


def _signs_in(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: object) -> AuthResult:
    right = isinstance(given, LoginPassword) and (given.login, given.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right)


def _serve(port: int, security: str, home: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(home / "mail.crt", home / "mail.key")
    starttls = security == "starttls"
    controller = Controller(
        Mailbox(home / "mail"),
        hostname="127.0.0.1",
        port=port,
        ssl_context=None if starttls else context,
        tls_context=context if starttls else None,
        require_starttls=starttls,
        authenticator=_signs_in,
        auth_required=True,
        auth_require_tls=starttls,
    )
    controller.start()
    while True:
        time.sleep(60)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.factories.smtp_server")
    parser.add_argument("port", type=int)
    parser.add_argument("security", choices=["starttls", "ssl"])
    parser.add_argument("home", type=Path)
    asked = parser.parse_args()
    _serve(asked.port, asked.security, asked.home)
