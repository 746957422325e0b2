"""Reads trainings that units entered."""

from lms.offline.queries.held import held
from lms.offline.queries.naming import NOBODY, named
from lms.offline.queries.trainings import (
    Mine,
    Page,
    Trainee,
    Training,
    elsewhere,
    in_scopes,
    of_person,
    page,
    trainees,
    training,
    waiting,
)

__all__ = [
    "NOBODY",
    "Mine",
    "Page",
    "Trainee",
    "Training",
    "elsewhere",
    "held",
    "in_scopes",
    "named",
    "of_person",
    "page",
    "trainees",
    "training",
    "waiting",
]
