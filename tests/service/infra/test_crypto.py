"""Personal fields are sealed so that nothing but the key opens them, and keyed hashes tell nothing."""

import base64
import secrets
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Flask
from hypothesis import HealthCheck, given, settings, strategies as st

from lms.infra import crypto
from lms.settings import Settings

FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
TEXTS = st.text(st.characters(blacklist_categories=["Cs"]), max_size=200)


HERE, THERE = "a place", "another place"


@pytest.fixture
def other_key(app: Flask, settings: Settings) -> Iterator[None]:
    """After the token was made, the key is changed; the usual one comes back afterwards."""
    yield
    crypto.configure(settings.field_key, settings.field_key_id)


@given(text=TEXTS)
@FEW
def test_what_is_sealed_opens_again(app: Flask, text: str) -> None:
    token = crypto.encrypt(text, HERE)
    assert crypto.decrypt(token, HERE) == text
    assert token.isascii() and token.startswith("k1.")
    assert len(text) < 4 or text not in token


@given(text=TEXTS)
@FEW
def test_the_same_text_is_sealed_differently_each_time(app: Flask, text: str) -> None:
    assert crypto.encrypt(text, HERE) != crypto.encrypt(text, HERE)


@given(text=TEXTS, data=st.data())
@FEW
def test_a_changed_token_does_not_open(app: Flask, text: str, data: st.DataObject) -> None:
    key_id, _, body = crypto.encrypt(text, HERE).rpartition(".")
    raw = bytearray(base64.urlsafe_b64decode(body))
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(crypto.CryptoFault):
        crypto.decrypt(f"{key_id}.{base64.urlsafe_b64encode(raw).decode()}", HERE)


@given(token=TEXTS)
@FEW
def test_a_made_up_token_is_a_fault_and_nothing_else(app: Flask, token: str) -> None:
    for made_up in (token, f"k1.{token}", f"k1.b.{token}"):
        with pytest.raises(crypto.CryptoFault):
            crypto.decrypt(made_up, HERE)


def test_a_token_of_another_key_names_the_key_and_not_the_content(app: Flask, other_key: None) -> None:
    token = crypto.encrypt("13800000000", HERE)
    crypto.configure(secrets.token_urlsafe(48), "k2")
    with pytest.raises(crypto.CryptoFault, match="k1") as caught:
        crypto.decrypt(token, HERE)
    assert "138" not in str(caught.value)
    crypto.configure(secrets.token_urlsafe(48), "k1")
    with pytest.raises(crypto.CryptoFault):
        crypto.decrypt(token, HERE)


def test_a_token_cannot_be_given_to_another_key_id(app: Flask, settings: Settings, other_key: None) -> None:
    token = crypto.encrypt("13800000000", HERE)
    crypto.configure(settings.field_key, "k2")
    with pytest.raises(crypto.CryptoFault):
        crypto.decrypt(token.replace("k1.", "k2.", 1), HERE)


@given(text=TEXTS, other=TEXTS)
@FEW
def test_a_keyed_hash_depends_on_purpose_and_text(app: Flask, text: str, other: str) -> None:
    made = crypto.mac("audit", text)
    assert made == crypto.mac("audit", text)
    assert len(made) == 64 and set(made) <= set("0123456789abcdef")
    assert made != crypto.mac("search", text)
    assert (made == crypto.mac("audit", other)) is (text == other)


def test_a_token_opens_only_at_its_place(app: Flask) -> None:
    token = crypto.encrypt("13800000000", HERE)
    for stored in (False, True):
        with pytest.raises(crypto.CryptoFault):
            crypto.decrypt(token, THERE, stored=stored)


@pytest.mark.parametrize("form", ["k1.{body}", "k1.b.{body}"])
def test_a_token_of_before_opens_only_where_it_is_stored_and_while_settings_say_so(
    app: Flask, settings: Settings, other_key: None, form: str
) -> None:
    key = AESGCM(HKDF(algorithm=SHA256(), length=32, salt=None, info=b"field-encryption").derive(b"o" * 40))
    body = base64.urlsafe_b64encode(b"n" * 12 + key.encrypt(b"n" * 12, "旧".encode(), b"k1")).decode()
    token = form.format(body=body)
    for reads_unbound in (False, True):
        crypto.configure("o" * 40, "k1", reads_unbound=reads_unbound)
        with pytest.raises(crypto.CryptoFault):
            crypto.decrypt(token, HERE)
        if reads_unbound and "b." not in token[:5]:
            assert crypto.decrypt(token, HERE, stored=True) == "旧"
        else:
            with pytest.raises(crypto.CryptoFault):
                crypto.decrypt(token, HERE, stored=True)
