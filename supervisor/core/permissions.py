"""Who may do what: one enum of acts, one table of grants, refusal by default (D15, D16).

An `Actor` is a person (or the system) in one programme at one moment, with the roles of their posts valid
that day. Which *rows* they may see is answered by the models' `visible_to(actor)` queries and `core/` reads.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from supervisor.errors import NotAllowed
from supervisor.models import AdminRole, Role
from supervisor.words import Sentence


class Permission(enum.StrEnum):
    """An act, named `noun:verb`."""

    ACCOUNT_ADMINISTER = "account:administer"
    APPEAL_DECIDE = "appeal:decide"
    APPEAL_FILE = "appeal:file"
    APPEARANCE_CHOOSE = "appearance:choose"
    APPLICATION_DECIDE = "application:decide"
    APPLICATION_FILE = "application:file"
    ASSIGNMENT_ACKNOWLEDGE = "assignment:acknowledge"
    AUDIT_READ = "audit:read"
    BODY_EDIT = "body:edit"
    BODY_READ = "body:read"
    CALENDAR_EDIT = "calendar:edit"
    CASE_DECIDE = "case:decide"
    CASE_OPEN = "case:open"
    CASE_READ = "case:read"
    CIRCULAR_EDIT = "circular:edit"
    CIRCULAR_READ = "circular:read"
    CORRECTION_DECIDE = "correction:decide"
    DECISION_TAKE = "decision:take"
    DISPATCH_EDIT = "dispatch:edit"
    DISPATCH_READ = "dispatch:read"
    DOCUMENT_READ = "document:read"
    DOCUMENT_REVIEW = "document:review"
    EXPORT_LEDGER = "export:ledger"
    EXPORT_RANKING = "export:ranking"
    EXTENSION_ASK = "extension:ask"
    EXTENSION_DECIDE = "extension:decide"
    FACT_ASSIGN = "fact:assign"
    FACT_ENTER = "fact:enter"
    FACT_READ = "fact:read"
    FINDING_WRITE = "finding:write"
    INSTRUCTION_READ = "instruction:read"
    ISSUED_READ = "issued:read"
    LADDER_ANSWER = "ladder:answer"
    LADDER_DECIDE = "ladder:decide"
    LADDER_READ = "ladder:read"
    LIST_EDIT = "list:edit"
    LIST_NOMINATE = "list:nominate"
    LIST_READ = "list:read"
    MESSAGE_READ = "message:read"
    OBJECTION_DECIDE = "objection:decide"
    OUTBOX_READ = "outbox:read"
    PEOPLE_INVITE = "people:invite"
    PEOPLE_READ = "people:read"
    PERIOD_CLOSE = "period:close"
    PERIOD_READ = "period:read"
    PLAN_EDIT = "plan:edit"
    PLAN_ISSUE = "plan:issue"
    PROBLEM_EDIT = "problem:edit"
    PROBLEM_READ = "problem:read"
    PROGRAMME_CREATE = "programme:create"
    PROGRAMME_READ = "programme:read"
    REGISTER_EDIT = "register:edit"
    REGISTER_READ = "register:read"
    REPORT_APPROVE = "report:approve"
    REPORT_READ = "report:read"
    REPORT_SUBMIT = "report:submit"
    REVIEW_DECIDE = "review:decide"
    ROBOT_EDIT = "robot:edit"
    SANDBOX_USE = "sandbox:use"
    SCORE_READ = "score:read"
    SECURITY_ADMINISTER = "security:administer"
    SETTINGS_EDIT = "settings:edit"
    SETTINGS_READ = "settings:read"
    SUMMARY_EDIT = "summary:edit"
    SUMMARY_READ = "summary:read"
    TASK_EDIT = "task:edit"
    TASK_READ = "task:read"
    TASK_READ_ALL = "task:read_all"
    VIEWING_EDIT = "viewing:edit"
    VIEWING_MARK = "viewing:mark"
    VIEWING_READ = "viewing:read"
    WEEKLY_READ = "weekly:read"
    WORK_PLAN_DECIDE = "work_plan:decide"
    WORK_PLAN_FILE = "work_plan:file"
    WORK_PLAN_READ = "work_plan:read"


P = Permission

#: Everybody with any post in a programme. Facts: those of one's own unit are read, and entered is what one was put
#: in charge of by name (`core.fact_assessors`); for everybody else the verb refuses.
_MEMBER = {
    P.FACT_READ, P.FACT_ENTER, P.PROGRAMME_READ, P.TASK_READ, P.REPORT_READ, P.MESSAGE_READ, P.SCORE_READ,
    P.DOCUMENT_READ, P.SETTINGS_READ, P.REGISTER_READ, P.BODY_READ, P.WORK_PLAN_READ,
}  # fmt: skip
#: Those who read everything issued (D16).
_OVERVIEW = _MEMBER | {
    P.TASK_READ_ALL, P.EXPORT_LEDGER, P.PEOPLE_READ, P.PERIOD_READ, P.PROBLEM_READ, P.CIRCULAR_READ, P.DISPATCH_READ,
    P.INSTRUCTION_READ, P.WEEKLY_READ, P.LADDER_READ, P.SUMMARY_READ,
    P.VIEWING_READ, P.CASE_READ, P.LIST_READ, P.ISSUED_READ,
}  # fmt: skip

#: Liaisons and heads alike.
_UNIT = _MEMBER | {
    P.CASE_READ, P.CIRCULAR_READ, P.INSTRUCTION_READ, P.LADDER_READ, P.LADDER_ANSWER,
    P.ASSIGNMENT_ACKNOWLEDGE, P.APPLICATION_FILE, P.EXTENSION_ASK, P.EXPORT_LEDGER, P.PROBLEM_READ, P.WORK_PLAN_FILE,
    P.APPEAL_FILE, P.LIST_NOMINATE,
}  # fmt: skip

#: The one table of rights by role in a programme. What is not here is refused.
GRANTS: Mapping[Role, frozenset[Permission]] = {
    Role.LEAD_OFFICE: frozenset(
        _OVERVIEW
        | {
            P.DOCUMENT_REVIEW, P.REGISTER_EDIT, P.BODY_EDIT, P.PEOPLE_INVITE, P.PLAN_EDIT, P.PLAN_ISSUE, P.TASK_EDIT,
            P.REVIEW_DECIDE, P.APPLICATION_DECIDE, P.OBJECTION_DECIDE, P.EXTENSION_DECIDE, P.SETTINGS_EDIT,
            P.OUTBOX_READ, P.EXPORT_RANKING, P.PROBLEM_EDIT,
            P.FINDING_WRITE, P.DISPATCH_EDIT, P.CIRCULAR_EDIT, P.SANDBOX_USE, P.WORK_PLAN_DECIDE,
            P.LADDER_DECIDE, P.SUMMARY_EDIT, P.ROBOT_EDIT, P.FACT_ASSIGN,
            P.VIEWING_EDIT, P.CASE_OPEN, P.LIST_EDIT,
        }
    ),
    Role.LIAISON: frozenset(_UNIT | {P.REPORT_SUBMIT}),
    Role.UNIT_HEAD: frozenset(_UNIT | {P.REPORT_APPROVE}),
    Role.ASSESSOR: frozenset(
        _OVERVIEW
        | {
            P.PERIOD_CLOSE, P.EXPORT_RANKING, P.FACT_ASSIGN, P.VIEWING_EDIT, P.APPEAL_DECIDE, P.CORRECTION_DECIDE,
            P.CASE_OPEN,
        }
    ),
    Role.INSPECTOR: frozenset(_OVERVIEW | {P.FINDING_WRITE, P.CASE_OPEN}),
    Role.JUDGE: frozenset(_MEMBER | {P.VIEWING_READ, P.VIEWING_MARK}),
    Role.LEADER: frozenset(
        _OVERVIEW | {P.DECISION_TAKE, P.CASE_DECIDE, P.EXPORT_RANKING, P.APPEAL_DECIDE, P.CORRECTION_DECIDE}
    ),
}  # fmt: skip

#: Rights over the installation. No business rights: 管理权限分离 (GB/T 22239-2019).
ADMIN_GRANTS: Mapping[AdminRole, frozenset[Permission]] = {
    AdminRole.SYSTEM: frozenset({P.ACCOUNT_ADMINISTER, P.CALENDAR_EDIT}),
    AdminRole.SECURITY: frozenset({P.SECURITY_ADMINISTER}),
    AdminRole.AUDIT: frozenset({P.AUDIT_READ}),
    AdminRole.ALL: frozenset({P.ACCOUNT_ADMINISTER, P.CALENDAR_EDIT, P.SECURITY_ADMINISTER, P.AUDIT_READ}),
}

#: A lead-office post without a programme: may found one.
FOUNDER_GRANTS = frozenset({P.PROGRAMME_CREATE})


@dataclass(frozen=True)
class Actor:
    """Who acts: identity as written to the audit trail, and rights in one programme (or in none)."""

    #: None = the system itself (tick, migration).
    user_id: int | None
    name: str
    #: None = outside any programme.
    programme_id: int | None = None
    roles: frozenset[Role] = frozenset()
    #: Units of the liaison and head posts held.
    unit_ids: frozenset[int] = frozenset()
    unit_name: str = ""
    admin_role: AdminRole | None = None
    is_founder: bool = False
    ip: str = ""
    request_id: str = ""
    permissions: frozenset[Permission] = field(init=False, default=frozenset())

    def __post_init__(self) -> None:
        held: set[Permission] = set()
        if self.user_id is not None:
            held |= {P.APPEARANCE_CHOOSE, P.MESSAGE_READ}
        for role in self.roles:
            held |= GRANTS[role]
        if self.admin_role is not None:
            held |= ADMIN_GRANTS[self.admin_role]
        if self.is_founder:
            held |= FOUNDER_GRANTS
        object.__setattr__(self, "permissions", frozenset(held))

    def may(self, permission: Permission) -> bool:
        """Whether the actor may do this."""
        return permission in self.permissions

    def require(self, permission: Permission) -> None:
        """Raise NotAllowed unless the actor may do this. Verbs ask too: a view's guard is not the only door."""
        if not self.may(permission):
            raise NotAllowed

    @property
    def sees_all(self) -> bool:
        """Whether every row of the programme is visible (office, assessor, inspector, leader)."""
        return self.may(P.TASK_READ_ALL)

    @property
    def role_words(self) -> list[Sentence]:
        """The roles in words, in the order of the enum."""
        return [role.label for role in Role if role in self.roles]


#: What time alone makes happen is done by nobody.
SYSTEM = Actor(user_id=None, name="系统")


def require_any(by: Actor, *permissions: Permission) -> None:
    """One of the permissions is needed, unless the machine itself acts."""
    if by is not SYSTEM and not any(by.may(permission) for permission in permissions):
        raise NotAllowed
