"""SKELETON: being written."""

from flask import Blueprint, abort

from supervisor.core.permissions import Permission
from supervisor.web.guard import requires

blueprint = Blueprint("scores", __name__)


@blueprint.route("/p/<int:programme_id>/periods")
@requires(Permission.MESSAGE_READ)
def index(**_kw):
    abort(501)
