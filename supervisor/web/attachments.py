"""Files: taken with a form, kept while the form is mended, downloaded through the record they belong to."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, request, send_file
from werkzeug.wrappers import Response

from supervisor.core import attachments
from supervisor.core.permissions import Permission
from supervisor.errors import NotFound
from supervisor.models import Attachment
from supervisor.web.guard import actor, config, now, requires

blueprint = Blueprint("attachments", __name__)


def folder() -> Path:
    """Where files live."""
    return config().data / "files"


def taken_files(name: str) -> list[int]:
    """Ids of the files of a form's field: those kept from an earlier try and those just chosen.

    Files are stored before the form is judged, so that a mistake elsewhere does not lose them; the ids go
    into the form again (`kept_files`). Raises Invalid for a file that is not taken.
    """
    chosen = [file for file in request.files.getlist(name) if file.filename]
    kept = _kept_ids(name)
    for file in chosen:
        row = attachments.store(
            file.read(),
            file.filename or "",
            folder=folder(),
            limit=config().upload_limit,
            by=actor(),
            now=now(),
        )
        kept.append(row.id)
    _remember(name, kept)
    return kept


def kept_files(name: str = "files") -> list[Attachment]:
    """The files that a form being mended already has."""
    return attachments.own_unlinked(_kept_ids(name), actor())


def _kept_ids(name: str) -> list[int]:
    remembered: dict[str, list[int]] = request.environ.get("dukao.files", {})
    if name in remembered:
        return list(remembered[name])
    return [int(key) for key in request.form.getlist(f"{name}-kept") if key.isascii() and key.isdigit()]


def _remember(name: str, ids: list[int]) -> None:
    request.environ.setdefault("dukao.files", {})[name] = list(ids)


@blueprint.get("/p/<int:programme_id>/attachments/<int:attachment_id>")
@requires(Permission.REPORT_READ)
def download(programme_id: int, attachment_id: int) -> Response:
    """A file, always as a download, never shown by the browser inside our origin."""
    row = attachments.get_visible(attachment_id, actor())
    path = folder() / row.sha256[:2] / row.sha256
    if not path.is_file():
        raise NotFound
    answer = send_file(
        path, mimetype=row.media_type, as_attachment=True, download_name=row.filename, max_age=0
    )
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer
