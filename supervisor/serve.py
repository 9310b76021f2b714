"""Start everything in one process: schema, calendar, demo, web server and scheduler (D24).

Nothing heavy is imported above: the commands on files alone pass through `main` too.
"""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from supervisor.cli import admin_link, commands, opened, parse_moment, read_place

if TYPE_CHECKING:
    from supervisor.clock import Clock
    from supervisor.config import Config

#: Kept in the data folder, so that a later start without words means the same kind of place.
MODE_FILE = "mode"
#: Two machines' clocks may differ by this much.
CLOCK_SLACK = timedelta(seconds=2)
#: Peewee makes many short-lived objects and few rings: looking for rings less often saves an eighth of the demo.
COLLECT = (20_000, 20, 20)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Serve, or run the command that the first word names. Ends the process: 0, 1 (`verify`) or 2."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    command = commands if words and not words[0].startswith("-") else serve
    try:
        code = command.main(args=words, prog_name="run.py", standalone_mode=False)
    except click.ClickException as error:
        click.echo(f"run.py: {error.format_message()}", err=True)
        raise SystemExit(2) from None
    except click.Abort:
        raise SystemExit(2) from None
    raise SystemExit(code if isinstance(code, int) else 0)


@click.command(epilog=f"Commands: {', '.join(sorted(commands.commands))}; each knows --help.")
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="Data folder (DUKAO_DATA).")
@click.option("--now", help="Start a trial clock at this moment: an empty place to try a notice of your own.")
@click.option("--host", help="Address to listen on (DUKAO_HOST).")
@click.option("--port", type=int, help="Port to listen on (DUKAO_PORT).")
def serve(data: Path | None, now: str | None, host: str | None, port: int | None) -> None:
    """Serve Dukao: web pages and scheduler in one process."""
    moment = parse_moment(now) if now else None
    config, clock = read_place(data, host=host, port=port, mode=choose_mode(data, now))
    if moment and config.is_production:
        raise click.ClickException("a production start has no trial clock; leave --now out")
    prepare(config, clock, moment)
    run(config, clock)


def choose_mode(data: Path | None, now: str | None) -> str | None:
    """The mode, where the environment does not say: that of the last start there, else trial for a set clock."""
    if "DUKAO_MODE" in os.environ:
        return None
    place = data or (Path(os.environ["DUKAO_DATA"]) if "DUKAO_DATA" in os.environ else None)
    if place and (place / MODE_FILE).exists():
        return (place / MODE_FILE).read_text(encoding="ascii").strip()
    return "trial" if now else None


def prepare(config: Config, clock: Clock, moment: datetime | None = None) -> None:
    """Everything before the first request: refusals, clock, schema after a copy, calendar, demo data.

    Raises ClickException with every reason why the start would be unsafe.
    """
    from supervisor import jobs
    from supervisor.core import accounts
    from supervisor.database import migration_lock

    gc.set_threshold(*COLLECT)
    _refuse(config, clock, demo_accounts=False)
    try:
        jobs.sender_of(config)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    config.data.mkdir(parents=True, exist_ok=True)
    _refuse_network(config)
    (config.data / MODE_FILE).write_text(config.mode, encoding="ascii")
    _set_clock(config, clock, moment)
    with opened(config, clock, migrating=True) as database:
        if config.is_demo:
            with migration_lock(database):  # several processes may start at once
                _load_demo()
        _refuse(config, clock, demo_accounts=accounts.has_demo_accounts())
        _catch_up(clock)
        _compare_heads(config, clock)


def _refuse(config: Config, clock: Clock, *, demo_accounts: bool) -> None:
    from supervisor.config import refuse_unsafe

    reasons = refuse_unsafe(
        config,
        trial_clock=clock.is_trial or (config.data / "clock.json").exists(),
        demo_accounts=demo_accounts,
    )
    if reasons:
        raise click.ClickException("this start would be unsafe: " + "; ".join(reasons))


def _refuse_network(config: Config) -> None:
    from supervisor.database import network_filesystem

    if not config.url.startswith("sqlite"):
        return
    folder = Path(config.url.removeprefix("sqlite:///")).parent
    kind = network_filesystem(folder)
    if kind:
        raise click.ClickException(
            f"{folder} lies on a network share ({kind}), where SQLite can lose work; "
            "use a disk of this machine, or PostgreSQL (DUKAO_DATABASE_URL)"
        )


def _catch_up(clock: Clock) -> None:
    """No start before the last act on record: receipts and deadlines must not run backwards."""
    from supervisor.core import audit

    last = audit.last_at()
    if last is None or clock.now() >= last - CLOCK_SLACK:
        return
    if not clock.is_trial:
        raise click.ClickException(
            f"this machine's clock is wrong: it stands before the last act on record, {last:%Y-%m-%d %H:%M} UTC"
        )
    clock.set_trial(last)


def _compare_heads(config: Config, clock: Clock) -> None:
    """An older database put back is noticed at the start: said loudly, and on record; work goes on."""
    from supervisor.core import audit, heads
    from supervisor.core.permissions import SYSTEM
    from supervisor.database import transaction

    try:
        wrong = heads.compare_with_last(config.heads_file)
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from None
    if not wrong:
        return
    click.echo(f"WARNING: {wrong}.", err=True)
    with transaction():
        audit.record(SYSTEM, "trail.behind", ("audit_head", None), now=clock.now(), reason=wrong[:500])


def _set_clock(config: Config, clock: Clock, moment: datetime | None) -> None:
    if config.is_production:
        return
    if config.is_demo and not clock.is_trial:
        from supervisor.core import demo

        clock.set_trial(demo.TODAY)
    if moment is None:
        return
    if clock.is_trial and moment <= clock.now():
        _say(f"The trial clock here is already past {moment:%Y-%m-%d}; it runs on.")
        return
    clock.set_trial(moment)


def _load_demo() -> None:
    from supervisor.core import demo
    from supervisor.models import User

    if not User.select().exists():
        _say("Loading the demo …")
        demo.load()


def run(config: Config, clock: Clock) -> None:
    """Serve until SIGTERM or SIGINT; requests that run then are finished first (five seconds at most)."""
    from waitress.server import create_server

    from supervisor import create_app
    from supervisor.scheduler import start_scheduler

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a short queue is no news
    try:
        server: Any = create_server(
            create_app(config, clock),
            host=config.host,
            port=config.port,
            threads=config.threads,
            ident=None,
            max_request_body_size=config.upload_limit + 1024 * 1024,
        )
    except OSError as error:
        raise click.ClickException(f"{config.host}:{config.port} cannot be listened on: {error}") from None
    # Waitress dies at once on SIGTERM; SystemExit lets it finish what is running.
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    scheduler = start_scheduler(config, clock)
    _greet(config, clock)
    gc.collect()
    gc.freeze()  # modules and catalogues stay for good: no collection need look at them again
    try:
        server.run()
    finally:
        scheduler.shutdown(wait=True)


def _stop(*_: object) -> NoReturn:
    raise SystemExit(0)


def _greet(config: Config, clock: Clock) -> None:
    """Where it is, and how to get in."""
    from supervisor.clock import beijing
    from supervisor.core import people
    from supervisor.database import db
    from supervisor.models import User

    _say(f"Dukao 督考 serves {config.public_url}  (stop: Ctrl+C)")
    if clock.is_trial:
        _say(f"Trial clock: {beijing(clock.now()):%Y-%m-%d %H:%M} in Beijing, running on")
    with db.obj.connection_context():
        if config.is_demo:
            _say(f"Accounts, all with the password {people.DEMO_PASSWORD}:")
            for account in people.demo_accounts():
                _say(f"  {account.username:<14}{account.name}  {account.role}  {account.unit_name}")
        elif not User.select().where(~User.password_hash.is_null()).exists():
            _say(f"First administrator, sets a password here (once): {admin_link(config, clock)}")
    if config.is_production and not config.tls:
        _say("Plain http on this machine only: put TLS in front before anybody else comes (DUKAO_TLS=1).")


def _say(message: str) -> None:
    click.echo(message, err=True)
