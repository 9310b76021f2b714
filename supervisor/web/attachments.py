"""SKELETON: being written."""

from flask import Blueprint

blueprint = Blueprint("attachments", __name__)
