"""SKELETON: being written."""

from flask import Blueprint, abort

from supervisor.core.permissions import Permission
from supervisor.web.guard import requires

blueprint = Blueprint("admin", __name__)


@blueprint.route("/admin/accounts")
@requires(Permission.MESSAGE_READ)
def accounts(**_kw):
    abort(501)


@blueprint.route("/admin/calendar")
@requires(Permission.MESSAGE_READ)
def calendar(**_kw):
    abort(501)


@blueprint.route("/admin/sessions")
@requires(Permission.MESSAGE_READ)
def sessions(**_kw):
    abort(501)


@blueprint.route("/admin/audit")
@requires(Permission.MESSAGE_READ)
def audit(**_kw):
    abort(501)
