"""SKELETON: being written."""

from flask import Blueprint, abort

from supervisor.core.permissions import Permission
from supervisor.web.guard import requires

blueprint = Blueprint("auth", __name__)


@blueprint.route("/sign-in")
@requires(Permission.MESSAGE_READ)
def sign_in(**_kw):
    abort(501)


@blueprint.route("/sign-out")
@requires(Permission.MESSAGE_READ)
def sign_out(**_kw):
    abort(501)


@blueprint.route("/me")
@requires(Permission.MESSAGE_READ)
def account(**_kw):
    abort(501)


@blueprint.route("/language/<language>")
@requires(Permission.MESSAGE_READ)
def choose_language(**_kw):
    abort(501)
