"""The heartbeat: APScheduler runs one job in memory, `jobs.tick`. It holds no state; the tables say what is due."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from apscheduler.schedulers.background import BackgroundScheduler

from supervisor import jobs
from supervisor.clock import BEIJING, Clock
from supervisor.config import Config
from supervisor.core import heads
from supervisor.database import db

log = logging.getLogger(__name__)


def start_scheduler(config: Config, clock: Clock) -> BackgroundScheduler:
    """A started scheduler that makes a pass now and then every `tick_seconds`. `shutdown(wait=True)` ends it."""
    scheduler = BackgroundScheduler(
        timezone=BEIJING,
        # Without grace a pass that comes a second late would be skipped without a word.
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    scheduler.add_job(
        run_tick,
        "interval",
        seconds=config.tick_seconds,
        args=(config, clock),
        id="tick",
        next_run_time=datetime.now(BEIJING),
    )
    scheduler.start()
    return scheduler


def run_tick(config: Config, clock: Clock) -> None:
    """One pass on a connection of its own; then the trail's head goes into the file outside."""
    with db.obj.connection_context():
        jobs.tick(clock.now(), jobs.sender_of(config), datetime.now(UTC), config.data / "files")
        try:
            heads.keep_head(config.heads_file, at=datetime.now(UTC))
        except (OSError, ValueError):
            log.exception("the head of the audit trail could not be kept outside the database")
