"""What the acts of the audit trail are called; the trail itself keeps the short names, which never change."""

from __future__ import annotations

from collections.abc import Mapping

from supervisor.models import AdminRole, Role
from supervisor.words import N_, Sentence

#: By the short name kept with each row.
ACTS: Mapping[str, Sentence] = {
    "application.decide": N_("Application for completion decided"),
    "application.file": N_("Applied for completion"),
    "assignment.acknowledge": N_("Task signed for"),
    "backup.make": N_("Backup made"),
    "calendar.apply": N_("Working calendar changed"),
    "calendar.seed": N_("Working calendar filled"),
    "calendar.set_year": N_("Year of the working calendar replaced"),
    "calendar_question.answer": N_("Deadline decided after a change of the calendar"),
    "clock.move": N_("Trial clock moved"),
    "decision.propose": N_("Decision proposed"),
    "decision.take": N_("Decision taken"),
    "document.accept_task": N_("Reading of a task accepted"),
    "document.add_duty": N_("Clause made a duty"),
    "document.add_task": N_("Task added to the draft"),
    "document.choose_standing": N_("Duties chosen as standing tasks"),
    "document.compared": N_("Notice compared with the plan"),
    "document.confirm_members": N_("Members of a collective name confirmed"),
    "document.confirm_names": N_("Names matched to units, several at once"),
    "document.correct_head": N_("Title and date corrected"),
    "document.correct_task": N_("Task of the draft corrected"),
    "document.decide_clauses": N_("Clauses decided, several at once"),
    "document.decide_leads": N_("Who leads was decided"),
    "document.drop": N_("Draft dropped"),
    "document.drop_task": N_("Task of the draft left out"),
    "document.follow_precedents": N_("Earlier decisions taken over"),
    "document.import": N_("Existing ledger imported"),
    "document.keep_apart": N_("Two names kept apart"),
    "document.make_collective": N_("Name made a collective"),
    "document.make_unit": N_("Name made a unit"),
    "document.merge_tasks": N_("Tasks of the draft merged"),
    "document.move_unit": N_("Role of a unit changed"),
    "document.name_unit": N_("Name matched to a unit"),
    "document.receive": N_("Notice received"),
    "document.redo": N_("Correction done again"),
    "document.restore_task": N_("Task of the draft taken back in"),
    "document.set_clause_aside": N_("Clause set aside"),
    "document.settle": N_("Question settled"),
    "document.split_task": N_("Task of the draft split"),
    "document.strike_name": N_("Name struck out"),
    "document.undo": N_("Correction undone"),
    "export.ledger": N_("Ledger exported"),
    "export.ranking": N_("Ranking exported"),
    "extension.ask": N_("Extension asked for"),
    "extension.decide": N_("Extension decided"),
    "feed.make": N_("Calendar address made"),
    "feed.revoke": N_("Calendar address ended"),
    "group.arrange": N_("Assessment group arranged"),
    "group.confirm": N_("Assessment group confirmed"),
    "group.join": N_("Unit joined a collective"),
    "group.leave": N_("Unit left a collective"),
    "group.propose": N_("Assessment groups proposed"),
    "link.issue": N_("One-time link issued"),
    "message.send_again": N_("Message sent again"),
    "objection.decide": N_("Objection decided"),
    "objection.raise": N_("Objection raised"),
    "obligation.generate": N_("Reports owed were generated"),
    "obligation.missing": N_("Report not handed in"),
    "obligation.move": N_("Due day moved"),
    "obligation.waive": N_("Report waived"),
    "password.change": N_("Password changed"),
    "password.set": N_("Password set"),
    "period.close": N_("Books of a quarter closed"),
    "period.publish": N_("Scores published"),
    "period.rerun": N_("Quarter run again"),
    "plan.amend": N_("Plan changed after a new notice"),
    "plan.adopt": N_("Plan adopted"),
    "plan.date_tasks": N_("Time limits set"),
    "plan.issue": N_("Plan issued"),
    "posting.create": N_("Post given"),
    "posting.end": N_("Post ended"),
    "programme.create": N_("Programme founded"),
    "report.accept": N_("Report accepted"),
    "report.hand_back": N_("Report handed back by the head"),
    "report.prepare": N_("Report laid before the head"),
    "report.return": N_("Report returned"),
    "report.submit": N_("Report handed in"),
    "review.accept": N_("Entry accepted"),
    "review.return": N_("Entry returned"),
    "rulebook.adopt": N_("Rulebook adopted"),
    "session.end": N_("Signed out"),
    "session.end_all": N_("All sign-ins ended"),
    "session.start": N_("Sign-in"),
    "posting.stand_in": N_("Stand-in named"),
    "sandbox.create": N_("Sandbox made"),
    "sandbox.begin": N_("Sandbox begun"),
    "sandbox.remove": N_("Sandbox removed"),
    "settings.change": N_("Local settings changed"),
    "task.change": N_("Task changed"),
    "task.each_answers": N_("Each unit answers for itself"),
    "task.name_lead": N_("Lead unit named"),
    "task.plan": N_("Planned progress set"),
    "task.targets": N_("Quantities set"),
    "unit.alias": N_("Alias of a unit"),
    "unit.change": N_("Unit changed"),
    "unit.register": N_("Unit registered"),
    "user.change": N_("Account changed"),
    "user.create": N_("Account made"),
    "user.disable": N_("Account disabled"),
    "user.enable": N_("Account enabled"),
}

#: By the table an act was done on.
SUBJECTS: Mapping[str, Sentence] = {
    "application": N_("application"),
    "assignment": N_("link"),
    "attachment": N_("file"),
    "calendar_decision": N_("decision on the calendar"),
    "calendar_feed": N_("calendar address"),
    "calendar_question": N_("deadline after a change of the calendar"),
    "calendar_year": N_("calendar year"),
    "clock": N_("clock"),
    "decision": N_("decision"),
    "document": N_("notice"),
    "entry": N_("entry"),
    "extension": N_("extension"),
    "group_member": N_("member"),
    "unit_group": N_("group"),
    "login_session": N_("sign-in"),
    "message": N_("message"),
    "objection": N_("objection"),
    "obligation": N_("owed report"),
    "plan": N_("plan"),
    "posting": N_("post"),
    "sandbox": N_("sandbox"),
    "programme": N_("programme"),
    "report": N_("report"),
    "report_entry": N_("entry"),
    "rulebook_version": N_("rulebook"),
    "score_period": N_("quarter"),
    "score_run": N_("scoring run"),
    "local_settings": N_("local settings"),
    "task": N_("task"),
    "unit": N_("unit"),
    "user": N_("account"),
    "unit_alias": N_("alias"),
    "one_time_link": N_("one-time link"),
}


def act_words(action: str) -> Sentence | str:
    """An act in words; one that is not known any more (an old row's) stays as it was kept."""
    return ACTS.get(action, action)


def role_words(kept: str) -> list[Sentence | str]:
    """The roles that a row keeps as short names parted by 、, in words."""
    labels = {role.value: role.label for role in (*Role, *AdminRole)}
    return [labels.get(name, name) for name in kept.split("、") if name]


def subject_words(kind: str) -> Sentence | str:
    """What an act was done on, in words."""
    return SUBJECTS.get(kind, kind)
