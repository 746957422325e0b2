"""Every permission of the platform, named <area>:<thing>:<action>."""

from enum import StrEnum


class Permission(StrEnum):
    """What a role may allow."""

    DESK_OPEN = "staff:desk:open"
    ITEM_AUTHOR = "questionbank:item:author"
    LECTURE_AUTHOR = "catalogue:lecture:author"
    REVIEW_PROVINCE = "moderation:submission:review-province"
    REVIEW_NATIONAL = "moderation:submission:review-national"
    CONTENT_WITHDRAW = "moderation:content:withdraw"
    CLASS_READ = "classes:class:read"
    CLASSROOM_HOLD = "learning:classroom:hold"
    CLASSROOM_CONFIRM = "learning:classroom:confirm"
    FLAG_DECIDE = "learning:flag:decide"
    UNIT_READ = "organisations:unit:read"
    UNIT_EDIT = "organisations:unit:edit"
    PERSON_READ = "accounts:person:read"
    PERSON_EDIT = "accounts:person:edit"
    PERSON_IDENTIFY = "accounts:person:identify"
    PERSON_JOIN = "accounts:person:join"
    PERSON_REVEAL = "accounts:person:reveal"
    PERSON_EXPORT = "accounts:person:export"
    CODE_ISSUE = "accounts:sign-in-code:issue"
    CORRECTION_DECIDE = "accounts:correction:decide"
    DISCLOSURE_READ = "accounts:disclosure:read"
    INCIDENT_READ = "accounts:incident:read"
    ROLE_READ = "access:role:read"
    ROLE_GRANT = "access:role:grant"
    AUDIT_READ = "audit:entry:read"
    TEACHER_READ = "catalogue:teacher:read"
