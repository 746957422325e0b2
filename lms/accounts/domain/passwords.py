"""Which passwords are good enough (requirement 62)."""

from lms.kernel.verdict import Allowed, Denied, Verdict

MAXIMUM_LENGTH = 128
_COMMON = frozenset(
    "password qwertyuiop 1234567890 12345678910 qwerty12345 iloveyou admin admin123 abc123456 a123456789 "
    "woaini1314 5201314520 1q2w3e4r5t zaq12wsx password1 password123 welcome123 letmein123 aa123456789".split()
)


def judge(password: str, *, minimum_length: int, forbidden: tuple[str, ...] = ()) -> Verdict:
    """Denied("short" | "long" | "classes" | "common" | "personal"); `forbidden` holds user name and the like."""
    if len(password) < minimum_length:
        return Denied("short")
    if len(password) > MAXIMUM_LENGTH:
        return Denied("long")
    lowered = password.lower()
    kinds = (
        any(c.islower() for c in password),
        any(c.isupper() for c in password),
        any(c.isdigit() for c in password),
        any(not c.isalnum() for c in password),
    )
    if sum(kinds) < 3:
        return Denied("classes")
    if any(word in lowered for word in _COMMON):
        return Denied("common")
    if any(len(part) >= 3 and part.lower() in lowered for part in forbidden):
        return Denied("personal")
    return Allowed()
