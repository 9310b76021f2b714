"""SKELETON: being written."""

from flask import Blueprint, abort

from supervisor.core.permissions import Permission
from supervisor.web.guard import requires

blueprint = Blueprint("home", __name__)


@blueprint.route("/")
@requires(Permission.MESSAGE_READ)
def index(**_kw):
    abort(501)


@blueprint.route("/p/<int:programme_id>/")
@requires(Permission.MESSAGE_READ)
def programme(**_kw):
    abort(501)
