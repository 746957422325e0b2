"""The blueprint that the pages share."""

from flask import Blueprint

bp = Blueprint("reporting_staff", __name__)
