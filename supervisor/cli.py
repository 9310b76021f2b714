"""The commands of `run.py`. Their shape is fixed by contract: measurements outside the project call them.

With `--json` one JSON document goes to standard output and nothing else; messages go to standard error.
Exit 0: done. 1: `verify` found a difference. 2: cannot be done, with one line saying why.
The commands on files alone (`intake`, `score`, `workday`, `deadlines`) open no database and load no Flask.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from peewee import Database

    from supervisor.clock import Clock
    from supervisor.config import Config

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group()
def commands() -> None:
    """Commands of Dukao; without a word `run.py` serves."""


def _json(document: object) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, indent=1))


def _say(message: str) -> None:
    click.echo(message, err=True)


as_json = click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")


# ---- on files alone


@commands.command()
@click.argument("file", type=FILE)
@as_json
def intake(file: Path, *, as_json: bool) -> None:
    """Read a notice (.txt, .docx, .pdf with text) and print its draft ledger."""
    from supervisor.intake import IntakeError, read, to_contract

    try:
        draft = to_contract(read(file.read_bytes(), file.name))
    except IntakeError as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        _json(draft)
        return
    click.echo(f"{draft['title']}  {draft['doc_number'] or ''}")
    for task in draft["tasks"]:
        click.echo(f"{task['number']:>4} {task['title']}")
        click.echo(
            f"     lead: {'、'.join(task['lead']) or '-'}  responsible: {'、'.join(task['responsible']) or '-'}"
        )
        for deadline in task["deadlines"]:
            click.echo(f"     {deadline['text']}: {deadline['date'] or deadline['recur'] or '-'}")
    for problem in draft["problems"]:
        _say(f"line {problem['line'] or '-'}: {problem['message']}")


@commands.command()
@click.argument("file", type=FILE)
@click.option("--rulebook", required=True, type=FILE, help="The rulebook, TOML.")
@as_json
def score(file: Path, rulebook: Path, *, as_json: bool) -> None:
    """Apply a rulebook to facts: scores, ranking and every line. Formats: docs/rulebook.md."""
    from scoring import FactsError, RulebookError, assess, load_facts, load_rulebook, score_to_contract

    try:
        rules = load_rulebook(rulebook.read_text(encoding="utf-8"))
        facts = load_facts(json.loads(file.read_text(encoding="utf-8")))
        result = score_to_contract(assess(facts, rules))
    except (FactsError, RulebookError) as error:
        raise click.ClickException("; ".join(str(problem) for problem in error.problems)) from None
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise click.ClickException(f"{file} or {rulebook} cannot be read: {error}") from None
    if as_json:
        _json(result)
        return
    for unit in result["units"]:
        rank = unit["rank"] if unit["rank"] is not None else "-"
        click.echo(f"{unit['group']}\t{rank}\t{unit['name']}\t{unit['score']}\t{unit['tier'] or ''}")
        for line in unit["lines"]:
            points = line["points"] if line["points"] is not None else f"NA ({line['na_reason']})"
            click.echo(f"\t\t{line['title']}\t{points}")


@commands.command(context_settings={"ignore_unknown_options": True})
@click.argument("day", type=DAY)
@click.argument("steps", type=int)
@click.option(
    "--unit", type=click.Choice(["workdays", "days", "months"]), default="workdays", show_default=True
)
def workday(day: datetime, steps: int, unit: str) -> None:
    """The day STEPS working days (or days, months) after DAY, before it if negative; DAY itself is not counted.

    A period of days or months that ends on a day off ends on the next working day (Civil Code 203).
    """
    from supervisor.core.countings import Measure, count_on
    from supervisor.core.workdays import seed_calendar

    try:
        found = count_on(day.date(), steps, Measure(unit), seed_calendar())
    except (OverflowError, ValueError):
        raise click.ClickException("that is beyond the years 1 to 9999") from None
    click.echo(found.end.isoformat())
    if not found.confirmed:
        _say("calendar not loaded for a year on the way (调休待公布): this day is provisional")


@commands.command()
@click.argument("rule")
@click.option("--from", "first", type=DAY, required=True, help="First literal day.")
@click.option("--to", "last", type=DAY, required=True, help="Last literal day, included.")
@click.option("--policy", type=click.Choice(["keep", "before", "after"]), default="keep", show_default=True)
@as_json
def deadlines(rule: str, first: datetime, last: datetime, policy: str, *, as_json: bool) -> None:
    """The deadlines of a recurrence such as weekly:fri, monthly:10,25, monthly:end, quarterly:end, yearly:10-30."""
    from supervisor.core import cadences
    from supervisor.core.workdays import seed_calendar

    try:
        recurrence = cadences.parse_recurrence(rule)
        found = cadences.deadlines(
            recurrence, first.date(), last.date(), cadences.DuePolicy(policy), seed_calendar()
        )
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    rows = [each.as_json() for each in found]
    if as_json:
        _json(rows)
        return
    for row in rows:
        click.echo("  ".join(str(value) for value in row.values()))


# ---- on an installation


def on_installation(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say which installation a command works on."""
    command = click.option("--port", type=int, expose_value=False, hidden=True)(command)
    command = click.option("--now", expose_value=False, hidden=True)(command)
    return click.option(
        "--data", type=click.Path(file_okay=False, path_type=Path), help="Its data folder (DUKAO_DATA)."
    )(command)


def read_place(data: Path | None, **given: Any) -> tuple[Config, Clock]:
    """Settings and clock of the installation in `data`; one line and exit 2 where a setting is wrong."""
    from supervisor.clock import Clock
    from supervisor.config import ConfigError, read_config

    try:
        config = read_config(None, data=data, **given)
    except ConfigError as error:
        raise click.ClickException(str(error)) from None
    return config, Clock(config.clock_file)


@contextlib.contextmanager
def opened(config: Config, clock: Clock, *, migrating: bool = False) -> Iterator[Database]:
    """The installation's database, connected; its schema brought up to date or else required to be."""
    from supervisor.core.calendar import seed_calendar
    from supervisor.database import migrate, migration_lock, open_database, pending_migrations

    if (
        not migrating
        and config.url.startswith("sqlite")
        and not Path(config.url.removeprefix("sqlite:///")).exists()
    ):
        raise click.ClickException(
            f"there is no database in {config.data}; start with run.py or run.py migrate"
        )
    database = open_database(config.url)
    if migrating:
        for name in migrate(database, copies=config.data / "copies", now=clock.now()):
            _say(f"migrated: {name}")
    with database.connection_context():
        if not migrating and pending_migrations(database):
            raise click.ClickException("the schema is not up to date: run.py migrate")
        if migrating:
            with migration_lock(database):  # several processes may start at once
                seed_calendar(now=clock.now())
        yield database


@commands.command()
@on_installation
def migrate(data: Path | None) -> None:
    """Bring the schema up to date, after a copy; harmless where it is."""
    from supervisor.database import grant_to

    config, clock = read_place(data)
    with opened(config, clock, migrating=True) as database:
        if config.database_role and not config.url.startswith("sqlite"):
            try:
                grant_to(database, config.database_role)
            except ValueError as error:
                raise click.ClickException(f"DUKAO_DATABASE_ROLE: {error}") from None
            _say(f"{config.database_role} may read and write rows; the audit trail it may only add to")
        _say(f"the schema of {_without_password(config.url)} is up to date")


@commands.command()
@click.option("--at", help="As if it were this moment (ISO, Beijing time unless it says otherwise).")
@on_installation
def tick(at: str | None, data: Path | None) -> None:
    """One pass of everything that time alone makes happen: what is owed, missing, reminded of, sent."""
    from supervisor import jobs

    config, clock = read_place(data)
    now = parse_moment(at) if at else clock.now()
    with opened(config, clock, migrating=True):
        done = jobs.tick(now, jobs.sender_of(config), datetime.now(UTC), config.data / "files")
    if done is None:
        raise click.ClickException("another process is making a pass just now; try again in a minute")
    _say(f"{done.milliseconds} ms: " + ", ".join(f"{name} {count}" for name, count in done.counts.items()))
    if done.error:
        raise click.ClickException(done.error.replace("\n", "; "))


@commands.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--days", type=click.IntRange(1, 366), default=30, show_default=True, help="Days ahead, today included."
)
@on_installation
def rehearse(folder: Path, days: int, data: Path | None) -> None:
    """Write the messages of the next days into FOLDER, a file each, instead of sending them.

    Each running programme is copied, and the copy lives through every morning. Nothing is sent, nothing here changes.
    """
    from supervisor import jobs
    from supervisor.clock import beijing_date
    from supervisor.core import reminders
    from supervisor.models import Programme

    config, clock = read_place(data)
    if folder.exists() and any(folder.iterdir()):
        raise click.ClickException(f"{folder} is not empty; a rehearsal writes into a new folder")
    with opened(config, clock):
        for programme_id in reminders.running(beijing_date(clock.now())):
            programme = Programme.get_by_id(programme_id)
            place = folder / f"{programme_id} {programme.name}"[:80].replace("/", " ")
            count = jobs.rehearse(programme, place, now=clock.now(), days=days, config=config)
            _say(f"{programme.name}: {count} messages in {place}")


@commands.command()
@click.argument("username", required=False)
@on_installation
def admin(username: str | None, data: Path | None) -> None:
    """A one-time link for the first administrator, or for USERNAME who lost the password."""
    config, clock = read_place(data)
    with opened(config, clock, migrating=True):
        click.echo(admin_link(config, clock, username))


def admin_link(config: Config, clock: Clock, username: str | None = None) -> str:
    """The address by which the first administrator, or `username`, sets a password (D18)."""
    from supervisor.core import accounts
    from supervisor.core.permissions import SYSTEM
    from supervisor.core.sessions import normal_username
    from supervisor.errors import DukaoError
    from supervisor.models import LinkPurpose, User

    try:
        if username is None:
            _, token = accounts.first_administrator(now=clock.now())
        else:
            user = User.get_or_none(User.username == normal_username(username))
            if user is None:
                raise click.ClickException(f"nobody here is called {username}")
            token = accounts.issue_link(user, LinkPurpose.RESET, by=SYSTEM, now=clock.now())
    except DukaoError as error:
        raise click.ClickException(str(error)) from None
    return f"{config.public_url}/link/{token}"


@commands.command()
@click.option(
    "--head", "kept", multiple=True, help="A head printed on a receipt, such as 812-0123456789abcdef."
)
@on_installation
def verify(kept: tuple[str, ...], data: Path | None) -> None:
    """Recompute the audit trail and every closed period; exit 1 and the first difference if anything fails.

    The trail is held against the heads kept in the file of heads, and against those given.
    """
    from supervisor.core import audit, heads, scores

    config, clock = read_place(data)
    try:
        anchors = [*heads.read_heads(config.heads_file), *map(heads.parse_head, kept)]
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from None
    with opened(config, clock):
        broken = audit.verify_chain(anchors)
        frozen = None if broken else scores.verify_frozen()
        found = f"audit row {broken.seq}: {broken.why}" if broken else frozen and frozen.why
        head = audit.read_head()
    if found:
        click.echo(found)
        raise click.exceptions.Exit(1)
    click.echo(
        f"audit trail of {head.seq} rows and every closed period: as they were written. "
        f"{len(anchors)} heads kept outside agree. Head {head}"
    )


@commands.command()
@click.argument("target", type=click.Path(path_type=Path), metavar="FILE")
@on_installation
def archive(target: Path, data: Path | None) -> None:
    """Every closed period with facts, rulebook, result and audit trail into the new zip FILE.

    It is checked without this product, from any copy of the folder `scoring`: python -m scoring.archive FILE.
    """
    from supervisor.core import archives

    config, clock = read_place(data)
    with opened(config, clock):
        try:
            made = archives.write_archive(target, now=clock.now())
        except OSError as error:
            raise click.ClickException(str(error)) from None
    _say(f"{made.runs} runs of closed periods in {target}; audit head {made.head}")


@commands.command()
@click.argument("target", type=click.Path(path_type=Path), metavar="DIR")
@on_installation
def backup(target: Path, data: Path | None) -> None:
    """A consistent copy of database and files into DIR, while the server runs."""
    from supervisor.core import backups

    config, clock = read_place(data)
    with opened(config, clock):
        try:
            manifest = backups.backup(target, config=config, now=clock.now())
        except backups.BackupError as error:
            raise click.ClickException(str(error)) from None
    _say(f"{manifest.rows} rows and {len(manifest.files)} files in {target}; audit head {manifest.head}")


@commands.command()
@click.argument("source", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="DIR")
@on_installation
def restore(source: Path, data: Path | None) -> None:
    """The way back from DIR into an empty place (--data or DUKAO_DATA, DUKAO_DATABASE_URL)."""
    from supervisor.config import ConfigError, read_config
    from supervisor.core import backups

    try:
        # Not read_place: a place in which a secret has just been generated is not empty.
        config = read_config(None, data=data, secret="-" * 32)
        manifest = backups.restore(source, config=config)
    except (ConfigError, backups.BackupError) as error:
        raise click.ClickException(str(error)) from None
    _say(f"{manifest.rows} rows and {len(manifest.files)} files restored; audit head {manifest.head}")


@commands.command()
@click.option("--tasks", type=click.IntRange(min=1), required=True)
@click.option("--units", type=click.IntRange(min=3), default=300, show_default=True)
@click.option("--months", type=click.IntRange(min=1), default=12, show_default=True)
@on_installation
def sample(tasks: int, units: int, months: int, data: Path | None) -> None:
    """Fill an empty database with realistic tasks, for measuring; the same arguments give the same rows."""
    from supervisor.core import samples
    from supervisor.errors import DukaoError

    config, clock = read_place(data)
    with opened(config, clock, migrating=True):
        try:
            counts = samples.fill(tasks, units=units, months=months, now=clock.now())
        except DukaoError as error:
            raise click.ClickException(str(error)) from None
    _say(", ".join(f"{table} {count}" for table, count in counts.items()))


def parse_moment(text: str) -> datetime:
    """An ISO date or time, in Beijing unless it says otherwise; one line and exit 2 where it is none."""
    from supervisor.clock import BEIJING

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.ClickException(f"{text!r} is no time; write it like 2021-03-22T09:00") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=BEIJING)).astimezone(UTC)


def _without_password(url: str) -> str:
    head, found, tail = url.rpartition("@")
    return f"{head.split('://')[0]}://…@{tail}" if found else url
