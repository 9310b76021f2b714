"""A closed period on paper: the content of the ranking workbook and of the chart. Official papers are Chinese."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from supervisor.clock import beijing
from supervisor.core import score_records
from supervisor.core.periods import Period
from supervisor.core.score_pages import Ranking
from supervisor.core.score_records import Evidence
from supervisor.documents.chart import draw_once
from supervisor.documents.content import (
    Bar,
    ChartContent,
    ChartPanel,
    IndicatorColumn,
    RankedGroup,
    RankedUnit,
    RankingContent,
)
from supervisor.documents.content import ScoreLine as PrintedLine
from supervisor.models import Programme, ScoreLine, ScoreRun, Standing
from supervisor.words import say

CHINESE = "zh_CN"
#: Records said in one cell; the page of the sheet lists them all.
MOST_PROOFS = 8


def ranking_content(
    programme: Programme, ranking: Ranking, *, audit_head: str, prepared_by: str, now: datetime
) -> RankingContent:
    """The ranking with every score line, as printed; `audit_head` is the chain's head at the export."""
    lines = list(ScoreLine.select().where(ScoreLine.run == ranking.run).order_by(ScoreLine.sort))
    by_unit: dict[int, list[ScoreLine]] = {}
    for line in lines:
        by_unit.setdefault(line.unit_id, []).append(line)
    proof = _Proof(ranking)
    return RankingContent(
        title=f"{programme.name}{ranking.period.official_name}考核排名表",
        period=ranking.period.official_name,
        rulebook=f"{ranking.run.rulebook.name}（第{ranking.run.rulebook.version}版）",
        cutoff=cutoff(ranking.period, ranking.run, ranking.row.closed_at),
        groups=tuple(_group(group.name, group.standings, by_unit) for group in ranking.groups),
        lines=tuple(
            _printed(group.name, one.unit_name, line, proof.of(one.unit_id, by_unit[one.unit_id], line))
            for group in ranking.groups
            for one in group.standings
            for line in by_unit.get(one.unit_id, [])
        ),
        created=now,
        audit_head=audit_head,
        footnotes=_footnotes(ranking),
        prepared_by=prepared_by,
    )


def chart_content(programme: Programme, ranking: Ranking) -> ChartContent:
    """The chart of the totals, a panel for each group."""
    return ChartContent(
        title=f"{programme.name}{ranking.period.official_name}考核得分",
        panels=tuple(
            ChartPanel(
                group.name,
                tuple(Bar(one.unit_name, _points(one.score), one.rank) for one in group.standings),
                note="" if group.ranked else "不排名",
            )
            for group in ranking.groups
        ),
        columns=min(2, len(ranking.groups)),
    )


def chart_svg(programme: Programme, ranking: Ranking, folder: Path) -> bytes:
    """The chart as SVG, drawn once for each state of its data and kept in `folder` (D27). Raises ChartFailed."""
    return draw_once(chart_content(programme, ranking), folder, ranking.run.result_sha256[:16])


def cutoff(period: Period, run: ScoreRun, closed_at: datetime | None) -> str:
    """Until when was counted, when the books were closed, and when they were corrected after that."""
    end = period.end
    said = [f"统计至{end.year}年{end.month}月{end.day}日"]
    said.append(f"{_at(closed_at)}封账" if closed_at else f"{_at(run.ran_at)}初评")
    if closed_at and run.ran_at > closed_at:
        said.append(f"{_at(run.ran_at)}更正")
    return "，".join(said)


def _at(moment: datetime) -> str:
    local = beijing(moment)
    return f"{local.year}年{local.month}月{local.day}日{local:%H:%M}"


def remark_of(one: Standing) -> str:
    """The column 备注: ties, why there is no place, what lowered the tier."""
    parts = ["并列"] if one.tied else []
    notes = (one.rank_note, one.tier_note if one.rank is not None else "")
    parts += [say(text, CHINESE) for text in notes if text]
    parts += [f"否决：{title}" for title in one.vetoes]
    return "；".join(parts)


def _group(name: str, standings: Iterable[Standing], by_unit: dict[int, list[ScoreLine]]) -> RankedGroup:
    rows = list(standings)
    own = [line for line in by_unit.get(rows[0].unit_id, []) if line.part == "indicator"] if rows else []
    return RankedGroup(
        name=name,
        indicators=tuple(
            IndicatorColumn(line.indicator, line.title, _points(line.weight) or Decimal(0)) for line in own
        ),
        units=tuple(
            RankedUnit(
                place=one.rank,
                unit=one.unit_name,
                points={
                    line.indicator: _points(line.points)
                    for line in by_unit.get(one.unit_id, [])
                    if line.part == "indicator"
                },
                base=_points(one.base),
                bonus=_points(one.bonus) or Decimal(0),
                deduction=_points(one.penalty) or Decimal(0),
                total=_points(one.score),
                change=_points(one.change),
                tier=one.tier,
                remark=remark_of(one),
            )
            for one in rows
        ),
        note="" if any(one.rank is not None for one in rows) else "不排名",
    )


class _Proof:
    """What each line rests on, in words: first what cost points, then how much else there is."""

    def __init__(self, ranking: Ranking) -> None:
        self.kinds = score_records.kinds_by_key(ranking.run.rulebook.text)
        self.facts: dict[int, list[dict[str, Any]]] = {}
        for fact in json.loads(ranking.run.facts)["facts"]:
            self.facts.setdefault(int(fact["unit"]), []).append(fact)
        self.kept: dict[int, dict[int, tuple[Evidence, ...]]] = {}

    def of(self, unit_id: int, lines: list[ScoreLine], line: ScoreLine) -> str:
        """The evidence of one line as one cell's text."""
        if unit_id not in self.kept:
            facts = self.facts.get(unit_id, [])
            self.kept[unit_id] = score_records.evidence_by_line(lines, facts, self.kinds, {})
        all_of_it = self.kept[unit_id][line.sort]
        costly = [one for one in all_of_it if one.costs][:MOST_PROOFS]
        said = [f"{say(one.subject, CHINESE)}：{say(one.words, CHINESE)}" for one in costly]
        rest = len(all_of_it) - len(costly)
        if rest:
            said.append(f"另有{rest}条依据" if said else f"{rest}条依据，均未失分")
        return "\n".join(said)


def _printed(group: str, unit: str, line: ScoreLine, proof: str) -> PrintedLine:
    return PrintedLine(
        group=group,
        unit=unit,
        indicator=line.title,
        weight=_points(line.weight),
        points=_points(line.points),
        rule=line.rule,
        arithmetic="\n".join(_step(step) for step in line.steps),
        records=proof,
        remark=say(line.na_reason, CHINESE) if line.na_reason else "",
    )


def _step(step: dict[str, str | None]) -> str:
    name = f"（{step['name']}）" if step["name"] else ""
    value = f" = {step['value']}" if step["value"] is not None and step["formula"] else step["value"] or ""
    return f"{say(str(step['label']), CHINESE)}{name}：{step['formula']}{value}"


def _footnotes(ranking: Ranking) -> tuple[str, ...]:
    never = [f"{line.title}（{say(reason, CHINESE)}）" for line, reason in ranking.never]
    notes = [f"本期对所有单位不适用的指标：{'、'.join(never)}。"] if never else []
    if ranking.run.number > 1:
        notes.append(f"本表为第{ranking.run.number}次计算结果，更正原因：{ranking.run.reason}")
    return (*notes, f"结果校验值（SHA-256）：{ranking.run.result_sha256}")


def _points(hundredths: int | None) -> Decimal | None:
    return None if hundredths is None else Decimal(hundredths).scaleb(-2)


def file_name(programme: Programme, period: Period, what: str) -> str:
    """The name of an exported file: programme, period, what it is."""
    return f"{programme.name}-{period.official_name}-{what}.xlsx"
