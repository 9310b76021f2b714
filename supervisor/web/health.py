"""Whether the product is alive, for a monitor: database, last tick, audit head. Says nothing about content (D34)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, jsonify

from supervisor.core import audit
from supervisor.core.office_home import LATE_INTERVALS
from supervisor.models import Tick
from supervisor.web.guard import config, public

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
@public
def show() -> tuple[Response, int]:
    """200 and `ok` while the last pass is recent; 503 and `late` when reminders have stopped."""
    last = Tick.select().order_by(Tick.ran_at.desc()).first()
    # The machine's own time, not the trial clock: the question is whether the process still runs.
    late = last is None or datetime.now(UTC) - last.ran_at > timedelta(
        seconds=config().tick_seconds * LATE_INTERVALS
    )
    body = {
        "status": "late" if late else "ok",
        "last_tick": last.ran_at.isoformat() if last else None,
        "audit_rows": audit.read_head().seq,
    }
    return jsonify(body), 503 if late else 200
