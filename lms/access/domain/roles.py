"""Who may: each role and the permissions it brings over its subtree. Whatever is not listed is refused."""

from lms.kernel.permissions import Permission as P

LEARNER = "learner"
UPLOADER = "uploader"
PROVINCE_REVIEWER = "province_reviewer"
NATIONAL_REVIEWER = "national_reviewer"
CLASS_MANAGER = "class_manager"
CLASS_TUTOR = "class_tutor"
UNIT_ADMIN = "unit_admin"
TEACHER_POOL_EDITOR = "teacher_pool_editor"
SYSTEM_ADMIN = "system_admin"
SECURITY_ADMIN = "security_admin"
AUDIT_ADMIN = "audit_admin"

PERMISSIONS: dict[str, frozenset[P]] = {
    LEARNER: frozenset(),
    UPLOADER: frozenset({P.DESK_OPEN, P.LECTURE_AUTHOR, P.ITEM_AUTHOR}),
    PROVINCE_REVIEWER: frozenset({P.DESK_OPEN, P.REVIEW_PROVINCE}),
    NATIONAL_REVIEWER: frozenset({P.DESK_OPEN, P.REVIEW_NATIONAL, P.CONTENT_WITHDRAW, P.WATCH_POLICY_SET}),
    CLASS_MANAGER: frozenset(
        {
            P.DESK_OPEN,
            P.CLASS_READ,
            P.EXAM_SET,
            P.EXAM_PREVIEW,
            P.EXAM_ADMIT,
            P.PERSON_READ,
            P.CLASSROOM_HOLD,
            P.EXAM_INVIGILATE,
            P.TRAINING_ENTER,
            P.HOURS_READ,
            P.HOURS_REMIND,
            P.HOURS_ANSWER,
            P.EXAM_MARK,
            P.RESULT_READ,
            P.RESULT_CHANGE,
            P.ACCOMMODATION_GRANT,
        }
    ),
    CLASS_TUTOR: frozenset(
        {
            P.DESK_OPEN,
            P.CLASS_READ,
            P.EXAM_ADMIT,
            P.PERSON_READ,
            P.CODE_ISSUE,
            P.CLASSROOM_HOLD,
            P.EXAM_INVIGILATE,
            P.FLAG_DECIDE,
            P.HOURS_READ,
            P.HOURS_REMIND,
            P.HOURS_ANSWER,
            P.EXAM_MARK,
            P.RESULT_READ,
        }
    ),
    UNIT_ADMIN: frozenset(
        {
            P.DESK_OPEN,
            P.UNIT_READ,
            P.UNIT_EDIT,
            P.PERSON_READ,
            P.PERSON_EDIT,
            P.PERSON_IDENTIFY,
            P.PERSON_JOIN,
            P.PERSON_REVEAL,
            P.PERSON_EXPORT,
            P.CODE_ISSUE,
            P.CORRECTION_DECIDE,
            P.TRAINING_ENTER,
            P.TRAINING_APPROVE,
            P.HOURS_READ,
            P.HOURS_REMIND,
            P.DISCLOSURE_READ,
            P.ROLE_READ,
            P.ROLE_GRANT,
            P.CLASSROOM_HOLD,
            P.CLASSROOM_CONFIRM,
            P.FLAG_DECIDE,
            P.HOURS_CORRECT,
            P.HOURS_ANSWER,
            P.RESULT_READ,
            P.RESULT_CHANGE,
            P.EXAM_SET,
            P.ACCOMMODATION_GRANT,
        }
    ),
    TEACHER_POOL_EDITOR: frozenset({P.DESK_OPEN, P.TEACHER_READ}),
    SYSTEM_ADMIN: frozenset({P.DESK_OPEN, P.UNIT_READ, P.UNIT_EDIT, P.PERSON_READ, P.PERSON_EDIT, P.CODE_ISSUE}),
    SECURITY_ADMIN: frozenset({P.DESK_OPEN, P.PERSON_READ, P.ROLE_READ, P.ROLE_GRANT, P.INCIDENT_READ}),
    AUDIT_ADMIN: frozenset({P.DESK_OPEN, P.AUDIT_READ, P.DISCLOSURE_READ}),
}
SEPARATED = frozenset({SYSTEM_ADMIN, SECURITY_ADMIN, AUDIT_ADMIN})
"""No account holds two of these at a time."""


def permissions_of(role: str) -> frozenset[P]:
    """What a role allows; an unknown role allows nothing."""
    return PERMISSIONS.get(role, frozenset())


def needs_second_factor(roles: frozenset[str]) -> bool:
    """Every role beside learner needs one (requirement 65)."""
    return bool(roles - {LEARNER})
