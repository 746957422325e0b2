"""The blueprint that the pages of accounts share."""

from flask import Blueprint

bp = Blueprint("accounts_learner", __name__)
