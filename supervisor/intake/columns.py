"""What the columns of a table of tasks are called, and the rows that tables give."""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from supervisor.intake.lines import Line
from supervisor.intake.passages import Passage

_PEOPLE = r"(?:(?:及|和|与|、|/|\()?(?:责任人|负责人|联系人|联系电话|电话|责任领导)\)?)?"
_COLUMNS = {
    "number": re.compile(r"^(?:序号|编号|项目编号|任务编号|序次|No\.?|NO\.?)$"),
    "time": re.compile(
        r"(?:时限(?:要求)?|时间节点|完成时间|时间要求|完成期限|办结时间|计划时间|整改期限|时间安排|完成日期|时间进度)(?:及.{0,6})?(?:\(.*\))?$"
        r"|^(?:时间|期限)$|^进度(?:安排|要求|时限)?$"
    ),
    "lead": re.compile(
        r"^(?:[市县区省州]级?)?(?:总?牵头|主办|主责|牵头责任|牵头负责|第一牵头)(?:\(?责任\)?)?(?:单位|部门|处室|科室|股室)?"
        rf"{_PEOPLE}(?:\(.*\))?$"
    ),
    "responsible": re.compile(
        r"^(?:[市县区省州]级?)?(?:责任|配合|协办|参与|参加|落实|承办|实施|协同|协助|会办|分办|负责|主管|主体责任|推进|执行|完成|保障|支持|监管|配合责任|责任\(配合\)|"
        r"(?:牵头|责任|配合)(?:和|及|、|/|与)?(?:单位|部门)?(?:和|及|、|/|与)?(?:责任|配合|参与|协办|落实)|责任主体|具体(?:责任|实施|负责)?)"
        rf"(?:单位|部门|主体|处室|科室|股室|地区|分工|街镇|部门和单位)?{_PEOPLE}(?:\(.*\))?$|^(?:单位|部门|责任分工)$"
    ),
    "title": re.compile(
        r"^(?:重点|主要|具体|工作|改革|目标|年度|建设|任务|整改|试点|核心|提升|细化|推进|细分|分解|(?<=.)[与和及])*"
        r"(?:任务|事项|工作|内容|举措|措施|项目|目标|要点|清单)(?:名称|内容|及措施|和措施|及要求|分工|分解|清单|及内容)?(?:\(.*\))?$"
        r"|^(?:名称|问题|任务及措施|(?:工作|具体|任务)要求)$"
    ),
    "class": re.compile(
        r"^(?:任务|项目|工作|所属|所在|重点)?(?:类别|类型|领域|分类|方面|板块|维度|专项|大类)$"
    ),
    "aside": re.compile(
        r"^(?:责任|牵头|分管|包保|包联|挂钩|[市县区](?=领导)|市级|县级|区级|主要|第一|具体|目标|工作|考核|参考|政策|完成|预期|当前|目前|推进|验收|评价|佐证|"
        r"实施|任务|年度|阶段性?|及|和|、)*"
        r"(?:备注|领导|责任人|负责人|联系人|联系电话|电话|指标|成果|成效|形式|依据|来源|标准|要求|状态|进展|情况|金额|投资|文件|附注|目的|"
        r"频次|方式|材料|目标)(?:\(.*\))?$"
    ),
}
_ENDS_TABLE = re.compile(r"附件?\d{0,2}(?:$|:)|注:|备注:|说明:")
_ROSTER_WORDS = {"组长", "副组长", "成员", "召集人", "指挥长", "组员", "组长:", "副组长:", "成员:"}


@dataclass(slots=True)
class Row:
    """One row: its cells by column."""

    cells: list[Passage]
    line: int
    section: str = ""


@dataclass(slots=True)
class Sheet:
    """The tables of a document and the lines that they take."""

    taken: set[int] = field(default_factory=set)
    grids: list[tuple[list[str], list[Row]]] = field(default_factory=list)


_ANY_TITLE = re.compile(
    r"^[一-龥、]{0,8}(?:任务|事项|工作|内容|举措|措施|项目|要点|清单)(?:名称|内容)?$|^(?:案由|议题|课题)$"
)


def kind_of(header: str, *, line: bool = False) -> str | None:
    """Return what a column holds, by its printed name.

    Args:
        header: the folded name.
        line: whether it stands in a line of headers, where 报送事项 is a name and not a task.
    """
    return _kind(header, line) if 2 <= len(header) <= 16 else None


@lru_cache(maxsize=2048)  # the short lines of a notice that could be headers
def _kind(header: str, line: bool) -> str | None:  # noqa: FBT001 - one part of a key
    kind = next((kind for kind, pattern in _COLUMNS.items() if pattern.search(header)), None)
    return "title" if kind is None and line and _ANY_TITLE.match(header) else kind


def join_cells(a: Passage, b: Passage) -> Passage:
    """Return two pieces of one cell as one."""
    if not a.text or not b.text:
        return a if a.text else b
    return Passage(a.text + b.text, a.at + b.at, a.source)


def ends_table(line: Line) -> bool:
    """Tell whether a line stands behind a table: an attachment, a note, a roster."""
    return bool(_ENDS_TABLE.match(line.text)) or line.words[0] in _ROSTER_WORDS
