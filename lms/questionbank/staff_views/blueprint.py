"""The blueprint that the pages of question banks share."""

from flask import Blueprint

bp = Blueprint("questionbank_staff", __name__)
