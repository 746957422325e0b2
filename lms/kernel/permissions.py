"""Every permission of the platform, named <area>:<thing>:<action>."""

from enum import StrEnum


class Permission(StrEnum):
    """What a role may allow."""

    DESK_OPEN = "staff:desk:open"
    LECTURE_AUTHOR = "catalogue:lecture:author"
    REVIEW_PROVINCE = "moderation:submission:review-province"
    REVIEW_NATIONAL = "moderation:submission:review-national"
    CONTENT_WITHDRAW = "moderation:content:withdraw"
    CLASS_READ = "classes:class:read"
