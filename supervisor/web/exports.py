"""Downloads of workbooks: named for people, recorded for the audit, never cached."""

from __future__ import annotations

import io

from flask import Blueprint, Response, request, send_file

from supervisor.core import exports, period_files, rule_changes
from supervisor.core.ledger import Filter
from supervisor.core.matrix_choices import Wanted
from supervisor.core.permissions import Permission
from supervisor.core.scored_periods import scored_period
from supervisor.web import guard
from supervisor.web.guard import requires

blueprint = Blueprint("exports", __name__)


@blueprint.get("/p/<int:programme_id>/periods/<key>/ranking.xlsx")
@requires(Permission.EXPORT_RANKING)
def ranking(programme_id: int, key: str) -> Response:
    """The ranking of a closed period, every score line, and the ledger."""
    period = scored_period(key)
    return sent(exports.export_ranking(guard.programme(), period, by=guard.actor(), now=guard.now()))


@blueprint.get("/p/<int:programme_id>/periods/<key>/file.zip")
@requires(Permission.EXPORT_RANKING)
def period_file(programme_id: int, key: str) -> Response:
    """Everything about a closed period, to be read without this product."""
    period = scored_period(key)
    return sent(period_files.export_period_file(guard.programme(), period, by=guard.actor(), now=guard.now()))


@blueprint.get("/p/<int:programme_id>/tasks.xlsx")
@requires(Permission.EXPORT_LEDGER)
def ledger(programme_id: int) -> Response:
    """The ledger, with the same filter as its page."""
    wanted = Filter.read(request.args)
    return sent(exports.export_ledger(guard.programme(), wanted, by=guard.actor(), now=guard.now()))


@blueprint.get("/p/<int:programme_id>/reports.xlsx")
@requires(Permission.EXPORT_LEDGER)
def matrix(programme_id: int) -> Response:
    """Units by periods as on the page, all of them, and every single report behind."""
    wanted = Wanted.read(request.args)
    return sent(exports.export_matrix(guard.programme(), wanted, by=guard.actor(), now=guard.now()))


@blueprint.get("/p/<int:programme_id>/rules/<int:rule_id>/figures.xlsx")
@requires(Permission.TASK_READ_ALL)
def form_figures(programme_id: int, rule_id: int) -> Response:
    """What units said in the form of a rule about one period."""
    rule = rule_changes.get(rule_id, guard.programme())
    key = request.args.get("period", "")[:12]
    return sent(exports.export_form(guard.programme(), rule, key, by=guard.actor(), now=guard.now()))


@blueprint.get("/p/<int:programme_id>/milestones.xlsx")
@requires(Permission.EXPORT_LEDGER)
def milestones(programme_id: int) -> Response:
    """All milestones of units' accepted work plans."""
    return sent(exports.export_milestones(guard.programme(), by=guard.actor(), now=guard.now()))


def sent(file: exports.File) -> Response:
    """As an attachment; its name goes out by RFC 6266 (`filename*`), so that Chinese survives."""
    return send_file(
        io.BytesIO(file.content), mimetype=file.media_type, as_attachment=True, download_name=file.name
    )
