"""The office's message centre: what was sent, failed, waits, and what it looks like."""

from __future__ import annotations

import enum
from datetime import date
from typing import TypeVar

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from supervisor.core import mailbox, reminders, robot_words
from supervisor.core.permissions import Permission
from supervisor.models import Channel, MessageKind, MessageState
from supervisor.web import guard
from supervisor.web.forms import number
from supervisor.web.guard import once, requires

blueprint = Blueprint("messages", __name__)
Choice = TypeVar("Choice", bound=enum.StrEnum)

#: The filters of the message centre: what the address says, and the states behind it.
SHOWN = {
    "trouble": mailbox.TROUBLED,
    "dead": (MessageState.DEAD,),
    "unknown": (MessageState.UNKNOWN,),
    "retry": (MessageState.RETRY,),
    "waiting": mailbox.WAITING,
    "sent": (MessageState.SENT,),
    "kept": (MessageState.KEPT,),
    "cancelled": (MessageState.CANCELLED,),
}


@blueprint.get("/p/<int:programme_id>/outbox")
@requires(Permission.OUTBOX_READ)
def outbox(programme_id: int) -> str:
    """What the programme's people were told, by state, channel, kind and day."""
    show = request.args.get("show", "")
    found = mailbox.outbox(
        guard.actor(),
        states=SHOWN.get(show, ()),
        channel=_choice(Channel, "channel"),
        kind=_choice(MessageKind, "kind"),
        day=_day(),
        before=request.args.get("before", type=number),
    )
    return render_template(
        "messages/outbox.html",
        found=found,
        counts=mailbox.counts(guard.actor()),
        show=show,
        kinds=list(MessageKind),
        channels=list(Channel),
        has_server=bool(guard.config().smtp_url),
    )


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
        stage_words=reminders.stage_words,
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


def _choice(of: type[Choice], name: str) -> Choice | None:
    try:
        return of(request.args.get(name, ""))
    except ValueError:
        return None


def _day() -> date | None:
    try:
        return date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return None
