"""Reads what learning keeps, one module for each thing that is asked about."""

from lms.learning.queries.policies import DecidedPolicy, policies_of, policy_history, policy_of, policy_version
from lms.learning.queries.progress import (
    NOTHING,
    CourseRef,
    CourseState,
    LectureState,
    Progress,
    Studied,
    completed_assets,
    completed_counts,
    completions,
    course_states,
    missing_courses,
    progress,
    progress_of,
    studied,
    watched_since,
)

__all__ = [
    "NOTHING",
    "CourseRef",
    "CourseState",
    "DecidedPolicy",
    "LectureState",
    "Progress",
    "Studied",
    "completed_assets",
    "completed_counts",
    "completions",
    "course_states",
    "missing_courses",
    "policies_of",
    "policy_history",
    "policy_of",
    "policy_version",
    "progress",
    "progress_of",
    "studied",
    "watched_since",
]
