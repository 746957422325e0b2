"""What a learner sees of their certificates, and what strangers see of one."""

import hashlib
import io
import re
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lms.accounts import service as accounts
from lms.accounts.models import AccountRow
from lms.certificates import queries, service, tasks
from lms.infra import ratelimit
from lms.infra.db import reading, unit_of_work
from lms.infra.jobs import Job
from lms.settings import Settings
from tests.factories.certificates import NOW, Class, MakePerson

PASSWORD = "一句很长的口令 2026"
HASH = accounts.hash_password(PASSWORD)
SignIn = Callable[[UUID], FlaskClient]


@pytest.fixture
def sign_in(clean: Flask) -> SignIn:
    def go(person_id: UUID) -> FlaskClient:
        with unit_of_work() as session:
            account = session.query(AccountRow).filter_by(person_id=person_id).one()
            account.password_hash = HASH
            username = account.username
        client = clean.test_client()
        answer = client.post("/api/v1/session", json={"username": username, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        return client

    return go


def issued(person_id: UUID, training: Class) -> queries.Certificate:
    passed = service.Passed(person_id=person_id, class_id=training.id, score=86)
    service.issue(passed, issuer="工会干部网络培训平台", demo=True, now=NOW)
    with reading() as session:
        return queries.of_person(session, person_id)[0]


@pytest.fixture
def certificate(learner: UUID, training: Class) -> queries.Certificate:
    waiting = issued(learner, training)
    tasks.render(Job(UUID(int=1), service.RENDER, {"certificate_id": str(waiting.id)}, 1, 3, "test"))
    with reading() as session:
        return queries.certificate(session, waiting.id)


@pytest.fixture
def pdf(certificate: queries.Certificate, sign_in: SignIn) -> bytes:
    return sign_in(certificate.person_id).get(f"/me/certificates/{certificate.id}/document.pdf").data


def token_of(client: FlaskClient) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/verify").text)
    assert found
    return found[1]


def upload(client: FlaskClient, content: bytes) -> TestResponse:
    form = {"csrf_token": token_of(client), "file": (io.BytesIO(content), "证书.pdf")}
    return client.post("/verify", data=form, content_type="multipart/form-data")


def look_up(client: FlaskClient, number: str, name: str) -> TestResponse:
    return client.post("/verify/number", data={"csrf_token": token_of(client), "number": number, "name": name})


def test_a_learner_without_certificates_is_told_how_to_get_one(sign_in: SignIn, learner: UUID) -> None:
    page = sign_in(learner).get("/me/certificates")
    assert page.status_code == 200
    assert "您还没有证书" in page.text


def test_a_waiting_certificate_shows_its_number_and_asks_again_by_itself(
    sign_in: SignIn, learner: UUID, training: Class
) -> None:
    waiting = issued(learner, training)
    page = sign_in(learner).get("/me/certificates").text
    assert waiting.number in page
    assert "制作中" in page
    assert "data-poll=" in page
    assert "document.pdf" not in page


def test_a_finished_certificate_is_downloaded_with_the_same_bytes_each_time(
    sign_in: SignIn, certificate: queries.Certificate
) -> None:
    client = sign_in(certificate.person_id)
    page = client.get("/me/certificates").text
    assert "有效" in page
    assert "data-poll=" not in page
    address = f"/me/certificates/{certificate.id}/document.pdf"
    assert address in page
    first, second = client.get(address), client.get(address)
    assert first.mimetype == "application/pdf"
    assert certificate.number in first.headers["Content-Disposition"]
    assert first.data == second.data
    assert certificate.document is not None
    assert hashlib.sha256(first.data).hexdigest() == certificate.document.sha256


def test_another_learner_s_file_does_not_exist(
    sign_in: SignIn, certificate: queries.Certificate, make_learner: MakePerson, clean: Flask
) -> None:
    address = f"/me/certificates/{certificate.id}/document.pdf"
    assert sign_in(make_learner("李四")).get(address).status_code == 404
    assert clean.test_client().get(address).status_code == 303


def test_the_json_list_follows_the_contract(
    sign_in: SignIn, certificate: queries.Certificate, client: FlaskClient
) -> None:
    (entry,) = sign_in(certificate.person_id).get("/api/v1/me/certificates").json
    assert set(entry) == {"id", "number", "status", "pdf_url", "verify_url"}
    assert (entry["number"], entry["status"]) == (certificate.number, "valid")
    assert entry["pdf_url"].endswith(f"/me/certificates/{certificate.id}/document.pdf")
    assert client.get(entry["verify_url"]).status_code == 200


def test_the_json_list_has_no_file_while_it_is_made(sign_in: SignIn, learner: UUID, training: Class) -> None:
    issued(learner, training)
    (entry,) = sign_in(learner).get("/api/v1/me/certificates").json
    assert (entry["status"], entry["pdf_url"]) == ("issuing", None)


def test_strangers_see_every_printed_fact_but_not_the_full_name(
    certificate: queries.Certificate, client: FlaskClient
) -> None:
    page = client.get(f"/verify/{certificate.verify_token}")
    assert page.status_code == 200
    assert page.headers["X-Robots-Tag"] == "noindex"
    facts = certificate.facts
    for shown in (facts.number, "张*", facts.class_name, facts.workplace, facts.issuer, facts.reviewer, facts.result):
        assert shown in page.text
    assert "张三" not in page.text


def test_an_unknown_token_says_so(client: FlaskClient, land: object) -> None:
    page = client.get(f"/verify/{uuid4()}")
    assert page.status_code == 404
    assert "没有找到对应的证书" in page.text


def test_the_genuine_file_is_valid_and_a_changed_one_shows_the_true_facts(
    client: FlaskClient, pdf: bytes, certificate: queries.Certificate
) -> None:
    genuine = upload(client, pdf)
    assert genuine.status_code == 200
    assert "登记在册，目前有效" in genuine.text
    altered = upload(client, pdf + b" ").text
    assert "文件已被改动" in altered
    assert certificate.facts.class_name in altered


@pytest.mark.parametrize("content", [b"%PDF-1.7\n%%EOF", b"x", b"\xff" * 100_000])
def test_a_stranger_s_file_is_unknown(client: FlaskClient, land: object, content: bytes) -> None:
    answer = upload(client, content)
    assert answer.status_code == 200
    assert "不是本平台签发的证书文件" in answer.text


def test_an_upload_without_a_file_comes_back_with_the_reason(client: FlaskClient, land: object) -> None:
    answer = client.post("/verify", data={"csrf_token": token_of(client)}, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "请选择证书文件" in answer.text


def test_number_and_name_find_the_certificate_as_typed_by_hand(
    client: FlaskClient, certificate: queries.Certificate
) -> None:
    assert "登记在册" in look_up(client, f" {certificate.number.lower()} ", "张三").text
    assert "没有找到对应的证书" in look_up(client, certificate.number, "李四").text


def test_a_mistyped_number_is_told_before_it_is_looked_up(
    client: FlaskClient, certificate: queries.Certificate
) -> None:
    answer = look_up(client, certificate.number[:-1] + "X", "张三")
    assert answer.status_code == 422
    assert "编号有误" in answer.text


def test_checking_is_limited_for_each_address(client: FlaskClient, land: object, settings: Settings) -> None:
    ratelimit.forget()
    codes = [client.get(f"/verify/{uuid4()}").status_code for _ in range(settings.verifications_per_minute + 5)]
    assert codes.count(404) == settings.verifications_per_minute
    assert codes[-1] == 429


@pytest.mark.parametrize("path", ["/me/certificates", "/api/v1/me/certificates"])
def test_own_lists_need_a_sign_in(client: FlaskClient, land: object, path: str) -> None:
    assert client.get(path).status_code in {303, 401}
