"""SKELETON: being written."""

from flask import Blueprint, abort

from supervisor.core.permissions import Permission
from supervisor.web.guard import requires

blueprint = Blueprint("messages", __name__)


@blueprint.route("/messages")
@requires(Permission.MESSAGE_READ)
def inbox(**_kw):
    abort(501)


@blueprint.route("/p/<int:programme_id>/outbox")
@requires(Permission.MESSAGE_READ)
def outbox(**_kw):
    abort(501)
