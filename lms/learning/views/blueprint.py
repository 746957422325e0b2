"""The blueprint of the pages of learning."""

from flask import Blueprint

bp = Blueprint("learning_learner", __name__)
