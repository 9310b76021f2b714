"""What the tests of the walk share: the notice, its programme on the way, and who complains."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from playwright.sync_api import Page

from supervisor.core import accounts, corrections, documents, item_corrections, plans, units
from supervisor.core.permissions import Actor
from supervisor.models import Document, GroupKind, Plan, Programme, Role, Unit, User
from supervisor.words import say
from tests import builders

ROOT = Path(__file__).resolve().parents[2]
SEED = ROOT.parent / "shared" / "seeds" / "004_719d6977e258f7fe.txt"
OWN = ROOT / "supervisor" / "demo" / "street-renewal.txt"
PASSWORD = "Xiangdong-2021"


@dataclass(frozen=True)
class Notice:
    """A notice to walk with: what reading and issuing it must give."""

    path: Path
    tasks: int
    units: int
    leads: int
    responsible: int
    #: A moment soon after its date.
    now: datetime
    #: A unit that leads a task.
    unit: str
    #: The rank that the notice wants of liaison officers; empty = it says nothing.
    rank: str = ""


STREET = Notice(OWN, 14, 44, 42, 123, builders.at("2025-07-03 09:00"), "市城市管理局")
NOTICE = (
    Notice(SEED, 11, 41, 67, 195, builders.at("2021-03-22 09:00"), "市民政局", "处级")
    if SEED.exists()
    else STREET
)


def zh(msgid: str, **params: object) -> str:
    """The Chinese of a sentence of ours."""
    text = say(msgid, "zh_CN")
    return text % params if params else text


@dataclass
class Complaints:
    """What a page says against itself: errors in the console, requests that leave this machine."""

    errors: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def listen(self, page: Page) -> Complaints:
        page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda asked: None if _is_ours(asked.url) else self.strangers.append(asked.url))
        return self


def _is_ours(url: str) -> bool:
    return url.startswith(("http://127.0.0.1:", "data:", "blob:", "about:"))


@dataclass(frozen=True)
class Issued:
    """A programme whose plan is issued, with its office and the liaison officer of one unit."""

    programme: Programme
    plan: Plan
    office: User
    liaison: User
    unit: Unit


def adopted(notice: Notice) -> tuple[Programme, Plan, User, Actor]:
    """The notice read, its collective names confirmed, adopted: by the verbs, as the pages call them."""
    now = notice.now
    programme = builders.programme("老旧小区改造", now=now)
    office = builders.user("office", Role.LEAD_OFFICE, programme, name="许晏清", now=now)
    by = accounts.actor_for(office, programme.id, now=now)
    data = notice.path.read_bytes()
    draft = documents.read_notice(data, notice.path.name)
    kept = documents.receive(programme, draft, data, notice.path.name, again=False, by=by, now=now)
    for place, collective in enumerate(corrections.ledger_of(kept).collectives):
        kept = Document.get_by_id(kept.id)
        everybody = range(len(collective.members))
        item_corrections.confirm_members(
            kept, place, ticked=everybody, notes={}, added=[], seen=kept.version, by=by, now=now
        )
    kept = Document.get_by_id(kept.id)
    plan = plans.adopt(kept, seen=kept.version, by=by, now=now)
    placed = {
        member.unit_id: group.name
        for group, members in units.groups_of(programme.id, GroupKind.ASSESSMENT)
        for member in members
    }
    units.arrange_groups(programme, placed, by=by, now=now)
    return programme, plan, office, by


def issued(notice: Notice = STREET) -> Issued:
    """The plan issued to its units, of which one has a liaison officer."""
    programme, plan, office, by = adopted(notice)
    unit = Unit.get(Unit.name == notice.unit)
    liaison = builders.user("liaison", Role.LIAISON, programme, unit, name="成观澜", now=notice.now)
    plans.issue(plan, by=by, now=notice.now)
    return Issued(programme, plan, office, liaison, unit)
