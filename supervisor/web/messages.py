"""The office's message centre: what was sent, failed, waits; how it stands day by day; and sending again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from supervisor.core import delivery_figures, mailbox, office_home, reminder_stages, robot_words, robots
from supervisor.core.permissions import Permission
from supervisor.models import Channel, MessageKind, MessageState
from supervisor.web import guard
from supervisor.web.address import choice_in, cursor_in, day_in
from supervisor.web.forms import chosen, number
from supervisor.web.guard import once, requires

blueprint = Blueprint("messages", __name__)

#: The filters of the message centre: what the address says, and the states behind it.
SHOWN = {
    "trouble": mailbox.TROUBLED,
    "asking": mailbox.ASKING,
    "dead": (MessageState.DEAD,),
    "unknown": (MessageState.UNKNOWN,),
    "retry": (MessageState.RETRY,),
    "waiting": mailbox.WAITING,
    "sent": (MessageState.SENT,),
    "kept": (MessageState.KEPT,),
    "cancelled": (MessageState.CANCELLED,),
    #: Of the inbox alone.
    "read": (MessageState.SENT,),
}
#: Characters of the name that is looked for.
NAME_LONGEST = 80
#: The address's names of the filter's parts.
FILTERS = ("show", "channel", "kind", "day", "from", "to", "robot", "name", "unit")


@blueprint.get("/p/<int:programme_id>/outbox")
@requires(Permission.OUTBOX_READ)
def outbox(programme_id: int) -> str:
    """What asks for the office first, then the last days by channel, then what the programme's people were told."""
    actor, config, wanted = guard.actor(), guard.config(), _filter()
    narrows = wanted != mailbox.Filter()
    return render_template(
        "messages/outbox.html",
        found=mailbox.outbox(actor, wanted, after=cursor_in("before")),
        asking=None if narrows else mailbox.outbox(actor, mailbox.Filter(states=mailbox.ASKING)),
        figures=None if narrows else delivery_figures.figures(actor, guard.today()),
        counts=mailbox.counts(actor),
        pulse=office_home.pulse(machine_now=datetime.now(UTC), tick_seconds=config.tick_seconds),
        wanted=wanted,
        narrows=narrows,
        has_server=bool(config.smtp_url),
        trouble=mailbox.mail_trouble() if config.smtp_url else None,
        **_choices(),
    )


@blueprint.post("/p/<int:programme_id>/outbox")
@requires(Permission.OUTBOX_READ)
def send_chosen(programme_id: int) -> Response:
    """Put the chosen messages back into the line, all or none."""
    same: dict[str, Any] = {name: request.args[name] for name in FILTERS if request.args.get(name)}
    answer = url_for("messages.outbox", programme_id=programme_id, **same)
    with once(answer):
        count = mailbox.send_chosen_again(chosen("message"), by=guard.actor(), now=guard.now())
    flash(
        ngettext(
            "%(num)d message will be sent with the next pass.",
            "%(num)d messages will be sent with the next pass.",
            count,
        ),
        "done",
    )
    return redirect(answer, 303)


@blueprint.get("/p/<int:programme_id>/outbox/<int:message_id>")
@requires(Permission.OUTBOX_READ)
def show(programme_id: int, message_id: int) -> str:
    """One message as its receiver sees it, with what became of it."""
    message = mailbox.one(message_id, guard.actor())
    return render_template(
        "messages/message.html",
        message=message,
        carried=mailbox.carried(message, guard.actor()),
        mail_from=guard.config().mail_from,
        base_url=guard.config().public_url,
        may_send=message.channel is not Channel.INBOX and message.state in _again(message.channel),
        arrived_too=message.state is MessageState.UNKNOWN,
        robot_text=robot_words.text_of(message, guard.config().public_url) if message.robot else "",
        tries=mailbox.tries(message),
        stage_words=reminder_stages.stage_words,
        sealed=message.kind is MessageKind.INVITATION,
    )


@blueprint.post("/p/<int:programme_id>/outbox/<int:message_id>/again")
@requires(Permission.OUTBOX_READ)
def send_again(programme_id: int, message_id: int) -> Response:
    """Put a message back into the line."""
    answer = url_for("messages.show", programme_id=programme_id, message_id=message_id)
    message = mailbox.one(message_id, guard.actor())
    with once(answer):
        mailbox.send_again(message, by=guard.actor(), now=guard.now())
    flash(_("It will be sent with the next pass."), "done")
    return redirect(answer, 303)


@blueprint.post("/p/<int:programme_id>/outbox/<int:message_id>/settle")
@requires(Permission.OUTBOX_READ)
def settle(programme_id: int, message_id: int) -> Response:
    """Somebody looked into the group: the message is there."""
    answer = url_for("messages.show", programme_id=programme_id, message_id=message_id)
    message = mailbox.one(message_id, guard.actor())
    with once(answer):
        mailbox.settle(message, by=guard.actor(), now=guard.now())
    flash(_("Noted: it has arrived."), "done")
    return redirect(answer, 303)


def _again(channel: Channel) -> list[MessageState]:
    # Without a way out what was kept could only be kept once more.
    has_server = not guard.config().is_sandbox and (channel.is_robot or bool(guard.config().smtp_url))
    return [state for state in mailbox.AGAIN if has_server or state is not MessageState.KEPT]


def _choices() -> dict[str, Any]:
    """What the filters offer."""
    return {
        "show": request.args.get("show", ""),
        "kinds": list(MessageKind),
        "channels": list(Channel),
        "robots": robots.robots_of(guard.programme()),
        "units": mailbox.units_told(guard.actor()),
        "most_people": mailbox.RECEIVERS,
        "again": _again,
    }


def _filter() -> mailbox.Filter:
    """What the address asks for; what cannot be read there is left out."""
    show, day = request.args.get("show", ""), day_in("day")
    return mailbox.Filter(
        states=SHOWN.get(show, ()),
        channel=Channel.INBOX if show == "read" else choice_in(Channel, "channel"),
        kind=choice_in(MessageKind, "kind"),
        first=day or day_in("from"),
        last=day or day_in("to"),
        robot_id=request.args.get("robot", type=number),
        read=show == "read",
        name=request.args.get("name", "").strip()[:NAME_LONGEST],
        unit_id=request.args.get("unit", type=number),
    )
