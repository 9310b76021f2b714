"""Published results for anybody who has the address: no sign-in, only what was frozen, no search engines."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template
from werkzeug.wrappers import Response as BaseResponse

from supervisor.core import published
from supervisor.web.guard import public
from supervisor.web.publications import bytes_of

blueprint = Blueprint("public_pages", __name__, url_prefix="/public/<token>")

#: Of an address whose version was withdrawn: it was here, and is not any more.
GONE = 410


@blueprint.get("")
@public
def newest(token: str) -> BaseResponse:
    """The newest public version of a period."""
    return _page(published.public_version(token), token)


@blueprint.get("/<int:number>")
@public
def one(token: str, number: int) -> BaseResponse:
    """A version by its number; a replaced one says by what, and why."""
    return _page(published.public_version(token, number), token)


@blueprint.get("/<int:number>.<kind>")
@public
def file(token: str, number: int, kind: str) -> BaseResponse:
    """The frozen bytes of a version."""
    found = published.public_version(token, number)
    if found.publication.withdrawn_at is not None:
        return _page(found, token)
    return _hidden(bytes_of(found, kind))


def _page(found: published.Version, token: str) -> Response:
    withdrawn = found.publication.withdrawn_at is not None
    page = render_template("publications/public.html", found=found, token=token)
    return _hidden(make_response(page, GONE if withdrawn else 200))


def _hidden(answer: Response) -> Response:
    answer.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
