"""Administration: accounts, sign-ins, the audit trail. No business page is reached from here."""

from __future__ import annotations

import contextlib
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from supervisor.core import accounts as people
from supervisor.core import administration, audit, audit_words
from supervisor.core.permissions import Permission
from supervisor.errors import Invalid, NotFound
from supervisor.models import AdminRole, LinkPurpose, Role, User
from supervisor.web.forms import day_of, number, text_of, whole_of
from supervisor.web.guard import actor, config, now, once, requires, today
from supervisor.words import N_, Sentence

blueprint = Blueprint("admin", __name__, url_prefix="/admin")
Page = str | Response | tuple[str, int]
#: Administrators who may be made by hand; `all` is for the demo alone.
ADMINS = (AdminRole.SYSTEM, AdminRole.SECURITY, AdminRole.AUDIT)


@blueprint.get("/accounts")
@requires(Permission.ACCOUNT_ADMINISTER)
def accounts() -> str:
    """Everybody with an account."""
    return _accounts_page({})


@blueprint.post("/accounts")
@requires(Permission.ACCOUNT_ADMINISTER)
def create_account() -> Page:
    """Make an account, with its first role if one is chosen; the one-time link is shown once."""
    try:
        with once(answer=url_for("admin.accounts")):
            user = _create()
            token = people.issue_link(user, LinkPurpose.INVITE, by=actor(), now=now())
    except Invalid as error:
        return _accounts_page(error.fields or {"username": error.sentence}), error.status
    return _link_page(user, token)


@blueprint.get("/accounts/<int:user_id>")
@requires(Permission.ACCOUNT_ADMINISTER)
def account(user_id: int) -> str:
    """One account: posts, link, right to sign in."""
    return _account_page(user_id, {})


@blueprint.post("/accounts/<int:user_id>/link")
@requires(Permission.ACCOUNT_ADMINISTER)
def issue_link(user_id: int) -> str:
    """A fresh one-time link, shown once."""
    user = administration.account(actor(), user_id).user
    purpose = LinkPurpose.RESET if user.password_hash else LinkPurpose.INVITE
    with once(answer=_account_link(user_id)):
        token = people.issue_link(user, purpose, by=actor(), now=now())
    return _link_page(user, token)


@blueprint.post("/accounts/<int:user_id>/posts")
@requires(Permission.ACCOUNT_ADMINISTER)
def appoint(user_id: int) -> Page:
    """Give a post."""
    user = administration.account(actor(), user_id).user
    programmes, units = administration.programmes_and_units(actor())
    try:
        with once(answer=_account_link(user_id)):
            people.appoint(
                user, _role(text_of("role")), valid_from=day_of("valid_from"), by=actor(), now=now(),
                programme=next((p for p in programmes if p.id == whole_of("programme")), None),
                unit=next((u for u in units if u.id == whole_of("unit")), None),
            )  # fmt: skip
    except Invalid as error:
        return _account_page(user_id, error.fields or {"role": error.sentence}), error.status
    flash(_("The post has been given."), "done")
    return redirect(_account_link(user_id), 303)


@blueprint.post("/accounts/<int:user_id>/posts/<int:posting_id>/end")
@requires(Permission.ACCOUNT_ADMINISTER)
def end_post(user_id: int, posting_id: int) -> Response:
    """Let a post end today."""
    post = next((p for p in administration.account(actor(), user_id).posts if p.id == posting_id), None)
    if post is None:
        raise NotFound
    with once(answer=_account_link(user_id)):
        people.end_posting(
            post, day_of("last_day") or today(), by=actor(), now=now(), reason=text_of("reason")
        )
    flash(_("The post ends. What the person did stays with the unit."), "done")
    return redirect(_account_link(user_id), 303)


@blueprint.post("/accounts/<int:user_id>/active")
@requires(Permission.ACCOUNT_ADMINISTER)
def set_active(user_id: int) -> Page:
    """End or give back the right to sign in."""
    user = administration.account(actor(), user_id).user
    reason = text_of("reason")
    if not reason:
        return _account_page(user_id, {"reason": N_("Say why: it stays in the audit trail.")}), 422
    with once(answer=_account_link(user_id)):
        (people.disable_user if user.active else people.enable_user)(
            user, by=actor(), now=now(), reason=reason
        )
    flash(_("Saved."), "done")
    return redirect(_account_link(user_id), 303)


@blueprint.get("/sessions")
@requires(Permission.SECURITY_ADMINISTER)
def sessions() -> str:
    """Open sign-ins and failed attempts."""
    return render_template(
        "admin/sessions.html",
        page=administration.sessions_page(actor(), before=request.args.get("before", 0, number)),
        attempts=administration.failed_attempts(actor(), now=now()),
    )


@blueprint.post("/sessions/<int:session_id>/end")
@requires(Permission.SECURITY_ADMINISTER)
def end_session(session_id: int) -> Response:
    """End somebody's sign-in."""
    session = administration.open_session(actor(), session_id)
    with once(answer=url_for("admin.sessions")):
        people.end_session(session, by=actor(), now=now(), reason="security")
    flash(_("The sign-in has been ended."), "done")
    return redirect(url_for("admin.sessions"), 303)


@blueprint.get("/audit", endpoint="audit")
@requires(Permission.AUDIT_READ)
def show_audit() -> str:
    """The audit trail, filtered."""
    return _audit_page()


@blueprint.post("/audit")
@requires(Permission.AUDIT_READ)
def verify() -> str:
    """Recompute the whole chain and say whether it holds."""
    found = audit.verify_chain()
    return _audit_page(checked=True, broken=found)


def _create() -> User:
    given = text_of("given")
    admin = next((role for role in ADMINS if f"admin:{role.value}" == given), None)
    user = people.create_user(
        text_of("username"), text_of("name"), post=text_of("post"), email=text_of("email"), phone=text_of("phone"),
        admin_role=admin, by=actor(), now=now(),
    )  # fmt: skip
    if given == "founder":
        people.appoint(user, Role.LEAD_OFFICE, by=actor(), now=now())
    return user


def _role(value: str) -> Role:
    try:
        return Role(value)
    except ValueError:
        wrong = N_("Choose a role.")
        raise Invalid(wrong, {"role": wrong}) from None


def _accounts_page(errors: dict[str, Sentence]) -> str:
    page = administration.accounts_page(
        actor(), q=request.args.get("q", ""), after=request.args.get("after", 0, number)
    )
    return render_template("admin/accounts.html", page=page, admins=ADMINS, errors=errors)


def _account_page(user_id: int, errors: dict[str, Sentence]) -> str:
    programmes, units = administration.programmes_and_units(actor())
    return render_template(
        "admin/account.html",
        account=administration.account(actor(), user_id),
        roles=[(role.value, role.label) for role in Role],
        programmes=programmes,
        units=units,
        errors=errors,
    )


def _link_page(user: User, token: str) -> str:
    base = config().public_url + url_for("auth.link", token="")
    return render_template("admin/link.html", person=user, link=base + token)


def _account_link(user_id: int) -> str:
    return url_for("admin.account", user_id=user_id)


def _audit_page(**result: object) -> str:
    day = None
    with contextlib.suppress(ValueError):  # a mistyped day in the address filters nothing
        day = date.fromisoformat(request.args.get("day", ""))
    page = administration.audit_page(
        actor(),
        action=request.args.get("action", ""),
        person=request.args.get("person", ""),
        day=day,
        before=request.args.get("before", 0, number),
    )
    actions = administration.audit_actions(actor())
    return render_template(
        "admin/audit.html",
        page=page,
        actions=actions,
        head=audit.read_head(),
        act_words=audit_words.act_words,
        role_words=audit_words.role_words,
        subject_words=audit_words.subject_words,
        **result,
    )
