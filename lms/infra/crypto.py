"""Encrypts personal fields at rest and makes keyed hashes for finding them again.

A token is `<key id>.<base64(nonce + AES-256-GCM ciphertext)>`, so that a later key stands beside an older one: the current
key writes, all known keys read. Keyed hashes come in two families, each under a secret of its own: the index hashes of what
people are found by (INDEXED), which can be rotated, and the hashes that vouch for records, which outlive both.
"""

import base64
import binascii
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

INDEXED = frozenset({"id_number", "mobile"})
"""Purposes whose hashes stand in the database to find a row by."""
_NONCE_BYTES = 12


class CryptoFault(Exception):
    """A stored token can't be read with the keys at hand; the message names the key id, never the content."""


@dataclass
class _Hashing:
    """A secret, and the keys derived from it so far: deriving one costs more than all hashing of a request."""

    secret: bytes
    derived: dict[str, bytes] = field(default_factory=dict)

    def digest(self, purpose: str, text: str) -> str:
        key = self.derived.get(purpose)
        if key is None:
            key = self.derived[purpose] = _derive(self.secret, f"mac:{purpose}")
        return hmac.digest(key, text.encode(), "sha256").hex()


@dataclass(frozen=True)
class _Keys:
    current: str
    sealing: dict[str, AESGCM]
    records: _Hashing
    index: _Hashing
    index_next: _Hashing | None


_bound: list[_Keys] = []


def _derive(secret: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret)


def configure(
    secret: str,
    key_id: str,
    *,
    old: Mapping[str, str] | None = None,
    index_key: str = "",
    index_key_next: str = "",
    record_key: str = "",
) -> None:
    """Sets the secrets. `old` are field keys by id that only read; a hash key that is not given is the field key's own."""
    known = {**(old or {}), key_id: secret}
    _bound[:] = [
        _Keys(
            current=key_id,
            sealing={name: AESGCM(_derive(one.encode(), "field-encryption")) for name, one in known.items()},
            records=_Hashing((record_key or secret).encode()),
            index=_Hashing((index_key or secret).encode()),
            index_next=_Hashing(index_key_next.encode()) if index_key_next else None,
        )
    ]


def current_key_id() -> str:
    """The id of the key that seals now; it opens every token sealed with it, as `<id>.`."""
    return _bound[0].current


def encrypt(text: str) -> str:
    """The token that stands in the database for `text`."""
    keys = _bound[0]
    nonce = os.urandom(_NONCE_BYTES)
    sealed = keys.sealing[keys.current].encrypt(nonce, text.encode(), keys.current.encode())
    return f"{keys.current}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def decrypt(token: str) -> str:
    """The text of a token. Raises CryptoFault when it was altered or its key is not here."""
    key_id, _, body = token.partition(".")
    aead = _bound[0].sealing.get(key_id)
    if aead is None:
        raise CryptoFault(f"no key {key_id!r}")
    try:
        raw = base64.urlsafe_b64decode(body)
        return aead.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], key_id.encode()).decode()
    except (InvalidTag, binascii.Error, ValueError) as error:
        raise CryptoFault(f"a token of key {key_id!r} can't be read") from error


def mac(purpose: str, text: str) -> str:
    """A keyed hash (HMAC-SHA256, hex) under a key of its own for each purpose."""
    keys = _bound[0]
    return (keys.index if purpose in INDEXED else keys.records).digest(purpose, text)


def mac_next(purpose: str, text: str) -> str | None:
    """The index hash under the key that is being rotated in; None while there is none."""
    following = _bound[0].index_next
    return following.digest(purpose, text) if following else None


def index_hashes(purpose: str, text: str) -> tuple[str, ...]:
    """Every hash under which a row may stand now: one, or two while the index key is being rotated. Search by all of them."""
    following = mac_next(purpose, text)
    return (mac(purpose, text),) if following is None else (mac(purpose, text), following)
