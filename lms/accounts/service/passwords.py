"""Hashes passwords with argon2id, always outside any transaction."""

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from lms.kernel.errors import N_

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # OWASP's argon2id floor
NOBODYS_HASH = _hasher.hash(secrets.token_urlsafe(16))
"""What a name that does not exist is checked against, so that it takes the same time."""

PASSWORD_PROBLEMS = {
    "short": N_("密码太短，请使用更长的密码"),
    "long": N_("密码太长"),
    "classes": N_("密码须包含大写字母、小写字母、数字、符号中的至少三种"),
    "common": N_("密码过于常见，容易被猜到"),
    "personal": N_("密码不能包含用户名"),
}


def hash_password(password: str) -> str:
    """The argon2id hash; several accounts may be given the same one (demo learners)."""
    return _hasher.hash(password)


def verify(password_hash: str, password: str) -> bool:
    """Whether the password is the one that was hashed; a hash that is none matches nothing."""
    try:
        return _hasher.verify(password_hash, password)
    except VerificationError:
        return False
