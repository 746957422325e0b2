"""Who forgot their password gets the letter through a real mail server, encrypted, and the code in it lets them in."""

import email
import re
from dataclasses import replace
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from lms import settings as settings_module
from lms.access import service as access
from lms.accounts import service
from lms.accounts.models import PersonRow
from lms.accounts.service import codes
from lms.accounts.tasks import send_code
from lms.infra import jobs, mail
from lms.infra.db import unit_of_work
from lms.infra.sealing import seal
from lms.kernel import clock
from lms.settings import Settings
from tests.factories import smtp_server
from tests.factories.accounts import Account
from tests.service.accounts.test_registering import POLICY

ADDRESS = "zhang@example.org"
HERE = service.Browser("1.2.3.4", "test")


@pytest.fixture
def learner(clean: Flask, learner_account: Account) -> Account:
    with unit_of_work() as session:
        row = session.execute(select(PersonRow)).scalar_one()
        row.mail_sealed = seal(PersonRow.mail_sealed, row.id, ADDRESS)
    return learner_account


@pytest.fixture
def forgotten(learner: Account) -> jobs.Job:
    """The job that the page of forgotten passwords leaves behind."""
    codes.ask(learner.username, policy=POLICY, address="1.2.3.4", now=clock.now())
    job = jobs.claim("test", now=clock.now(), lease_seconds=60)
    assert job and job.kind == codes.FORGOTTEN_JOB
    return job


def posting(settings: Settings, server: smtp_server.Running, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    """Lets the platform send by a server whose certificate is trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
    by_server = {
        "mail_host": "127.0.0.1",
        "mail_port": server.port,
        "mail_security": "starttls",
        "mail_user": smtp_server.USER,
        "mail_password": smtp_server.PASSWORD,
        "mail_from": "platform@example.org",
    }
    changed = replace(settings, **(by_server | changes))
    monkeypatch.setattr(settings_module, "current", lambda: changed)


@pytest.mark.parametrize("security", ["starttls", "ssl"])
def test_the_letter_arrives_and_its_code_opens_the_account(
    settings: Settings,
    learner: Account,
    forgotten: jobs.Job,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    security: str,
) -> None:
    with smtp_server.running(tmp_path, security=security) as server:
        posting(settings, server, monkeypatch, mail_security=security)
        send_code(forgotten)
        (taken,) = server.received()
    letter = email.message_from_bytes(taken, policy=default)
    assert (letter["To"], letter["From"], letter["X-RcptTo"]) == (ADDRESS, "platform@example.org", ADDRESS)
    text = letter.get_content()
    assert learner.username in text and "/sign-in/code" in text
    code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", text)
    assert code and settings.issuer_name in letter["Subject"]
    opened = codes.sign_in_with_code(
        learner.username,
        code[0],
        None,
        could_issue=lambda one, other: access.could_issue(one, other, clock.now()),
        policy=POLICY,
        browser=HERE,
        now=clock.now(),
    )
    assert opened.person_id == learner.person_id


@pytest.mark.parametrize(
    ("changes", "trusted"),
    [({}, False), ({"mail_password": "wrong"}, True), ({"mail_security": "none", "mail_user": ""}, True)],
    ids=["A_SERVER_NOBODY_VOUCHES_FOR", "A_WRONG_PASSWORD", "WITHOUT_ENCRYPTION"],
)
def test_a_letter_that_cannot_leave_safely_stays_and_the_error_names_nobody(
    settings: Settings,
    forgotten: jobs.Job,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, str],
    trusted: bool,
) -> None:
    with smtp_server.running(tmp_path, security="starttls") as server:
        posting(settings, server, monkeypatch, **changes)
        if not trusted:
            monkeypatch.delenv("SSL_CERT_FILE")
        with pytest.raises(mail.NotSent) as refused:
            send_code(forgotten)
        assert server.received() == []
    assert not re.search(r"@|example|zhang|[0-9A-Z]{4}-", str(refused.value))
