"""Robots of a programme: what each says to whom, set-up, try-out, pause and end. Keys are typed, never shown."""

from __future__ import annotations

import enum
from typing import TypeVar

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from supervisor import jobs
from supervisor.core import outbound, outbox, robots, units
from supervisor.core.permissions import Permission
from supervisor.core.robots import Setup
from supervisor.errors import Invalid
from supervisor.models import ROBOT_CHANNELS, Audience, Channel, Message, MessageState, Robot
from supervisor.web.forms import chosen, text_of, version_seen, whole_of
from supervisor.web.guard import actor, config, now, once, programme, requires
from supervisor.web.languages import said
from supervisor.words import Sentence

blueprint = Blueprint("robots", __name__, url_prefix="/p/<int:programme_id>/robots")
Page = str | Response | tuple[str, int]
Choice = TypeVar("Choice", bound=enum.StrEnum)


@blueprint.get("")
@requires(Permission.ROBOT_EDIT)
def index(programme_id: int) -> str:
    """The programme's robots with what each last said."""
    return _list({}, None)


@blueprint.get("/new")
@requires(Permission.ROBOT_EDIT)
def new(programme_id: int) -> str:
    """The form of a new robot."""
    return _form(None, {})


@blueprint.post("/new")
@requires(Permission.ROBOT_EDIT)
def create(programme_id: int) -> Page:
    """Set up a robot."""
    here = url_for("robots.index", programme_id=programme_id)
    try:
        setup = _typed()
        keys = robots.read_keys(
            setup, programme(), None, config()
        )  # asks where a host is: before any transaction
        with once(answer=here):
            robots.set_up(programme(), setup, keys, by=actor(), now=now())
    except Invalid as error:
        return _form(None, error.fields or {"name": error.sentence}), error.status
    flash(_("The robot is set up. Send a test message to see whether its group is reached."), "done")
    return redirect(here, 303)


@blueprint.get("/<int:robot_id>")
@requires(Permission.ROBOT_EDIT)
def show(programme_id: int, robot_id: int) -> str:
    """The form of a robot; its key stays out of sight."""
    return _form(robots.get_robot(robot_id, programme()), {})


@blueprint.post("/<int:robot_id>")
@requires(Permission.ROBOT_EDIT)
def change(programme_id: int, robot_id: int) -> Page:
    """Change a robot."""
    robot = robots.get_robot(robot_id, programme())
    here = url_for("robots.index", programme_id=programme_id)
    try:
        setup = _typed()
        keys = robots.read_keys(setup, programme(), robot, config())
        with once(answer=here):
            robots.change(robot, setup, keys, seen=version_seen(), by=actor(), now=now())
    except Invalid as error:
        return _form(robot, error.fields or {"name": error.sentence}), error.status
    flash(_("The robot has been changed."), "done")
    return redirect(here, 303)


@blueprint.post("/<int:robot_id>/try")
@requires(Permission.ROBOT_EDIT)
def try_out(programme_id: int, robot_id: int) -> Page:
    """Send a test message now and say what came of it."""
    robot = robots.get_robot(robot_id, programme())
    here = url_for("robots.index", programme_id=programme_id)
    with once(answer=here):
        message_id = robots.write_test(robot, by=actor(), now=now())
    state = outbox.deliver_one(jobs.sender_of(config()), message_id, now())  # after the commit
    flash(*_result(state, Message.get_by_id(message_id)))
    return redirect(here, 303)


def _result(state: MessageState | None, message: Message) -> tuple[str, str]:
    if state is MessageState.SENT:
        return _("The test message has arrived: the other side confirmed it."), "done"
    if state is MessageState.KEPT:
        return _("The test message was kept here: nothing leaves a sandbox."), "done"
    if state is None:
        return _(
            "The robot has said as much as it may in a minute. The test goes out with a later pass."
        ), "warn"
    why = " ".join(said(line) for line in message.error.splitlines())
    unsure = message.error.partition("\n")[0] in {outbound.SILENT.msgid, outbound.BROKE_OFF.msgid}
    if state is MessageState.UNKNOWN or unsure:
        return _(
            "Whether the test message arrived is not known: look on the other side. %(why)s", why=why
        ), "warn"
    return _("The test message did not arrive. %(why)s", why=why), "warn"


@blueprint.post("/<int:robot_id>/pause")
@requires(Permission.ROBOT_EDIT)
def pause(programme_id: int, robot_id: int) -> Page:
    """Let a robot be silent."""
    return _decide(robot_id, robots.pause, _("The robot is paused."))


@blueprint.post("/<int:robot_id>/resume")
@requires(Permission.ROBOT_EDIT)
def resume(programme_id: int, robot_id: int) -> Page:
    """Let it speak again."""
    return _decide(robot_id, robots.resume, _("The robot speaks again."))


@blueprint.post("/<int:robot_id>/revoke")
@requires(Permission.ROBOT_EDIT)
def revoke(programme_id: int, robot_id: int) -> Page:
    """End a robot for good."""
    return _decide(robot_id, robots.revoke, _("The robot is revoked and its key wiped here."))


def _decide(robot_id: int, verb: robots.Decision, done: str) -> Page:
    robot = robots.get_robot(robot_id, programme())
    here = url_for("robots.index", programme_id=programme().id)
    try:
        with once(answer=here):
            verb(robot, text_of("reason"), by=actor(), now=now())
    except Invalid as error:
        return _list(error.fields or {"reason": error.sentence}, robot.id), error.status
    flash(done, "done")
    return redirect(here, 303)


def _typed() -> Setup:
    return Setup(
        name=text_of("name"),
        channel=_choice(Channel, "channel"),
        credential=text_of("credential"),
        secret=text_of("secret"),
        audience=_choice(Audience, "audience"),
        group_id=whole_of("group"),
        unit_ids=tuple(chosen("units")),
        kinds=tuple(request.form.getlist("kinds")),
        language=text_of("language"),
        reason=text_of("reason"),
    )


def _choice(of: type[Choice], name: str) -> Choice | None:
    try:
        return of(text_of(name))
    except ValueError:
        return None


def _list(errors: dict[str, Sentence], failed: int | None) -> str:
    found = robots.robots_of(programme())
    return render_template(
        "robots/index.html",
        robots=found,
        last=robots.last_messages(found),
        counted=robots.unit_counts(found),
        kinds=robots.KINDS,
        wecom_url=config().wecom_url,
        dingtalk_url=config().dingtalk_url,
        errors=errors,
        failed=failed,
    )


def _form(robot: Robot | None, errors: dict[str, Sentence]) -> str:
    return render_template(
        "robots/form.html",
        robot=robot,
        channels=ROBOT_CHANNELS,
        audiences=list(Audience),
        kinds=robots.KINDS,
        groups=robots.groups_of(programme()),
        units=units.units_of(programme().id) or units.register_of(programme()),
        ticked=chosen("units") if errors else (robots.units_of(robot) if robot else []),
        errors=errors,
    )
