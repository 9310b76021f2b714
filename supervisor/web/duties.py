"""Who does what: the matrix of units and entries."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from supervisor.core import duty_matrix
from supervisor.core.permissions import Permission
from supervisor.models import AssignmentState
from supervisor.web.guard import actor, requires

blueprint = Blueprint("duties", __name__, url_prefix="/p/<int:programme_id>/duties")


@blueprint.get("")
@requires(Permission.TASK_READ)
def index(programme_id: int) -> str:
    """Units beside entries, forty entries a page."""
    after = request.args.get("after", "")
    matrix = duty_matrix.read_matrix(actor(), after=int(after) if after.isascii() and after.isdigit() else 0)
    return render_template(
        "duties/index.html",
        matrix=matrix,
        signs=duty_matrix.SIGNS,
        verbs=("牵头", "负责", "参与", "配合", "指导", "责任"),
        AssignmentState=AssignmentState,
    )
