"""The ledger and the task page at 10,000 and 100,000 tasks, against fifty rows rendered from memory."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask, render_template_string, template_rendered
from flask.testing import FlaskClient

from supervisor.clock import BEIJING, Clock, beijing_date
from supervisor.config import Config
from supervisor.core import accounts, ledger, samples
from supervisor.core.calendar import seed_calendar
from supervisor.core.permissions import Actor
from supervisor.database import db, migrate, open_database
from supervisor.models import Assignment, Programme, Role, User
from tests.bench.measure import line, processor_ms
from tests.conftest import StillClock, make_app

NOW = datetime(2021, 6, 15, 9, tzinfo=BEIJING).astimezone(UTC)
SIZES = (10_000, 100_000)

#: The same eight columns with the least that Flask and Jinja can do: the floor of the page, without a database.
PLAIN = """<!doctype html><title>ledger</title><table><thead><tr><th>No.<th>Task<th>Led by<th>Units<th>Time limit
<th>Progress<th>Light<th>Status</tr></thead><tbody>{% for r in rows %}<tr><td>{{ r.number }}</td>
<td><a href="{{ url_for('show', task_id=r.id) }}">{{ r.title }}</a></td><td>{{ r.leads }}</td>
<td>{{ r.responsible }}</td><td>{{ r.due_on }}</td><td>{{ r.progress }} {{ r.planned }}</td>
<td>{{ r.light.value }}</td><td>{{ r.state.value }}</td></tr>
{% endfor %}</tbody></table>"""


@dataclass(frozen=True)
class Place:
    """A filled database behind an application, with a signed-in client of the lead office."""

    client: FlaskClient
    programme_id: int
    unit_id: int
    task_id: int
    rows: list[ledger.Row]

    @property
    def ledger_url(self) -> str:
        """Unit and status filtered, sorted by due date."""
        return f"/p/{self.programme_id}/tasks?unit={self.unit_id}&state=open"

    @property
    def task_url(self) -> str:
        """One task."""
        return f"/p/{self.programme_id}/tasks/{self.task_id}"


@contextmanager
def filled(tasks: int, folder: Path) -> Iterator[Place]:
    """A migrated SQLite database in `folder` with so many tasks, served by a test client."""
    database = open_database(f"sqlite:///{folder / f'{tasks}.db'}")
    migrate(database)
    clock: Clock = StillClock(NOW)
    app = make_app(Config(data=folder, mode="trial", secret="0123456789abcdef" * 4), clock)
    with database.connection_context():
        seed_calendar(now=NOW)
        samples.fill(tasks, units=300, months=3, now=NOW)
        database.execute_sql("ANALYZE")
        programme, office = Programme.get(), User.get(User.username == "office")
        token = accounts.start_session(office, now=NOW)
        unit_id = Assignment.select(Assignment.unit).order_by(Assignment.id).first().unit_id
        actor = Actor(office.id, office.name, programme.id, frozenset({Role.LEAD_OFFICE}))
        wanted = ledger.Filter(unit_id=unit_id, state="open")
        rows = list(ledger.read_page(actor, wanted, today=beijing_date(NOW)).rows)
    client = app.test_client()
    client.set_cookie("sid", token)
    yield Place(client, programme.id, unit_id, rows[0].id, rows)
    if not db.is_closed():
        db.close()


def plain_page(rows: list[ledger.Row]) -> Callable[[], object]:
    """The baseline: the same fifty rows from a list in memory through a bare Flask application."""
    app = Flask("baseline")

    @app.get("/")
    def index() -> str:
        return render_template_string(PLAIN, rows=rows)

    @app.get("/t/<int:task_id>")
    def show(task_id: int) -> str:
        return str(task_id)

    client = app.test_client()
    return lambda: client.get("/").get_data()


def same_page(place: Place) -> Callable[[], object]:
    """The other baseline: our own page, frame and all, from rows in memory; what remains is door and database."""
    app = place.client.application
    captured: dict[str, object] = {}

    def keep(_sender: object, template: object, context: dict[str, object], **_: object) -> None:
        captured.update(template=template, context=dict(context))

    with template_rendered.connected_to(keep, app):
        place.client.get(place.ledger_url)
    template, context = captured["template"], captured["context"]

    def act() -> None:
        with app.test_request_context(place.ledger_url):
            template.render(context)  # type: ignore[attr-defined]  # a Jinja template

    return act


def answered(client: FlaskClient, url: str) -> Callable[[], object]:
    """A request that must succeed, as an act to measure."""

    def act() -> None:
        answer = client.get(url)
        assert answer.status_code == 200, answer.status_code
        answer.get_data()

    return act


def run() -> None:
    """Print the pages' figures, each as soon as it is known."""
    ledgers, records, baseline = [], [], 0.0
    with tempfile.TemporaryDirectory() as name:
        for size in SIZES:
            with filled(size, Path(name)) as place:
                if not baseline:
                    baseline = processor_ms(plain_page(place.rows))
                    line(f"{len(place.rows)} rows from memory, bare Flask + Jinja (baseline)", baseline, "ms")
                    line(
                        "the same rows from memory in our own page",
                        processor_ms(same_page(place)),
                        "ms",
                        baseline,
                    )
                ledgers.append(processor_ms(answered(place.client, place.ledger_url)))
                records.append(processor_ms(answered(place.client, place.task_url)))
            line(f"ledger page, unit + status, {size:,} tasks", ledgers[-1], "ms", baseline, "aim ≤ 2.5 ×")
            line(f"task page, {size:,} tasks", records[-1], "ms", baseline, "aim ≤ 2.5 ×")
    line("ledger page, 100,000 tasks against 10,000", ledgers[1] / ledgers[0], "×", None, "aim ≤ 1.3 ×")
    line("task page, 100,000 tasks against 10,000", records[1] / records[0], "×", None, "aim ≤ 1.3 ×")
