"""The file of a closed period (考核卷宗): one archive that is read in ten years without this product.

Notices, rulebook, ranking and score lines, appeals and corrections, lists with every decision and its reason,
circulars as issued, steps of the ladder, an extract of the audit trail, and an index with the hash of each file. Tables
are CSV and workbooks, papers Word documents beside their canonical text.
"""

from __future__ import annotations

import csv
import hashlib
import html
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from supervisor.clock import beijing
from supervisor.config import VERSION
from supervisor.core import audit, list_circulars, list_readers, score_pages, score_papers
from supervisor.core.audit import Head
from supervisor.core.exports import File
from supervisor.core.ladder_papers import number_of
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor, Permission
from supervisor.core.score_pages import Ranking
from supervisor.database import transaction
from supervisor.documents.official_docx import write_official_docx
from supervisor.documents.ranking_xlsx import write_ranking
from supervisor.errors import Refused
from supervisor.models import (
    Appeal,
    AuditEntry,
    Candidate,
    Document,
    LadderStep,
    ListCircular,
    Matter,
    NameList,
    Programme,
    ScoreCorrection,
    ScorePeriod,
    ScoreRun,
    Unit,
)
from supervisor.words import N_, Sentence, say

CHINESE = "zh_CN"
#: Zip entries bear one date: the same period gives the same bytes but for what the index says of the making.
STAMP = (1980, 1, 1, 0, 0, 0)

INTRODUCTION = (
    "本卷宗收录一个已封账考核期的全部材料，不依赖本系统即可阅读：表格为 CSV 和 Excel，文件为 Word 并附规范文本。"
    "目录.csv 列出每个文件的 SHA-256 校验值；下列审计链头可与另行保存的链头比对。"
)


@dataclass(frozen=True)
class Piece:
    """One file of the archive: where it lies, what it is, and its bytes."""

    path: str
    about: str
    data: bytes

    @property
    def sha256(self) -> str:
        """Its hash, as the index lists it."""
        return hashlib.sha256(self.data).hexdigest()


def export_period_file(programme: Programme, period: Period, *, by: Actor, now: datetime) -> File:
    """The file of a closed period as a zip.

    Errors: NotAllowed, NotFound (nothing was ever scored), Refused (the books are open).
    """
    by.require(Permission.EXPORT_RANKING)
    ranking = score_pages.ranking(programme, period, by=by, now=now)
    if ranking.is_preliminary:
        raise Refused(
            N_("%(period)s is preliminary: its file is made once the books are closed.", period=period.label)
        )
    with transaction():
        head = audit.record(
            by,
            "export.period_file",
            ranking.row,
            now=now,
            after={"key": period.key, "run": ranking.run.number},
        )
    pieces = list(_pieces(programme, ranking, head, by, now))
    name = f"{programme.name}-{period.official_name}-考核卷宗.zip"
    return File(name, _zip(programme, period, pieces, head, now), "application/zip")


def _pieces(programme: Programme, ranking: Ranking, head: Head, by: Actor, now: datetime) -> Iterator[Piece]:
    row, run = ranking.row, ScoreRun.get_by_id(ranking.run.id)
    yield from _notices(programme)
    yield Piece("02 考核办法/考核办法.toml", "封账所用的考核办法", run.rulebook.text.encode())
    content = score_papers.ranking_content(
        programme, ranking, audit_head=str(head), prepared_by=by.name, now=now
    )
    yield Piece("03 得分/排名和得分明细.xlsx", "排名表和每一项得分的规则、计算和依据", write_ranking(content))
    for one in ScoreRun.select().where(ScoreRun.period == row).order_by(ScoreRun.number):
        folder = f"03 得分/第{one.number}次计算"
        why = f"（{one.reason}）" if one.reason else ""
        yield Piece(f"{folder}/事实.json", f"计算所依据的事实{why}", one.facts.encode())
        yield Piece(f"{folder}/结果.json", f"计算结果{why}", one.result.encode())
    yield _table("04 申诉和更正/申诉.csv", "申诉及裁定", APPEALS, _appeals(row))
    yield _table("04 申诉和更正/更正.csv", "封账后的更正", CORRECTIONS, _corrections(row))
    lists = list(NameList.select().where(NameList.period == row).order_by(NameList.id))
    yield _table("05 名单/名单.csv", "表扬、批评名单及审定意见", LISTS, map(_list, lists))
    yield _table("05 名单/名单上的名字.csv", "每个名字的去留、理由和依据", NAMES, _names(lists))
    yield from _circulars(lists, now)
    yield _table(
        "07 督办/督办文书.csv", "考核期内发出的催办、督办文书", STEPS, _steps(programme, ranking.period)
    )
    yield _table("08 审计/审计摘录.csv", "与本期有关的审计记录", TRAIL, _trail(row, lists))


def _notices(programme: Programme) -> Iterator[Piece]:
    rows = Document.select().where(Document.programme == programme).order_by(Document.id)
    for n, one in enumerate(rows, start=1):
        title = one.title or one.filename
        yield Piece(f"01 通知/{n} {_safe(title)}.txt", f"通知原文：{title}", one.text.encode())


APPEALS = ("单位", "指标", "诉求", "提出人", "提出时间", "状态", "裁定理由", "裁定人", "裁定时间")


def _appeals(row: ScorePeriod) -> Iterator[Sequence[object]]:
    query = Appeal.select(Appeal, Unit).join(Unit).where(Appeal.period == row).order_by(Appeal.id)
    for one in query:
        yield (
            one.unit.name, one.title, one.claim, one.filed_name, _time(one.filed_at), _said(one.state.label),
            one.decision, one.decided_name, _time(one.decided_at),
        )  # fmt: skip


CORRECTIONS = ("序号", "理由", "提出人", "提出时间", "状态", "处理意见", "处理人", "处理时间")


def _corrections(row: ScorePeriod) -> Iterator[Sequence[object]]:
    query = ScoreCorrection.select().where(ScoreCorrection.period == row)
    for one in query.order_by(ScoreCorrection.number):
        yield (
            one.number, one.reason, one.proposed_name, _time(one.proposed_at), _said(one.state.label),
            one.decision, one.decided_name, _time(one.decided_at),
        )  # fmt: skip


LISTS = (
    "名单",
    "序号",
    "状态",
    "提出人",
    "提出时间",
    "提交人",
    "提交说明",
    "审定人",
    "审定时间",
    "审定意见",
    "公示起",
    "公示止",
)


def _list(one: NameList) -> Sequence[object]:
    return (
        _said(one.side.label), one.number, _said(one.state.label), one.proposed_name, _time(one.proposed_at),
        one.submitted_name, one.remark, one.decided_name, _time(one.decided_at), one.decision,
        one.notice_from or "", one.notice_until or "",
    )  # fmt: skip


NAMES = (
    "名单", "序号", "组别", "单位", "个人", "职务", "来源", "去留", "理由", "决定人", "决定时间", "此前督办",
    "破例理由",
    "破例批准人", "解除时间", "解除人", "解除理由",
)  # fmt: skip


def _names(lists: Iterable[NameList]) -> Iterator[Sequence[object]]:
    for row in lists:
        for one in list_readers.candidates_of(row):
            yield _name(row, one)


def _name(row: NameList, one: Candidate) -> Sequence[object]:
    return (
        _said(row.side.label), row.number, one.group_name, one.unit_name, one.person, one.post,
        _said(one.origin.label), _said(one.verdict.label), one.reason, one.chosen_name, _time(one.chosen_at),
        one.step, one.leave, one.leave_name, _time(one.lifted_at), one.lifted_name, one.lifting,
    )  # fmt: skip


def _circulars(lists: Sequence[NameList], now: datetime) -> Iterator[Piece]:
    """Circulars of the lists as they were issued; drafts are no papers."""
    rows = ListCircular.select().where(ListCircular.name_list.in_([one.id for one in lists]))
    for one in rows.order_by(ListCircular.id):
        if not one.content:
            continue
        paper = list_circulars.paper_of(one, now=now)
        path = f"06 通报/{_safe(f'{paper.number} {paper.title}')}"
        yield Piece(
            f"{path}.docx", f"{paper.number}：{paper.title}", write_official_docx(paper, one.issued_at or now)
        )
        yield Piece(
            f"{path}.json", f"{paper.number}的规范文本，印发时校验值{one.sha256}", one.content.encode()
        )


STEPS = ("文号", "单位", "事项", "层级", "理由", "决定人", "决定时间", "反馈期限", "文书校验值")


def _steps(programme: Programme, period: Period) -> Iterator[Sequence[object]]:
    query = (
        LadderStep.select(LadderStep, Matter, Unit)
        .join(Matter)
        .join(Unit)
        .where(LadderStep.programme == programme)
        .order_by(LadderStep.id)
    )
    for one in query:
        if period.contains(beijing(one.decided_at).date()):
            yield (
                number_of(one), one.matter.unit.name, one.matter.title, _said(one.rung.label), one.reason,
                one.by_name, _time(one.decided_at), one.answer_by, one.sha256,
            )  # fmt: skip


TRAIL = ("序号", "时间", "人员", "单位", "角色", "动作", "对象", "变化", "理由", "校验值")


def _trail(row: ScorePeriod, lists: Sequence[NameList]) -> Iterator[Sequence[object]]:
    """Rows of the trail about the period, its lists and its circulars."""
    ids = [one.id for one in lists]
    circulars = [one.id for one in ListCircular.select().where(ListCircular.name_list.in_(ids))]
    corrected = [
        one.id for one in ScoreCorrection.select(ScoreCorrection.id).where(ScoreCorrection.period == row)
    ]
    wanted = [
        ("score_period", [row.id]),
        ("name_list", ids),
        ("list_circular", circulars),
        ("appeal", [one.id for one in Appeal.select(Appeal.id).where(Appeal.period == row)]),
        ("score_correction", corrected),
    ]  # fmt: skip
    found: list[AuditEntry] = []
    for kind, keys in wanted:
        about = (AuditEntry.subject_type == kind) & AuditEntry.subject_id.in_(keys)
        found += list(AuditEntry.select().where(about))
    for one in sorted(found, key=lambda entry: entry.seq):
        yield (
            one.seq, _time(one.at), one.actor_name, one.actor_unit, one.actor_role, one.action,
            f"{one.subject_type}:{one.subject_id}", one.after, one.reason, one.hash,
        )  # fmt: skip


def _table(path: str, about: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Piece:
    """A table as CSV that Excel opens in Chinese; a text that begins like a formula stays a text."""
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\r\n")
    writer.writerow(heads)
    for row in rows:
        writer.writerow([_plain(value) for value in row])
    return Piece(path, about, b"\xef\xbb\xbf" + made.getvalue().encode())


def _plain(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _zip(programme: Programme, period: Period, pieces: Sequence[Piece], head: Head, now: datetime) -> bytes:
    index = _table(
        "目录.csv", "目录", ("文件", "内容", "字节", "SHA-256"),
        ((one.path, one.about, len(one.data), one.sha256) for one in pieces),
    )  # fmt: skip
    page = Piece("目录.html", "目录", _page(programme, period, pieces, head, now).encode())
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for one in (page, index, *pieces):
            file.writestr(zipfile.ZipInfo(one.path, STAMP), one.data, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _page(programme: Programme, period: Period, pieces: Sequence[Piece], head: Head, now: datetime) -> str:
    """The index as a page that any browser opens, with links to the files beside it."""
    title = f"{programme.name}{period.official_name}考核卷宗"
    rows = "".join(
        f'<tr><td><a href="{html.escape(one.path)}">{html.escape(one.path)}</a></td>'
        f"<td>{html.escape(one.about)}</td><td>{len(one.data)}</td><td><code>{one.sha256}</code></td></tr>\n"
        for one in pieces
    )
    return (
        f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>{html.escape(title)}</title>\n'
        "<style>body{font-family:serif;max-width:70em;margin:2em auto}table{border-collapse:collapse}"
        "td,th{border:1px solid #999;padding:.3em .6em;text-align:left;vertical-align:top}"
        "code{font-size:.75em}</style>\n"
        f"<h1>{html.escape(title)}</h1><p>{INTRODUCTION}</p>\n"
        f"<p>{_time(now)}由督考{VERSION}生成；审计链头：{head}</p>\n"
        f"<table><tr><th>文件</th><th>内容</th><th>字节</th><th>SHA-256</th></tr>\n{rows}</table></html>\n"
    )


def _said(sentence: Sentence) -> str:
    return say(sentence, CHINESE)


def _time(moment: datetime | None) -> str:
    return beijing(moment).strftime("%Y-%m-%d %H:%M:%S") if moment else ""


def _safe(name: str) -> str:
    """A name that every file system takes."""
    kept = "".join("_" if char in '\\/:*?"<>|' or ord(char) < 32 else char for char in name)
    return kept.strip(" .")[:80] or "未命名"
