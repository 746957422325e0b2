"""The blueprint of the exams' JSON."""

from flask import Blueprint

bp = Blueprint("exams_api", __name__)
