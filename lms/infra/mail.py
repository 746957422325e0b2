"""Sends mail: through a server in production, into the home's outbox elsewhere."""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path

from lms.infra import outbox
from lms.settings import Settings

TIMEOUT_SECONDS = 20


class NotSent(Exception):
    """The message could not be written, or the server did not take it; the text names no address."""


@dataclass(frozen=True)
class Server:
    """Where mail is handed in; `security` is starttls, ssl or none."""

    host: str
    port: int
    security: str
    user: str
    password: str
    sender: str


@dataclass(frozen=True)
class Post:
    """How mail leaves: by a server, or into a folder, or, with neither, not at all."""

    server: Server | None
    folder: Path | None

    @property
    def open(self) -> bool:
        """Whether mail leaves at all."""
        return self.server is not None or self.folder is not None

    def send(self, to: str, subject: str, text: str) -> None:
        """Sends a plain text. Raises NotSent, whatever is wrong with it; nothing may be open that other work waits for."""
        try:
            message = _written(to, subject, text, sender=self.server.sender if self.server else "noreply@localhost")
            if self.server is not None:
                _hand_in(self.server, message)
            elif self.folder is not None:
                outbox.keep(self.folder, ".eml", bytes(message))
        except Exception as error:  # of an odd address `email` raises anything, and another's message comes after it
            raise NotSent(type(error).__name__) from None  # its text would hold the address


def post_of(settings: Settings) -> Post:
    """How mail leaves this installation: by the server of the settings, else into the home's outbox, in production not at all."""
    folder = None if settings.mode == "production" else settings.home / "outbox"
    if not settings.mail_host:
        return Post(None, folder)
    server = Server(
        settings.mail_host,
        settings.mail_port,
        settings.mail_security,
        settings.mail_user,
        settings.mail_password,
        settings.mail_from,
    )
    return Post(server, folder)


def _written(to: str, subject: str, text: str, *, sender: str) -> EmailMessage:
    message = EmailMessage()
    message["To"], message["Subject"], message["From"] = to, subject, sender
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain="localhost")
    message.set_content(text)
    return message


def _hand_in(server: Server, message: EmailMessage) -> None:
    context = ssl.create_default_context()
    with _link(server, context) as link:
        if server.security == "starttls":
            link.starttls(context=context)
        if server.user:
            link.login(server.user, server.password)
        link.send_message(message)


def _link(server: Server, context: ssl.SSLContext) -> smtplib.SMTP:
    if server.security == "ssl":
        return smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_SECONDS, context=context)
    return smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)
