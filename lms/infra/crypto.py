"""Encrypts personal fields at rest and makes keyed hashes for finding them again.

A token is `<key id>.b.<base64(nonce + AES-256-GCM ciphertext)>`, so that a later key stands beside an older one: the current
key writes, all known keys read. It is bound to a place, what it is and whose, and opens nowhere else; tokens without the `b`
are from before that. What only passes through a browser, thousands of times a second, is sealed with AES-SIV (`seal`), which needs
no nonce that could come twice.

A file is encrypted under a data key of its own, and only that key is a token in its row: changing the field key touches no
file, and a file whose row is gone opens no more.

Keyed hashes come in two families, each under a secret of its own: the index hashes of what people are found by (INDEXED),
which can be rotated, and the hashes that vouch for records, which outlive both.
"""

import base64
import binascii
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

INDEXED = frozenset({"id_number", "mobile"})
"""Purposes whose hashes stand in the database to find a row by."""
_NONCE_BYTES = 12
_IS_BOUND = "b."  # base64 has no dot


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
        # hmac.digest would let go of the interpreter, and another thread would take it while this one holds the database.
        return hmac.new(key, text.encode(), "sha256").hexdigest()


@dataclass(frozen=True)
class _Keys:
    current: str
    sealing: dict[str, AESGCM]
    passing: AESSIV
    reads_unbound: bool
    records: _Hashing
    index: _Hashing
    index_next: _Hashing | None


_bound: list[_Keys] = []


def _derive(secret: bytes, purpose: str, *, length: int = 32) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=None, info=purpose.encode()).derive(secret)


def configure(
    secret: str,
    key_id: str,
    *,
    old: Mapping[str, str] | None = None,
    index_key: str = "",
    index_key_next: str = "",
    record_key: str = "",
    reads_unbound: bool = False,
) -> None:
    """Sets the secrets. `old` are field keys by id that only read; a hash key that is not given is the field key's own.

    `reads_unbound`: stored tokens that are bound to no place still open.
    """
    known = {**(old or {}), key_id: secret}
    _bound[:] = [
        _Keys(
            current=key_id,
            sealing={name: AESGCM(_derive(one.encode(), "field-encryption")) for name, one in known.items()},
            passing=AESSIV(_derive(secret.encode(), "passing", length=64)),
            records=_Hashing((record_key or secret).encode()),
            reads_unbound=reads_unbound,
            index=_Hashing((index_key or secret).encode()),
            index_next=_Hashing(index_key_next.encode()) if index_key_next else None,
        )
    ]


def current_beginning() -> str:
    """What every token begins with that is sealed now; others are of an earlier key, or bound to no place."""
    return f"{_bound[0].current}.{_IS_BOUND}"


def encrypt(text: str, place: str) -> str:
    """The token that stands for `text` at a place: a column of a row, or the purpose and the person of a passing token."""
    keys = _bound[0]
    nonce = os.urandom(_NONCE_BYTES)
    sealed = keys.sealing[keys.current].encrypt(nonce, text.encode(), _bound_data(keys.current, place))
    return f"{current_beginning()}{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def decrypt(token: str, place: str, *, stored: bool = False) -> str:
    """The text of a token. Raises CryptoFault when it was altered, is of another place, or its key is not here.

    `stored`: it may be from before tokens were bound, if those are still read at all.
    """
    keys, (key_id, _, rest) = _bound[0], token.partition(".")
    aead, bound = keys.sealing.get(key_id), rest.startswith(_IS_BOUND)
    if aead is None:
        raise CryptoFault(f"no key {key_id!r}")
    if not bound and not (stored and keys.reads_unbound):
        raise CryptoFault(f"a token of key {key_id!r} is bound to no place")
    try:
        raw = base64.urlsafe_b64decode(rest.removeprefix(_IS_BOUND))
        data = _bound_data(key_id, place) if bound else key_id.encode()
        return aead.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], data).decode()
    except (InvalidTag, binascii.Error, ValueError) as error:
        raise CryptoFault(f"a token of key {key_id!r} can't be read") from error


def encrypt_file(content: bytes, place: str) -> tuple[str, bytes]:
    """The data key of a file, to be kept as a token, and what a store may hold of it; it opens at this place alone."""
    key, nonce = AESGCM.generate_key(bit_length=256), os.urandom(_NONCE_BYTES)
    return key.hex(), nonce + AESGCM(key).encrypt(nonce, content, place.encode())


def decrypt_file(sealed: bytes, key: str, place: str) -> bytes:
    """The file's content. Raises CryptoFault when it was altered, cut, or is of another key or place."""
    try:
        return AESGCM(bytes.fromhex(key)).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place.encode())
    except (InvalidTag, ValueError) as error:
        raise CryptoFault("a file does not open with its data key") from error


def seal(content: bytes, place: str) -> str:
    """What a browser keeps for a while and can neither read nor alter; it opens at this place alone."""
    sealed = _bound[0].passing.encrypt(content, [place.encode()])
    return base64.urlsafe_b64encode(sealed).decode()


def unseal(token: str, place: str) -> bytes:
    """The content. Raises CryptoFault when it was altered, is of another place or of an earlier field key."""
    try:
        return _bound[0].passing.decrypt(base64.urlsafe_b64decode(token), [place.encode()])
    except (InvalidTag, ValueError) as error:
        raise CryptoFault("a sealed token can't be opened") from error


def _bound_data(key_id: str, place: str) -> bytes:
    return f"{key_id}\n{place}".encode()


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
