"""A sketch of an item's text: the few of its pieces whose hashes are lowest, by which an index finds what may say the same.

Two texts that share a third of their pieces share, of twelve lowest each, at least one in more than 99 of 100 cases
(bottom-k sketches, Broder 1997); what is found is then compared whole.
"""

import hashlib

PIECES = 12


def sketch(pieces: frozenset[str]) -> tuple[int, ...]:
    """The lowest hashes of the pieces, signed 64-bit numbers, at most twelve."""
    return tuple(sorted(map(_hash, pieces))[:PIECES])


def _hash(piece: str) -> int:
    return int.from_bytes(hashlib.blake2b(piece.encode(), digest_size=8).digest(), "big", signed=True)
