"""SKELETON: being written."""

from flask import Blueprint, abort

from supervisor.core.permissions import Permission
from supervisor.web.guard import requires

blueprint = Blueprint("programmes", __name__)


@blueprint.route("/p/<int:programme_id>/settings")
@requires(Permission.MESSAGE_READ)
def settings(**_kw):
    abort(501)
