"""The circular on a closed period (季通报): figures from the frozen run, and words that a person begins with."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from supervisor.core import score_pages
from supervisor.core.paper_figures import DrawnUp
from supervisor.core.permissions import Actor
from supervisor.core.score_pages import Group, Ranking
from supervisor.core.score_papers import cutoff, remark_of
from supervisor.core.scored_periods import scored_period
from supervisor.documents.content import CellKind, Column
from supervisor.documents.official_paper import Annex, Figure, annex_of
from supervisor.errors import Obstacle, Refused
from supervisor.models import Programme, Standing
from supervisor.words import N_

COLUMNS = (
    Column("place", "名次", CellKind.INTEGER, 7), Column("unit", "单位", CellKind.TEXT, 40),
    Column("base", "基础分", CellKind.POINTS, 10), Column("bonus", "加分", CellKind.POINTS, 9),
    Column("penalty", "减分", CellKind.POINTS, 9), Column("score", "总分", CellKind.POINTS, 10),
    Column("tier", "等次", CellKind.INTEGER, 9), Column("remark", "备注", CellKind.TEXT, 30),
)  # fmt: skip
#: Units named at the head of a group; whoever is behind is named by a person, on an earlier step (D22).
AHEAD = 3
CLOSING = "各责任单位要认真总结经验，对照考核结果查找差距，明确整改措施、责任人和完成时限，确保全面完成年度目标任务。"


def draw_up(programme: Programme, key: str, *, by: Actor, now: datetime) -> DrawnUp:
    """Figures and ranking tables of a closed period. Refused while its books are open."""
    ranking = closed(programme, key, by=by, now=now)
    page = f"/p/{programme.id}/periods/{key}"
    everybody = [one for group in ranking.groups for one in group.standings]
    figures = {
        "期间": ranking.period.official_name, "专项工作": programme.name, "考核办法": ranking.run.rulebook.name,
        "统计截止": cutoff(ranking.period, ranking.run, ranking.row.closed_at), "单位数": str(len(everybody)),
        "参加排名单位数": str(sum(one.rank is not None for one in everybody)),
    }  # fmt: skip
    tiers = dict.fromkeys(one.tier for one in everybody if one.tier)
    figures |= {f"{tier}单位数": str(sum(one.tier == tier for one in everybody)) for tier in tiers}
    for group in ranking.groups:
        figures |= _of_group(group)
    annexes = tuple(_annex(ranking, group) for group in ranking.groups)
    basis = f"{ranking.run.id}:{ranking.run.result_sha256}"
    return DrawnUp({name: Figure(text, page) for name, text in figures.items()}, annexes, basis)


def closed(programme: Programme, key: str, *, by: Actor, now: datetime) -> Ranking:
    """The ranking of a period whose books are closed; Refused for any other."""
    ranking = score_pages.ranking(programme, scored_period(key), by=by, now=now)
    if ranking.is_preliminary:
        raise Refused(
            N_("%(period)s is preliminary: a circular rests on closed books.", period=ranking.period.label),
            [Obstacle(N_("See the scores"), f"/p/{programme.id}/periods/{key}")],
        )
    return ranking


def _bare(name: str) -> str:
    """A group's name as part of a figure's: braces are what figures are written in."""
    return name.replace("{", "").replace("}", "")


def _of_group(group: Group) -> dict[str, str]:
    name, ranked = _bare(group.name), group.ranked
    made = {f"{name}单位数": str(len(group.standings))}
    if ranked:
        ahead = [one.unit_name for one in ranked if one.rank is not None and one.rank <= AHEAD]
        made |= {
            f"{name}前三名": "、".join(ahead), f"{name}最高分": points(ranked[0].score),
            f"{name}最低分": points(min(one.score for one in ranked if one.score is not None)),
        }  # fmt: skip
    return made


def first_words(
    programme: Programme, key: str, drawn: DrawnUp, *, by: Actor, now: datetime
) -> tuple[str, str]:
    """Title and text that a person begins with."""
    ranking = closed(programme, key, by=by, now=now)
    known = {one.tier for group in ranking.groups for one in group.standings if one.tier}
    tiers = [tier for name in drawn.figures if (tier := name.removesuffix("单位数")) in known]
    said = "，".join(f"{tier}{{{tier}单位数}}个" for tier in tiers)
    more = f"；其中{said}" if said else ""
    lines = [
        "现将{期间}{专项工作}考核情况通报如下。", "一、总体情况",
        f"按照{{考核办法}}，对{{单位数}}个责任单位进行考核，参加排名{{参加排名单位数}}个{more}。{{统计截止}}。",
        "二、分组情况",
    ]  # fmt: skip
    for numeral, group in zip("一二三四五六七八九十", ranking.groups, strict=False):
        name = _bare(group.name)
        told = (
            f"前三名为{{{name}前三名}}，最高{{{name}最高分}}分。"
            if group.ranked
            else "单位数较少，不作排名。"
        )
        lines += [f"（{numeral}）{name}。共{{{name}单位数}}个单位，{told}"]
    title = f"关于{ranking.period.official_name}{programme.name}考核情况的通报"
    return title, "\n".join([*lines, "三、下步要求", CLOSING])


def _annex(ranking: Ranking, group: Group) -> Annex:
    rows = [_row(one) for one in group.standings]
    note = f"{cutoff(ranking.period, ranking.run, ranking.row.closed_at)}。同分不分先后。"
    return annex_of(f"{group.name}{ranking.period.official_name}考核排名表", COLUMNS, rows, note)


def _row(one: Standing) -> dict[str, object]:
    return {
        "place": one.rank, "unit": one.unit_name, "base": points(one.base), "bonus": points(one.bonus),
        "penalty": points(one.penalty), "score": points(one.score), "tier": one.tier or None, "remark": remark_of(one),
    }  # fmt: skip


def points(hundredths: int | None) -> str:
    """Points as printed; — where there are none."""
    return "—" if hundredths is None else f"{Decimal(hundredths) / 100:.2f}"
