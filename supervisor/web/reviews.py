"""SKELETON: being written."""

from flask import Blueprint, abort

from supervisor.core.permissions import Permission
from supervisor.web.guard import requires

blueprint = Blueprint("reviews", __name__)


@blueprint.route("/p/<int:programme_id>/reviews")
@requires(Permission.MESSAGE_READ)
def index(**_kw):
    abort(501)
