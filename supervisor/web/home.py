"""Where a person begins: their newest programme, seen by their role."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from supervisor.clock import beijing_date
from supervisor.core import (
    assessor_desk,
    case_pages,
    decisions,
    ladder_pages,
    leader_home,
    list_pages,
    office_home,
    overview,
    score_pages,
    suspensions,
    unit_home,
    viewing_pages,
)
from supervisor.core.permissions import Actor, Permission
from supervisor.models import Role
from supervisor.web import guard
from supervisor.web.guard import requires

blueprint = Blueprint("home", __name__)

#: Views of the home page, in the order of precedence, and who has them.
VIEWS = {
    "leader": frozenset({Role.LEADER, Role.INSPECTOR}),
    "office": frozenset({Role.LEAD_OFFICE}),
    "assessor": frozenset({Role.ASSESSOR}),
    "unit": frozenset({Role.LIAISON, Role.UNIT_HEAD}),
    "judge": frozenset({Role.JUDGE}),
}
#: Where each administrator begins.
ADMIN_PAGES = (
    (Permission.ACCOUNT_ADMINISTER, "admin.accounts"),
    (Permission.SECURITY_ADMINISTER, "admin.sessions"),
    (Permission.AUDIT_READ, "admin.audit"),
)


@blueprint.get("/")
@requires(Permission.APPEARANCE_CHOOSE)
def index() -> str | Response:
    """On to the newest programme; else what this person can begin with."""
    programmes = overview.programmes_of(guard.actor(), now=guard.now())
    if programmes:
        return redirect(url_for("home.programme", programme_id=programmes[0].id))
    for permission, endpoint in ADMIN_PAGES:
        if guard.actor().may(permission):
            return redirect(url_for(endpoint))
    return render_template("home/start.html", may_found=guard.actor().may(Permission.PROGRAMME_CREATE))


@blueprint.get("/p/<int:programme_id>/")
@requires(Permission.PROGRAMME_READ)
def programme(programme_id: int) -> str:
    """The programme as this person's role needs to see it; several roles are tabs."""
    views = [name for name, roles in VIEWS.items() if roles & guard.actor().roles]
    asked = request.args.get("as", "")
    view = asked if asked in views else views[0]
    return render_template(f"home/{view}.html", views=views, view=view, **_content(view, guard.actor()))


def _content(view: str, actor: Actor) -> dict[str, object]:
    now, programme = guard.now(), guard.programme()
    if view == "office":
        # Whether passes still run is a question to the machine's own clock, not to a trial clock (D34).
        beat = office_home.pulse(machine_now=datetime.now(UTC), tick_seconds=guard.config().tick_seconds)
        suspended = suspensions.waiting(programme.id, today=beijing_date(now))
        home = office_home.office_home(actor, now=now, pulse_now=beat)
        return {"home": home, "suspended": suspended, "ladder": ladder_pages.waits(actor, now=now)}
    if view == "unit":
        matters = ladder_pages.to_do(actor, limit=unit_home.SHORT)
        return {
            "home": unit_home.unit_home(actor, programme, now=now),
            "matters": matters,
            "nominations": list_pages.open_to(programme, actor, now),
        }
    if view == "assessor":
        periods = score_pages.periods(programme, by=actor, now=now)
        return {
            "periods": periods,
            "desk": assessor_desk.desk(actor, programme, periods.rows, now=now),
        }
    if view == "judge":
        return {"calls": viewing_pages.calls_of(actor)}
    if view == "leader":
        return {
            "home": leader_home.leader_home(programme, now=now),
            "label_of": decisions.label_of,
            "cases": case_pages.waiting(actor),
            "lists": list_pages.waiting(actor),
        }
    return {}
