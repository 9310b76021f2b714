"""The next thirty days of reminders before they go, and pausing them with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from supervisor.core import coming_reminders, obligations, pauses, rule_changes, units
from supervisor.core.calendar import load_calendar
from supervisor.core.permissions import Permission
from supervisor.core.reminders import may_go_out
from supervisor.errors import Invalid
from supervisor.models import ReminderPause
from supervisor.web.forms import day_of, number, text_of, whole_of
from supervisor.web.guard import actor, now, once, programme, requires, today
from supervisor.words import Sentence

blueprint = Blueprint("reminders", __name__)
PLACE = "/p/<int:programme_id>/reminders"
Answer = str | Response | tuple[str, int]


@blueprint.get(PLACE)
@requires(Permission.OUTBOX_READ)
def index(programme_id: int) -> str:
    """What will be sent, day by day; one day in full; and what is held back."""
    return _page()


@blueprint.post(f"{PLACE}/pauses")
@requires(Permission.SETTINGS_EDIT)
def pause(programme_id: int) -> Answer:
    """Hold reminders back from a day to a day."""
    rule_id = whole_of("rule")
    rule = rule_changes.get(rule_id, programme()) if rule_id else None
    try:
        with once(answer=url_for("reminders.index", programme_id=programme_id)):
            pauses.pause(
                programme(), rule, from_on=day_of("from_on"), until_on=day_of("until_on"), reason=text_of("reason"),
                by=actor(), now=now(),
            )  # fmt: skip
    except Invalid as error:
        return _page(error.fields), error.status
    flash(
        _("Held back. What falls due meanwhile goes out as one message on the first working day after it."),
        "done",
    )
    return redirect(url_for("reminders.index", programme_id=programme_id), 303)


@blueprint.post(f"{PLACE}/pauses/<int:pause_id>/end")
@requires(Permission.SETTINGS_EDIT)
def resume(programme_id: int, pause_id: int) -> Answer:
    """Let reminders go out again before the pause's last day."""
    row = pauses.get(pause_id, programme())
    try:
        with once(answer=url_for("reminders.index", programme_id=programme_id)):
            pauses.resume(row, reason=text_of("end_reason"), by=actor(), now=now())
    except Invalid as error:
        return _page(error.fields, ending=row), error.status
    flash(_("Reminders go out again."), "done")
    return redirect(url_for("reminders.index", programme_id=programme_id), 303)


def _page(errors: Mapping[str, Sentence] | None = None, ending: ReminderPause | None = None) -> str:
    days = coming_reminders.coming(programme(), now=now())
    told = {line.unit_id: line.unit_name for day in days for letter in day.letters for line in letter.lines}
    roster = [row.id for row in units.units_of(programme().id)]
    # A unit that only a rule names stands behind those of the roster.
    names = {
        key: told[key] for key in [*(key for key in roster if key in told), *sorted(set(told) - set(roster))]
    }
    unit = request.args.get("unit", type=number)
    if unit in names:
        days = [day.of_unit(unit) for day in days]
    chosen = next((day for day in days if day.day == _day() and day.letters), None)
    return render_template(
        "reminders/index.html", days=days, chosen=chosen, units=names, unit=unit, errors=errors or {}, ending=ending,
        sent=may_go_out(now(), load_calendar()), held=pauses.pauses_of(programme(), today()),
        rules=[(rule.id, rule.name) for rule in obligations.rules_in_force(programme().id)],
    )  # fmt: skip


def _day() -> date | None:
    try:
        return date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return None
