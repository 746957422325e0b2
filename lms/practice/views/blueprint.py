"""The blueprint of the pages of practice."""

from flask import Blueprint

bp = Blueprint("practice_learner", __name__)
