"""Papers about scores: 得分通知单 of one unit, 更正通报 of a corrected period; composed from what is stored.

Both show what their reader sees elsewhere and no more. The head of the audit chain on them lets anybody hold the trail
against the paper later (`run.py verify --head`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from supervisor.clock import beijing, beijing_date
from supervisor.core import audit, score_corrections
from supervisor.core.audit import Head
from supervisor.core.exports import File
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor, Permission
from supervisor.core.published import shows_places
from supervisor.core.score_books import Move, moves_between
from supervisor.core.score_pages import sees_whole, standings_visible_to
from supervisor.core.score_papers import cutoff
from supervisor.core.score_sheet import Sheet, SheetLine
from supervisor.core.scored_periods import scored_period
from supervisor.database import transaction
from supervisor.documents.score_notice import (
    CorrectionNotice,
    MovedUnit,
    NoticeLine,
    ScoreNotice,
    write_correction_notice,
    write_score_notice,
)
from supervisor.errors import NotFound
from supervisor.models import CorrectionState, Programme, ScoreCorrection, ScoreRun, Standing
from supervisor.words import say

CHINESE = "zh_CN"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
#: Records said in one cell; the sheet lists them all.
MOST_REASONS = 4


@dataclass(frozen=True)
class Correction:
    """A correction that was carried out, with what the reader sees of it."""

    correction: ScoreCorrection
    period: Period
    notice: CorrectionNotice


def score_notice(programme: Programme, sheet: Sheet, *, head: Head) -> ScoreNotice:
    """The notice of one sheet that the reader may see; `head` is the audit chain's present head."""
    kind = "考核得分通知单（初评）" if sheet.is_preliminary else "考核得分通知单"
    moment = sheet.row.closed_at or sheet.run.ran_at
    return ScoreNotice(
        title=f"{programme.name}{sheet.period.official_name}{kind}",
        office=programme.office_name,
        unit=sheet.standing.unit_name,
        paragraphs=tuple(_said(sheet)),
        lines=tuple(_line(item) for item in (*sheet.lines, *sheet.adjustments)),
        signed_on=_day(beijing_date(moment)),
        proof=_proof([("计算", sheet.run)], head),
    )


def export_score_notice(programme: Programme, sheet: Sheet, *, by: Actor, now: datetime) -> File:
    """The notice as a Word document; audited, with the head of that row on the paper."""
    by.require(Permission.SCORE_READ)
    unit = sheet.standing
    with transaction():
        head = audit.record(
            by, "export.score_notice", sheet.row, now=now,
            after={"key": sheet.period.key, "unit": unit.unit_id, "run": sheet.run.number},
        )  # fmt: skip
    content = score_notice(programme, sheet, head=head)
    name = f"{programme.name}-{sheet.period.official_name}-{unit.unit_name}-得分通知单.docx"
    return File(name, write_score_notice(content, now), DOCX)


def correction_notice(
    programme: Programme, correction_id: int, *, by: Actor, now: datetime, head: Head | None = None
) -> Correction:
    """The notice of a correction that was carried out.

    Args:
        programme: whose period was corrected.
        correction_id: the correction.
        by: the reader; a unit reads its own change, and others' where they are published to it.
        now: the moment of reading.
        head: the audit chain's head to be printed; None = the present one.

    NotFound for one that was not carried out, or in which the reader sees nothing.
    """
    correction = score_corrections.in_programme(correction_id, programme.id)
    if correction.state is not CorrectionState.DONE:
        raise NotFound
    before, after = _run(correction.before_id), _run(correction.after_id)
    row, period = correction.period, scored_period(correction.period.key)
    visible = {one.unit_id: one for one in standings_visible_to(by, row, after, now=now)}
    if not visible:
        raise NotFound
    moves = [move for move in moves_between(before, after) if move.unit_id in visible]
    places = shows_places(by, row)
    whole = sees_whole(by, row, after, now=now)
    notice = CorrectionNotice(
        title=f"关于更正{programme.name}{period.official_name}考核结果的通报",
        office=programme.office_name,
        paragraphs=tuple(_reasons(correction, period, moves, whole=whole)),
        moved=tuple(_moved(move, visible[move.unit_id], places=places) for move in moves),
        signed_on=_day(beijing_date(correction.decided_at or after.ran_at)),
        proof=_proof([("更正前", before), ("更正后", after)], head or audit.read_head()),
    )
    return Correction(correction, period, notice)


def export_correction_notice(programme: Programme, correction_id: int, *, by: Actor, now: datetime) -> File:
    """The notice as a Word document; audited."""
    by.require(Permission.SCORE_READ)
    found = correction_notice(programme, correction_id, by=by, now=now)
    with transaction():
        head = audit.record(
            by, "export.correction_notice", found.correction, now=now,
            after={"key": found.period.key, "number": found.correction.number},
        )  # fmt: skip
    content = correction_notice(programme, correction_id, by=by, now=now, head=head).notice
    name = f"{programme.name}-{found.period.official_name}-更正通报（第{found.correction.number}号）.docx"
    return File(name, write_correction_notice(content, now), DOCX)


def _said(sheet: Sheet) -> Iterable[str]:
    one, run = sheet.standing, sheet.run
    book = f"《{run.rulebook.name}》（第{run.rulebook.version}版）"
    if one.score is None:
        yield f"根据{book}，你单位{sheet.period.official_name}没有适用的考核指标，未予考核。"
    else:
        place = _place(sheet)
        tier = f"，等次为{one.tier}" if one.tier else ""
        yield f"根据{book}，你单位{sheet.period.official_name}考核得分为{_points(one.score)}分{place}{tier}。"
        parts = f"其中基础分{_points(one.base)}分，加分{_points(one.bonus)}分，减分{_points(one.penalty)}分"
        change = ""
        if sheet.before and one.change is not None:
            how = "增加" if one.change > 0 else "减少" if one.change < 0 else ""
            change = f"；较{sheet.before[0].official_name}{how}{_points(abs(one.change))}分"
            change = change if how else f"；与{sheet.before[0].official_name}持平"
        yield f"{parts}{change}。各项得分和失分依据见附件。"
    for veto in one.vetoes:
        yield f"一票否决事项：{veto}。"
    if sheet.is_preliminary:
        last = sheet.last_appeal_day
        until = f"如有异议，可在{_day(last)}24时前通过系统逐项申诉，并附佐证材料。" if last else ""
        yield f"以上为初评结果，封账前仍可能变动。{until}"
    yield f"{cutoff(sheet.period, run, sheet.row.closed_at)}。"


def _place(sheet: Sheet) -> str:
    one = sheet.standing
    if not sheet.shows_places:
        return ""
    if one.rank is None:
        return f"，不参加排名（{say(one.rank_note, CHINESE)}）" if one.rank_note else "，不参加排名"
    tied = "（并列）" if one.tied else ""
    return f"，在“{one.group_name}”组参加排名的{sheet.group_size}个单位中列第{one.rank}名{tied}"


def _line(item: SheetLine) -> NoticeLine:
    line = item.line
    costly = [one for one in item.evidence if one.costs]
    reasons = [f"{say(one.subject, CHINESE)}：{say(one.words, CHINESE)}" for one in costly[:MOST_REASONS]]
    if len(costly) > MOST_REASONS:
        reasons.append(f"另有{len(costly) - MOST_REASONS}条，见系统得分页")
    indicator = line.part == "indicator"
    return NoticeLine(
        name=line.title if indicator else f"{'加分' if line.part == 'bonus' else '减分'}：{line.title}",
        full=_points(line.weight) if indicator else "—",
        points="不适用" if line.points is None else _points(line.points),
        lost=_points(item.lost) if item.lost and item.lost > 0 else "—",
        before="—" if item.before is None else _points(item.before),
        why=say(line.na_reason, CHINESE) if line.points is None else "；".join(reasons) or "—",
    )


def _reasons(correction: ScoreCorrection, period: Period, moves: list[Move], *, whole: bool) -> Iterable[str]:
    yield f"经复核，{period.official_name}考核结果所依据的记录有误，现予更正。更正原因：{_sentence(correction.reason)}"
    decided = beijing_date(correction.decided_at) if correction.decided_at else None
    yield (
        f"本次更正由{correction.proposed_name}于{_day(beijing_date(correction.proposed_at))}提出，"
        f"经{correction.decided_name}{'于' + _day(decided) if decided else ''}审定，"
        "按同一考核办法重新计算得出。更正前的结果予以保留，可供查阅。"
    )
    if not moves:
        yield (
            "重新计算后，各单位得分、名次和等次均无变化。"
            if whole
            else "重新计算后，你单位得分、名次和等次均无变化。"
        )
    elif whole:
        yield f"更正后，{len(moves)}个单位的得分、名次或等次发生变化，见附件；其他单位结果不变。"
    else:
        yield "更正后，你单位的得分、名次或等次发生变化，见附件。本件为节录，只列阅件人可以查阅的单位。"


def _moved(move: Move, standing: Standing, *, places: bool) -> MovedUnit:
    return MovedUnit(
        unit=move.unit_name,
        group=standing.group_name,
        score=_then(*(None if score is None else _points(score) for score in move.score)),
        place=_then(*move.rank) if places else "不公布",
        tier=_then(*(tier or None for tier in move.tier)),
    )


def _then(before: object, after: object) -> str:
    old, new = ("—" if one is None else str(one) for one in (before, after))
    return old if old == new else f"{old} → {new}"


def _proof(runs: list[tuple[str, ScoreRun]], head: Head) -> tuple[str, ...]:
    said = [
        f"{name}：第{run.number}次计算，{_at(run.ran_at)}，程序版本{run.code_version}，结果校验值（SHA-256）{run.result_sha256}，"
        f"审计链{run.audit_head}"
        for name, run in runs
    ]
    return (*said, f"出具本件时审计链首：{head}。凭此可核验审计记录未被改动。")


def _run(run_id: int | None) -> ScoreRun:
    """A run without its long texts."""
    columns = (
        ScoreRun.id, ScoreRun.number, ScoreRun.ran_at, ScoreRun.code_version, ScoreRun.result_sha256,
        ScoreRun.audit_head,
    )  # fmt: skip
    found: ScoreRun | None = ScoreRun.select(*columns).where(ScoreRun.id == run_id).first()
    if found is None:
        raise NotFound
    return found


def _points(hundredths: int | None) -> str:
    if hundredths is None:
        return "—"
    sign = "−" if hundredths < 0 else ""
    return f"{sign}{abs(hundredths) // 100}.{abs(hundredths) % 100:02d}"


def _sentence(text: str) -> str:
    return text if text.endswith(("。", "！", "？")) else f"{text}。"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _at(moment: datetime) -> str:
    local = beijing(moment)
    return f"{_day(local.date())}{local:%H:%M}"
