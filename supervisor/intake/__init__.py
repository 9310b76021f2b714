"""Notices in, draft ledgers out. Pure: no database, no Flask. See README.md beside this file."""

from supervisor.intake.containers import read
from supervisor.intake.contract import to_contract
from supervisor.intake.draft import (
    Cadence,
    Clause,
    Collective,
    Deadline,
    Document,
    Draft,
    DraftTask,
    Duty,
    FormerName,
    LiaisonRule,
    LikeNames,
    Member,
    Office,
    OtherDeadline,
    Phase,
    Place,
    Post,
    Problem,
    Proposal,
    ReportingRule,
    Succession,
    Target,
)
from supervisor.intake.errors import IntakeError
from supervisor.intake.reader import read_text
from supervisor.intake.storage import draft_from_json, draft_to_json

__all__ = [
    "Cadence",
    "Clause",
    "Collective",
    "Deadline",
    "Document",
    "Draft",
    "DraftTask",
    "Duty",
    "FormerName",
    "IntakeError",
    "LiaisonRule",
    "LikeNames",
    "Member",
    "Office",
    "OtherDeadline",
    "Phase",
    "Place",
    "Post",
    "Problem",
    "Proposal",
    "ReportingRule",
    "Succession",
    "Target",
    "draft_from_json",
    "draft_to_json",
    "read",
    "read_text",
    "to_contract",
]
