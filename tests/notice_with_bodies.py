"""An invented notice with every kind of body and seat, and how its bodies are stored without its tasks."""

from __future__ import annotations

from datetime import datetime

from supervisor.clock import beijing_date
from supervisor.core import adoption, body_adoption, corrections
from supervisor.core.body_adoption import Stands
from supervisor.core.permissions import Actor
from supervisor.database import transactional
from supervisor.models import Document

#: 澄江市 is invented; so is everybody in it.
NOTICE = """澄江市河道清淤工作方案
各区人民政府，市政府各部门：
为做好河道清淤，制定本方案。
一、组织领导
成立澄江市河道清淤工作领导小组，办公室设在市水务局，办公室主任由安若水兼任，办公室副主任由庄周易（市水务局工程处处长）、季春和兼任。领导小组下设办公室和宣传工作专班。
领导小组不刻制印章，由市水务局代章。
领导小组成员因工作变动需要调整的，由接任者自然递补，不另行文。
领导小组各成员单位要明确1名科级以上干部为联络员。
二、工作任务
（一）编制规划。2021年6月底前完成清淤规划。（牵头单位：市水务局；责任单位：市财政局、市规划局）
（二）实施清淤。2021年10月底前完成主河道清淤。（牵头单位：市水务局；责任单位：市财政局、市审计局）
澄江市人民政府办公室
2021年3月10日
附件
澄江市河道清淤工作领导小组成员名单
组  长：鲁望舒  市政府副市长
副组长：安若水  市水务局局长
成  员：柏青松  市财政局副局长
秋  实  市规划局副局长
温如玉  市财政局总会计师
苗  圃  市林业局副局长
"""


@transactional
def enter_document(document: Document, *, by: Actor, now: datetime) -> None:
    """Enter the names and bodies of a notice as adoption does, whatever its tasks still ask."""
    ledger = corrections.ledger_of(document)
    register, groups = adoption.enter_names(ledger, document.programme, by, now)
    stands = Stands(adoption.represented(ledger), register, groups)
    day = ledger.issued_on or beijing_date(now)
    body_adoption.enter_bodies(ledger, document, stands, from_day=day, by=by, now=now)
