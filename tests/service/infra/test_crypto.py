"""Personal fields are sealed so that nothing but the key opens them, and keyed hashes tell nothing."""

import base64
import secrets
from collections.abc import Iterator

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings, strategies as st

from lms.infra import crypto
from lms.settings import Settings

FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
TEXTS = st.text(st.characters(blacklist_categories=["Cs"]), max_size=200)


@pytest.fixture
def other_key(app: Flask, settings: Settings) -> Iterator[None]:
    """After the token was made, the key is changed; the usual one comes back afterwards."""
    yield
    crypto.configure(settings.field_key, settings.field_key_id)


@given(text=TEXTS)
@FEW
def test_what_is_sealed_opens_again(app: Flask, text: str) -> None:
    token = crypto.encrypt(text)
    assert crypto.decrypt(token) == text
    assert token.isascii() and token.startswith("k1.")
    assert len(text) < 4 or text not in token


@given(text=TEXTS)
@FEW
def test_the_same_text_is_sealed_differently_each_time(app: Flask, text: str) -> None:
    assert crypto.encrypt(text) != crypto.encrypt(text)


@given(text=TEXTS, data=st.data())
@FEW
def test_a_changed_token_does_not_open(app: Flask, text: str, data: st.DataObject) -> None:
    key_id, _, body = crypto.encrypt(text).partition(".")
    raw = bytearray(base64.urlsafe_b64decode(body))
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(crypto.CryptoFault):
        crypto.decrypt(f"{key_id}.{base64.urlsafe_b64encode(raw).decode()}")


@given(token=TEXTS)
@FEW
def test_a_made_up_token_is_a_fault_and_nothing_else(app: Flask, token: str) -> None:
    for made_up in (token, f"k1.{token}"):
        with pytest.raises(crypto.CryptoFault):
            crypto.decrypt(made_up)


def test_a_token_of_another_key_names_the_key_and_not_the_content(app: Flask, other_key: None) -> None:
    token = crypto.encrypt("13800000000")
    crypto.configure(secrets.token_urlsafe(48), "k2")
    with pytest.raises(crypto.CryptoFault, match="k1") as caught:
        crypto.decrypt(token)
    assert "138" not in str(caught.value)
    crypto.configure(secrets.token_urlsafe(48), "k1")
    with pytest.raises(crypto.CryptoFault):
        crypto.decrypt(token)


def test_a_token_cannot_be_given_to_another_key_id(app: Flask, settings: Settings, other_key: None) -> None:
    token = crypto.encrypt("13800000000")
    crypto.configure(settings.field_key, "k2")
    with pytest.raises(crypto.CryptoFault):
        crypto.decrypt(token.replace("k1.", "k2.", 1))


@given(text=TEXTS, other=TEXTS)
@FEW
def test_a_keyed_hash_depends_on_purpose_and_text(app: Flask, text: str, other: str) -> None:
    made = crypto.mac("audit", text)
    assert made == crypto.mac("audit", text)
    assert len(made) == 64 and set(made) <= set("0123456789abcdef")
    assert made != crypto.mac("search", text)
    assert (made == crypto.mac("audit", other)) is (text == other)
