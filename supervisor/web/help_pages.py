"""SKELETON: being written."""

from flask import Blueprint, abort

from supervisor.core.permissions import Permission
from supervisor.web.guard import requires

blueprint = Blueprint("help", __name__)


@blueprint.route("/help")
@requires(Permission.MESSAGE_READ)
def index(**_kw):
    abort(501)


@blueprint.route("/help/clock")
@requires(Permission.MESSAGE_READ)
def clock(**_kw):
    abort(501)
