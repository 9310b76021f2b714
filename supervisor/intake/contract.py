"""The draft in the shape that contracts.md fixes for `intake FILE --json`."""

from datetime import date
from typing import Any

from supervisor.intake.draft import Deadline, Draft, OtherDeadline


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _due(item: Deadline | OtherDeadline) -> dict[str, Any]:
    return {"text": item.text, "date": _iso(item.date), "recur": item.recur}


def to_contract(draft: Draft) -> dict[str, Any]:
    """Return the JSON document of contracts.md, `intake`, with a few keys more."""
    paper = draft.document
    return {
        "title": paper.title,
        "issuer": paper.issuer,
        "doc_number": paper.doc_number,
        "doc_numbers": list(paper.doc_numbers),
        "issued": _iso(paper.issued),
        "published": _iso(paper.published),
        "tasks": [
            {
                "path": list(task.path), "number": task.number, "title": task.title, "lead": list(task.lead),
                "responsible": list(task.responsible), "deadlines": [_due(d) for d in task.deadlines],
                "line": task.place.line, "certain": task.certain,
            }
            for task in draft.tasks
        ],
        "members": [{"name": m.name, "role": m.role, "post": m.post, "unit": m.unit} for m in draft.members],
        "duties": [
            {
                "units": list(d.units), "text_starts": d.text[:15], "line": d.place.line,
                "clauses": [{"verb": c.verb, "text": c.text} for c in d.clauses],
            }
            for d in draft.duties
        ],
        "posts": [{"role": p.role, "post": p.post} for p in draft.posts],
        "other_deadlines": [{"where": o.where, **_due(o)} for o in draft.other_deadlines],
        "liaison": [{"text": r.text, "units": list(r.units), "count": r.count, "rank": r.rank} for r in draft.liaison],
        "collectives": [
            {"token": c.token, "definition": c.definition, "proposed": [p.name for p in c.proposed]}
            for c in draft.collectives
        ],
        "cadences": [{"text": c.text, "recur": c.recur, "what": c.what} for c in draft.cadences],
        "targets": [
            {"text": t.text, "value": str(t.value), "unit": t.unit_of_measure, "verb": t.verb, "due": _iso(t.due)}
            for t in draft.targets
        ],
        "reporting": [
            {
                "text": r.text, "units": list(r.units), "recipient": r.recipient, "what": r.what, "recur": r.recur,
                "date": _iso(r.date), "hour": r.hour, "line": r.place.line,
            }
            for r in draft.reporting
        ],
        "like_names": [{"one": n.one, "two": n.two, "reason": n.reason} for n in draft.like_names],
        "former_names": [{"old": n.old, "new": n.new, "line": n.place.line} for n in draft.former_names],
        "phases": [{"name": p.name, "from": _iso(p.begins), "to": _iso(p.ends)} for p in draft.phases],
        "succession": [s.text for s in draft.succession],
        "problems": [
            {"code": p.code, "message": p.message % p.params, "line": p.line, "grave": p.grave} for p in draft.problems
        ],
    }  # fmt: skip
