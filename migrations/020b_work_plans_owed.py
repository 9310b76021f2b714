"""Work plans become obligations of a rule of their own; filings may wait for the unit's head. Frozen in time.

Dates and outcomes of work plans asked for before go to obligations. The end of late filing was never kept: it follows
from the local setting counted in working days, by the calendar as it is kept when this runs.
"""

from datetime import datetime, timedelta

from peewee import BooleanField, CharField, DateField, DateTimeField, ForeignKeyField, IntegerField, Model

NAME = "工作计划"
MOVED = {
    "due_on": DateField(null=True),
    "due_at": DateTimeField(null=True),
    "outcome": CharField(max_length=40, null=True),
    "first_filed_at": DateTimeField(null=True),
    "late_workdays": IntegerField(default=0),
    "returns": IntegerField(default=0),
    "return_due_on": DateField(null=True),
}
STATES = {"open": "open", "filed": "submitted", "returned": "returned", "accepted": "accepted"}
#: What a rule says of itself, by column; columns that came between take their empty value.
RULE = {
    "name": NAME, "kind": "work_plan", "obliged": "linked", "state": "confirmed", "subject_shift": 0, "every_years": 1,
    "minimum": 1, "documents": "[]", "version": 1, "counted_by": "period",
}  # fmt: skip


def insert(db, table, values):
    """One row; what is not named takes null, or the empty value of its type. Returns its number."""
    values = dict(values)
    for column in db.get_columns(table):
        if column.name not in values and not column.null and not column.primary_key:
            kind = column.data_type.lower()
            values[column.name] = False if "bool" in kind else 0 if "int" in kind else ""
    mark = "%s" if "postgres" in type(db).__name__.lower() else "?"
    names, marks = ", ".join(f'"{name}"' for name in values), ", ".join([mark] * len(values))
    db.execute_sql(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', list(values.values()))
    return db.execute_sql(f'SELECT MAX(id) FROM "{table}"').fetchone()[0]


def rows(db, text):
    return db.execute_sql(text).fetchall()


def moment(value):
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def workdays_after(day, count, differing):
    """`differing`: day as text → whether one works on it, for days that differ from their weekday."""
    while count > 0:
        day += timedelta(days=1)
        count -= differing.get(str(day)[:10], day.weekday() < 5)
    return day


def lock_days(db, programme, due_on):
    """How many days late ones were taken on that day."""
    settings = rows(
        db,
        f"SELECT lock_after_workdays, valid_from FROM local_settings WHERE programme_id = {programme} "
        "ORDER BY valid_from",
    )
    fitting = [days for days, begins in settings if str(begins) <= str(due_on)]
    return (fitting or [days for days, _ in settings] or [0])[-1]


def carry_over(db):
    asked = rows(
        db,
        "SELECT w.id, w.programme_id, w.plan_id, w.unit_id, w.state, w.in_force, w.due_on, w.due_at, w.outcome, "
        "w.first_filed_at, w.late_workdays, w.returns, w.return_due_on, p.issued_at, p.effective_on "
        "FROM work_plan w JOIN plan p ON p.id = w.plan_id WHERE w.due_on IS NOT NULL ORDER BY w.due_on, w.id",
    )
    differing = {
        str(day)[:10]: bool(works) for day, works in rows(db, "SELECT day, is_workday FROM calendar_date")
    }
    rules = {}
    for (
        key, programme, plan, unit, state, in_force, due_on, due_at, outcome, filed, late, returns, back, issued, begins,
    ) in asked:  # fmt: skip
        if plan not in rules:
            values = {"programme_id": programme, "plan_id": plan, "due_on": due_on, "valid_from": begins}
            rules[plan] = (insert(db, "reporting_rule", RULE | values), due_on)
        rule, period = rules[plan]
        owed = {
            "programme_id": programme, "rule_id": rule, "unit_id": unit, "period": str(period)[:10],
            "opens_at": issued or due_at, "due_at": due_at, "due_on": due_on,
            "locked_at": workdays_after(moment(due_at), lock_days(db, programme, due_on), differing),
            "state": "accepted" if in_force is not None else STATES[state], "outcome": outcome,
            "first_submitted_at": filed, "late_workdays": late, "returns": returns, "return_due_on": back,
            "schedule_version": 1, "version": 1,
        }  # fmt: skip
        number = insert(db, "obligation", owed)
        db.execute_sql(f"UPDATE work_plan SET obligation_id = {number} WHERE id = {key}")


def carry_back(db):
    for name in ("due_on", "due_at", "outcome", "late_workdays", "returns", "return_due_on"):
        db.execute_sql(
            f"UPDATE work_plan SET {name} = (SELECT o.{name} FROM obligation o "
            "WHERE o.id = work_plan.obligation_id) WHERE obligation_id IS NOT NULL"
        )
    db.execute_sql(
        "UPDATE work_plan SET first_filed_at = (SELECT o.first_submitted_at FROM obligation o "
        "WHERE o.id = work_plan.obligation_id) WHERE obligation_id IS NOT NULL"
    )
    db.execute_sql("UPDATE work_plan SET state = 'open' WHERE state = 'with_head'")


def forget(db):
    """The obligations of work plans and what speaks of them go; then their rules."""
    ours = "SELECT id FROM reporting_rule WHERE kind = 'work_plan'"
    owed = f"SELECT id FROM obligation WHERE rule_id IN ({ours})"
    for table in ("extension", "late_permit", "reminder"):
        db.execute_sql(f"DELETE FROM {table} WHERE obligation_id IN ({owed})")
    db.execute_sql(f"DELETE FROM obligation WHERE rule_id IN ({ours})")
    db.execute_sql("DELETE FROM reporting_rule WHERE kind = 'work_plan'")


def up(migrator, db):
    class Obligation(Model):
        class Meta:
            database = db
            legacy_table_names = False

    migrator.migrate(
        migrator.add_column(
            "work_plan",
            "obligation_id",
            ForeignKeyField(Obligation, field=Obligation.id, backref="+", null=True),
        ),
        migrator.add_column("plan_filing", "sent", BooleanField(default=True)),
        migrator.add_column("plan_filing", "approved_by", IntegerField(null=True)),
        migrator.add_column("plan_filing", "approved_at", DateTimeField(null=True)),
    )
    carry_over(db)
    migrator.migrate(
        migrator.drop_index("work_plan", "work_plan_state_due_at"),
        *(migrator.drop_column("work_plan", name) for name in MOVED),
    )


def down(migrator, db):
    migrator.migrate(*(migrator.add_column("work_plan", name, column) for name, column in MOVED.items()))
    carry_back(db)
    migrator.migrate(
        migrator.add_index("work_plan", ("state", "due_at"), unique=False),
        migrator.drop_index("work_plan", "work_plan_obligation_id"),
        migrator.drop_column("work_plan", "obligation_id"),
        migrator.drop_column("plan_filing", "approved_at"),
        migrator.drop_column("plan_filing", "approved_by"),
        migrator.drop_column("plan_filing", "sent"),
    )
    forget(db)
