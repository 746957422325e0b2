"""Writes trainings that units enter: drafts and their people, the proof, the way to a decision, and what it credits."""

from lms.offline.service.deciding import Look, MayNotDecide, OverlapUnseen, decide, look
from lms.offline.service.drafting import ListRefused, add_people, create, edit, remove_person
from lms.offline.service.handing_in import CountsAlready, retract, submit
from lms.offline.service.holding import NotNow
from lms.offline.service.moving import follow_moves
from lms.offline.service.proving import ProofRefused, proof_key, put_proof

__all__ = [
    "CountsAlready",
    "ListRefused",
    "Look",
    "MayNotDecide",
    "NotNow",
    "OverlapUnseen",
    "ProofRefused",
    "add_people",
    "create",
    "decide",
    "edit",
    "follow_moves",
    "look",
    "proof_key",
    "put_proof",
    "remove_person",
    "retract",
    "submit",
]
