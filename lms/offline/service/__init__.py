"""Writes trainings that units enter: drafts and their people, the proof, the way to a decision, and what it credits."""

from lms.offline.service.deciding import Look, MayNotDecide, OverlapUnseen, decide, look
from lms.offline.service.drafting import ListRefused, add_people, create, edit, remove_person
from lms.offline.service.handing_in import CountsAlready, retract, submit
from lms.offline.service.holding import NotNow
from lms.offline.service.moving import follow_moves
from lms.offline.service.proving import ProofDamaged, ProofRefused, encrypt_earlier, proof_of, put_proof

__all__ = [
    "CountsAlready",
    "ListRefused",
    "Look",
    "MayNotDecide",
    "NotNow",
    "OverlapUnseen",
    "ProofDamaged",
    "ProofRefused",
    "add_people",
    "create",
    "decide",
    "edit",
    "encrypt_earlier",
    "follow_moves",
    "look",
    "proof_of",
    "put_proof",
    "remove_person",
    "retract",
    "submit",
]
