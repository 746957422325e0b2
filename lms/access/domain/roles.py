"""Who may: each role and the permissions it brings over its subtree. Whatever is not listed is refused."""

from lms.kernel.permissions import Permission as P

LEARNER = "learner"
UPLOADER = "uploader"
PROVINCE_REVIEWER = "province_reviewer"
NATIONAL_REVIEWER = "national_reviewer"
CLASS_MANAGER = "class_manager"

PERMISSIONS: dict[str, frozenset[P]] = {
    LEARNER: frozenset(),
    UPLOADER: frozenset({P.DESK_OPEN, P.LECTURE_AUTHOR}),
    PROVINCE_REVIEWER: frozenset({P.DESK_OPEN, P.REVIEW_PROVINCE}),
    NATIONAL_REVIEWER: frozenset({P.DESK_OPEN, P.REVIEW_NATIONAL, P.CONTENT_WITHDRAW}),
    CLASS_MANAGER: frozenset({P.DESK_OPEN, P.CLASS_READ}),
}


def permissions_of(role: str) -> frozenset[P]:
    """What a role allows; an unknown role allows nothing."""
    return PERMISSIONS.get(role, frozenset())


def needs_second_factor(roles: frozenset[str]) -> bool:
    """Every role beside learner needs one (requirement 65)."""
    return bool(roles - {LEARNER})
