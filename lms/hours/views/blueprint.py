"""The blueprint of a learner's own hours."""

from flask import Blueprint

bp = Blueprint("hours_learner", __name__)
