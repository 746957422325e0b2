"""The blueprint that the staff pages of the tree share."""

from flask import Blueprint

bp = Blueprint("organisations_staff", __name__)
