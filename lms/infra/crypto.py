"""Encrypts personal fields at rest and makes keyed hashes for finding them again.

A token is `<key id>.<base64(nonce + AES-256-GCM ciphertext)>`, so that a later key can stand beside an older one.
"""

import base64
import binascii
import hashlib
import hmac
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12


class CryptoFault(Exception):
    """A stored token can't be read with the keys at hand; the message names the key id, never the content."""


@dataclass(frozen=True)
class _Keys:
    key_id: str
    aead: AESGCM
    secret: bytes


_bound: list[_Keys] = []


def _derive(secret: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret)


def configure(secret: str, key_id: str) -> None:
    """Sets the secret that field keys and hash keys are derived from, one per purpose."""
    material = secret.encode()
    _bound[:] = [_Keys(key_id, AESGCM(_derive(material, "field-encryption")), material)]


def encrypt(text: str) -> str:
    """The token that stands in the database for `text`."""
    keys = _bound[0]
    nonce = os.urandom(_NONCE_BYTES)
    sealed = keys.aead.encrypt(nonce, text.encode(), keys.key_id.encode())
    return f"{keys.key_id}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def decrypt(token: str) -> str:
    """The text of a token. Raises CryptoFault when it was altered or its key is not here."""
    keys = _bound[0]
    key_id, _, body = token.partition(".")
    if key_id != keys.key_id:
        raise CryptoFault(f"no key {key_id!r}")
    try:
        raw = base64.urlsafe_b64decode(body)
        return keys.aead.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], key_id.encode()).decode()
    except (InvalidTag, binascii.Error, ValueError) as error:
        raise CryptoFault(f"a token of key {key_id!r} can't be read") from error


def mac(purpose: str, text: str) -> str:
    """A keyed hash (HMAC-SHA256, hex) under a key of its own for each purpose."""
    return hmac.new(_derive(_bound[0].secret, f"mac:{purpose}"), text.encode(), hashlib.sha256).hexdigest()
