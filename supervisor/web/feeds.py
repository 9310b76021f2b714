"""The calendar in a person's own program: the page where its address is made and ended, and the address itself."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from supervisor.core import feeds
from supervisor.core.permissions import Permission
from supervisor.errors import Refused
from supervisor.web.guard import actor, config, now, once, public, requires, source_ip, user
from supervisor.words import N_

blueprint = Blueprint("feeds", __name__)


@blueprint.get("/me/calendar")
@requires(Permission.APPEARANCE_CHOOSE)
def mine() -> str:
    """Whether I have an address, since when, and when it was last read."""
    return render_template("calendar/feed.html", feed=feeds.feed_of(user()), address="")


@blueprint.post("/me/calendar")
@requires(Permission.APPEARANCE_CHOOSE)
def renew() -> str:
    """A new address, shown this once; none inside a sandbox, whose deadlines are nobody's."""
    if config().is_sandbox:
        raise Refused(N_("Nothing leaves a sandbox: it has no calendar addresses."))
    with once(answer=url_for("feeds.mine")):
        token = feeds.renew(user(), by=actor(), now=now())
    address = config().public_url + url_for("feeds.read", token=token)
    return render_template("calendar/feed.html", feed=feeds.feed_of(user()), address=address)


@blueprint.post("/me/calendar/revoke")
@requires(Permission.APPEARANCE_CHOOSE)
def revoke() -> Response:
    """End the address at once."""
    with once(answer=url_for("feeds.mine")):
        feeds.revoke(user(), by=actor(), now=now())
    flash(_("The address no longer answers."), "done")
    return redirect(url_for("feeds.mine"), 303)


@blueprint.get("/feed/<token>.ics")
@public
def read(token: str) -> Response:
    """The calendar behind a secret address; 404 for every address that is not one."""
    answer = make_response(feeds.read(token, ip=source_ip(), now=now(), public_url=config().public_url))
    answer.headers["Content-Type"] = "text/calendar; charset=utf-8"
    answer.headers["Content-Disposition"] = 'inline; filename="dukao.ics"'
    return answer
