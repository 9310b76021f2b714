"""Papers drafted from frozen data (季通报): the list, a draft with figures and preview, the issue, the Word file."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from supervisor.core import issued_papers, paper_figures, papers
from supervisor.core.papers import Words
from supervisor.core.permissions import Permission
from supervisor.core.scored_periods import scored_period
from supervisor.errors import Invalid
from supervisor.models import DraftedPaper, PaperKind
from supervisor.web.exports import sent
from supervisor.web.forms import text_of, whole_of
from supervisor.web.guard import actor, now, once, programme, requires

blueprint = Blueprint("papers", __name__, url_prefix="/p/<int:programme_id>/papers")
Page = str | Response | tuple[str, int]


@blueprint.get("")
@requires(Permission.CIRCULAR_READ)
def index(programme_id: int) -> str:
    """What was issued, and for the office its drafts and the periods to begin with."""
    rows = papers.listed(programme(), actor(), now=now())
    edits = actor().may(Permission.CIRCULAR_EDIT)
    return render_template(
        "papers/index.html",
        rows=rows,
        label=lambda row: scored_period(row.about).label,
        numbers=issued_papers.numbers_of("drafted_paper", [row.id for row in rows]),
        periods=[scored_period(row.key) for row in papers.closed_periods(programme())] if edits else [],
    )


@blueprint.post("")
@requires(Permission.CIRCULAR_EDIT)
def draft(programme_id: int) -> Page:
    """Begin the circular on a closed period."""
    with once(answer=url_for("papers.index", programme_id=programme_id)):
        made = papers.draft(programme(), PaperKind.PERIOD_CIRCULAR, text_of("about"), by=actor(), now=now())
    return redirect(url_for("papers.show", programme_id=programme_id, paper_id=made.id), 303)


@blueprint.get("/<int:paper_id>")
@requires(Permission.CIRCULAR_READ)
def show(programme_id: int, paper_id: int) -> Page:
    """A paper as it reads, and for the office its draft to edit."""
    return _page(papers.get_visible(paper_id, actor(), now=now()))


def _page(paper: DraftedPaper, wrong: Invalid | None = None) -> Page:
    content, issued = papers.content_of(paper, now=now()), paper.issued_at is not None
    edits = not issued and actor().may(Permission.CIRCULAR_EDIT)
    page = render_template(
        "papers/show.html",
        paper=paper,
        content=content,
        edits=edits,
        seal=papers.seal_of(content),
        figures=papers.drawn_up(paper).figures if edits else {},
        typed_figures=paper_figures.typed_figures(paper.text) if edits else [],
        overtaken=edits and papers.is_overtaken(paper, by=actor(), now=now()),
        holds=papers.verify(paper) if issued else True,
        errors=wrong.fields if wrong else {},
        typed=request.form if wrong else {},
    )
    return (page, 422) if wrong else page


@blueprint.post("/<int:paper_id>")
@requires(Permission.CIRCULAR_EDIT)
def act(programme_id: int, paper_id: int) -> Page:
    """Keep the text, draw the figures up anew, or issue the paper."""
    paper = papers.get_visible(paper_id, actor(), now=now())
    paper.version = whole_of("seen_version") or 0
    answer = url_for("papers.show", programme_id=programme_id, paper_id=paper_id)
    try:
        with once(answer=answer):
            said = _act(paper)
    except Invalid as wrong:
        return _page(paper, wrong)
    flash(said, "done")
    return redirect(answer, 303)


def _act(paper: DraftedPaper) -> str:
    verb = text_of("verb")
    if verb == "issue":
        papers.issue(paper, seen=text_of("seal"), by=actor(), now=now())
        return str(_("Issued: the circular is in the inboxes of all units and will not change any more."))
    if verb == "redraft":
        papers.redraft(paper, by=actor(), now=now())
        return str(_("The figures are drawn up anew; your text stayed. Read it again."))
    words = Words(*(text_of(name) for name in ("title", "addressees", "text", "remark")))
    papers.edit(paper, words, by=actor(), now=now())
    return str(_("The draft is kept. Below it reads as it would go out."))


@blueprint.get("/<int:paper_id>.docx")
@requires(Permission.CIRCULAR_READ)
def export(programme_id: int, paper_id: int) -> Response:
    """As a Word document."""
    return sent(papers.export(papers.get_visible(paper_id, actor(), now=now()), by=actor(), now=now()))
