"""The first schema. Frozen in time: imports nothing of ours; models and migrations are compared by a test."""

from peewee import (
    AutoField,
    BooleanField,
    CharField,
    Check,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
    SqliteDatabase,
    TextField,
    TimeField,
)


def tables(db):
    class Base(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Jurisdiction(Base):
        id = AutoField()
        name = CharField(max_length=80, unique=True)

    class Unit(Base):
        id = AutoField()
        jurisdiction = ForeignKeyField(Jurisdiction, backref="+")
        name = CharField(max_length=160)
        kind = CharField(max_length=40)
        sort = IntegerField()
        valid_from = DateField(null=True)
        valid_to = DateField(null=True)

        class Meta:
            indexes = ((("jurisdiction", "name"), True),)

    class UnitAlias(Base):
        id = AutoField()
        unit = ForeignKeyField(Unit, backref="+")
        jurisdiction = ForeignKeyField(Jurisdiction, backref="+")
        name = CharField(max_length=160)
        valid_from = DateField(null=True)
        valid_to = DateField(null=True)

        class Meta:
            indexes = ((("jurisdiction", "name"), True),)

    class Programme(Base):
        id = AutoField()
        jurisdiction = ForeignKeyField(Jurisdiction, backref="+")
        name = CharField(max_length=200)
        host_unit = ForeignKeyField(Unit, backref="+", null=True)
        office_name = CharField(max_length=200)
        created_at = DateTimeField()
        ended_on = DateField(null=True)

        class Meta:
            indexes = ((("jurisdiction", "name"), True),)

    class LocalSettings(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+")
        valid_from = DateField()
        monthly_due_day = IntegerField()
        cutoff = TimeField()
        day_off_policy = CharField(max_length=8)
        lock_after_workdays = IntegerField()
        remind_before = TextField()
        remind_after = TextField()
        objection_workdays = IntegerField()
        head_approves = BooleanField()
        review_alarm_workdays = IntegerField()
        return_workdays = IntegerField()
        first_scored_period = CharField(max_length=12)
        scores_shown_to_units = BooleanField()
        set_by = IntegerField(null=True)
        set_at = DateTimeField()
        reason = TextField()

        class Meta:
            indexes = ((("programme", "valid_from"), True),)

    class UnitGroup(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+")
        kind = CharField(max_length=40)
        name = CharField(max_length=160)
        definition = CharField(max_length=400)
        sort = IntegerField()
        confirmed_at = DateTimeField(null=True)
        confirmed_by = IntegerField(null=True)

        class Meta:
            indexes = ((("programme", "kind", "name"), True),)

    class GroupMember(Base):
        id = AutoField()
        group = ForeignKeyField(UnitGroup, backref="+")
        unit = ForeignKeyField(Unit, backref="+")
        sort = IntegerField()
        note = CharField(max_length=400)
        valid_from = DateField(null=True)
        valid_to = DateField(null=True)

        class Meta:
            indexes = ((("group", "unit"), True),)

    class RosterEntry(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+")
        body = CharField(max_length=200)
        role = CharField(max_length=40)
        name = CharField(max_length=80)
        post = CharField(max_length=200)
        unit = ForeignKeyField(Unit, backref="+", null=True)
        sort = IntegerField()
        note = CharField(max_length=400)

    class CalendarYear(Base):
        id = AutoField()
        year = IntegerField(unique=True)
        confirmed = BooleanField()
        source = CharField(max_length=200)

    class CalendarDate(Base):
        id = AutoField()
        day = DateField(unique=True)
        is_workday = BooleanField()
        name = CharField(max_length=80)

    class User(Base):
        id = AutoField()
        username = CharField(max_length=80, unique=True)
        name = CharField(max_length=80)
        post = CharField(max_length=120)
        email = CharField(max_length=200)
        phone = CharField(max_length=40)
        password_hash = CharField(max_length=200, null=True)
        language = CharField(max_length=8, null=True)
        admin_role = CharField(max_length=40, null=True)
        active = BooleanField()
        is_demo = BooleanField()
        created_at = DateTimeField()
        password_changed_at = DateTimeField(null=True)

    class Posting(Base):
        id = AutoField()
        user = ForeignKeyField(User, backref="+")
        programme = ForeignKeyField(Programme, backref="+", null=True)
        role = CharField(max_length=40)
        unit = ForeignKeyField(Unit, backref="+", null=True)
        valid_from = DateField()
        valid_to = DateField(null=True)

        class Meta:
            indexes = (
                (("programme", "role"), False),
                (("unit", "role"), False),
            )

    class LoginSession(Base):
        id = AutoField()
        token_hash = CharField(max_length=64, unique=True)
        user = ForeignKeyField(User, backref="+")
        created_at = DateTimeField()
        last_seen_at = DateTimeField()
        ip = CharField(max_length=60)
        agent = CharField(max_length=200)
        ended_at = DateTimeField(null=True)
        end_reason = CharField(max_length=40)

    class LoginAttempt(Base):
        id = AutoField()
        username = CharField(max_length=80, index=True)
        ip = CharField(max_length=60, index=True)
        at = DateTimeField(index=True)
        succeeded = BooleanField()

    class OneTimeLink(Base):
        id = AutoField()
        token_hash = CharField(max_length=64, unique=True)
        user = ForeignKeyField(User, backref="+")
        purpose = CharField(max_length=40)
        created_at = DateTimeField()
        expires_at = DateTimeField()
        used_at = DateTimeField(null=True)
        created_by = IntegerField(null=True)

    class IdempotencyKey(Base):
        id = AutoField()
        user_id = IntegerField()
        key = CharField(max_length=64)
        fingerprint = CharField(max_length=64)
        answer = CharField(max_length=400)
        at = DateTimeField(index=True)

        class Meta:
            indexes = ((("user_id", "key"), True),)

    class Document(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+")
        filename = CharField(max_length=200)
        sha256 = CharField(max_length=64)
        title = CharField(max_length=400)
        issuer = CharField(max_length=200)
        numbers = TextField()
        issued_on = DateField(null=True)
        published_on = DateField(null=True)
        text = TextField()
        draft = TextField()
        state = CharField(max_length=40)
        version = IntegerField()
        created_by = IntegerField(null=True)
        created_at = DateTimeField()

        class Meta:
            indexes = ((("programme", "sha256"), False),)

    class Plan(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+")
        document = ForeignKeyField(Document, backref="+", null=True)
        title = CharField(max_length=400)
        state = CharField(max_length=40)
        adopted_at = DateTimeField()
        issued_at = DateTimeField(null=True)
        issued_by = IntegerField(null=True)
        effective_on = DateField()
        version = IntegerField()

    class Task(Base):
        id = AutoField()
        plan = ForeignKeyField(Plan, backref="+")
        programme = ForeignKeyField(Programme, backref="+")
        sort = IntegerField()
        path = TextField()
        number = CharField(max_length=20)
        title = CharField(max_length=400)
        text = TextField()
        source_line = IntegerField(null=True)
        standing = BooleanField()
        due_on = DateField(null=True)
        due_from_notice = BooleanField()
        planned = TextField()
        lead_share = IntegerField()
        responsible_share = IntegerField()
        state = CharField(max_length=40)
        closed_on = DateField(null=True)
        links = IntegerField()
        leads = IntegerField()
        leads_closed = IntegerField()
        progress = IntegerField(null=True)
        light = CharField(max_length=40)
        light_on = DateField(null=True)
        search = TextField()
        version = IntegerField()

        class Meta:
            indexes = (
                (("programme", "state", "due_on", "id"), False),
                (("programme", "due_on", "id"), False),
                (("programme", "sort", "id"), False),
                (("plan", "sort"), False),
                (("state", "light_on"), False),
            )
            constraints = (Check("leads_closed <= leads", name="task_leads_closed"),)

    class TaskToken(Base):
        id = AutoField()
        task = ForeignKeyField(Task, backref="+")
        role = CharField(max_length=40)
        text = CharField(max_length=160)
        unit = ForeignKeyField(Unit, backref="+", null=True)
        group = ForeignKeyField(UnitGroup, backref="+", null=True)
        sort = IntegerField()

        class Meta:
            indexes = ((("task", "role", "text"), True),)

    class Assignment(Base):
        id = AutoField()
        task = ForeignKeyField(Task, backref="+")
        programme = ForeignKeyField(Programme, backref="+")
        unit = ForeignKeyField(Unit, backref="+")
        role = CharField(max_length=40)
        group = ForeignKeyField(UnitGroup, backref="+", null=True)
        share = IntegerField()
        joined_on = DateField(null=True)
        state = CharField(max_length=40)
        acknowledged_at = DateTimeField(null=True)
        acknowledged_by = IntegerField(null=True)
        progress = IntegerField(null=True)
        progress_period = CharField(max_length=12)
        applied_at = DateTimeField(null=True)
        closed_on = DateField(null=True)
        suspended = BooleanField()
        task_state = CharField(max_length=40)
        due_on = DateField(null=True)
        version = IntegerField()

        class Meta:
            indexes = (
                (("task", "unit"), True),
                (("programme", "unit", "task_state", "due_on", "task"), False),
                (("unit", "state"), False),
            )

    class QuantityTarget(Base):
        id = AutoField()
        task = ForeignKeyField(Task, backref="+")
        unit = ForeignKeyField(Unit, backref="+")
        measure = CharField(max_length=80)
        target = IntegerField()
        planned = TextField()
        accepted = IntegerField(null=True)

        class Meta:
            indexes = ((("task", "unit", "measure"), True),)
            constraints = (Check("target >= 0", name="quantity_target_not_negative"),)

    class Objection(Base):
        id = AutoField()
        assignment = ForeignKeyField(Assignment, backref="+")
        reason = TextField()
        raised_by = IntegerField()
        raised_at = DateTimeField()
        upheld = BooleanField(null=True)
        decision = TextField()
        decided_by = IntegerField(null=True)
        decided_at = DateTimeField(null=True)

    class Application(Base):
        id = AutoField()
        assignment = ForeignKeyField(Assignment, backref="+")
        programme = ForeignKeyField(Programme, backref="+")
        evidence = TextField()
        applied_by = IntegerField()
        applied_at = DateTimeField()
        state = CharField(max_length=40)
        decided_by = IntegerField(null=True)
        decided_at = DateTimeField(null=True)
        reason = TextField()

        class Meta:
            indexes = ((("programme", "state", "applied_at"), False),)

    class ReportingRule(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+")
        plan = ForeignKeyField(Plan, backref="+", null=True)
        name = CharField(max_length=120)
        recurrence = CharField(max_length=40)
        valid_from = DateField()
        valid_to = DateField(null=True)
        version = IntegerField()

    class Obligation(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+")
        rule = ForeignKeyField(ReportingRule, backref="+")
        unit = ForeignKeyField(Unit, backref="+")
        period = CharField(max_length=12)
        opens_at = DateTimeField()
        due_at = DateTimeField()
        due_on = DateField()
        locked_at = DateTimeField()
        state = CharField(max_length=40)
        outcome = CharField(max_length=40, null=True)
        first_submitted_at = DateTimeField(null=True)
        late_workdays = IntegerField()
        returns = IntegerField()
        return_due_on = DateField(null=True)
        schedule_version = IntegerField()
        waive_reason = CharField(max_length=400)
        version = IntegerField()

        class Meta:
            indexes = (
                (("rule", "unit", "period"), True),
                (("programme", "state", "due_at"), False),
                (("unit", "state", "due_at"), False),
                (("programme", "period"), False),
                (("state", "due_at"), False),
            )

    class Entry(Base):
        id = AutoField()
        obligation = ForeignKeyField(Obligation, backref="+")
        assignment = ForeignKeyField(Assignment, backref="+")
        task = ForeignKeyField(Task, backref="+")
        sort = IntegerField()
        state = CharField(max_length=40)

        class Meta:
            indexes = ((("obligation", "assignment"), True),)

    class Report(Base):
        id = AutoField()
        obligation = ForeignKeyField(Obligation, backref="+")
        number = IntegerField()
        nil = BooleanField()
        nil_reason = TextField()
        submitted_by = IntegerField()
        received_at = DateTimeField()
        approved_by = IntegerField(null=True)
        approved_at = DateTimeField(null=True)
        sent = BooleanField()
        receipt = CharField(max_length=40)
        audit_head = CharField(max_length=80)

        class Meta:
            indexes = ((("obligation", "number"), True),)

    class ReportEntry(Base):
        id = AutoField()
        report = ForeignKeyField(Report, backref="+")
        entry = ForeignKeyField(Entry, backref="+")
        progress = IntegerField()
        done = TextField()
        problems = TextField()
        next_steps = TextField()
        help_wanted = TextField()
        figure_reason = TextField()
        verdict = CharField(max_length=40, null=True)
        mark = IntegerField(null=True)
        review_note = TextField()
        reviewed_by = IntegerField(null=True)
        reviewed_at = DateTimeField(null=True)

        class Meta:
            indexes = ((("report", "entry"), True),)
            constraints = (
                Check("progress BETWEEN 0 AND 100", name="report_entry_progress"),
                Check("mark IS NULL OR mark BETWEEN 0 AND 100", name="report_entry_mark"),
                Check("verdict IS NULL OR reviewed_by IS NOT NULL", name="report_entry_reviewed"),
            )

    class ReportedQuantity(Base):
        id = AutoField()
        report_entry = ForeignKeyField(ReportEntry, backref="+")
        measure = CharField(max_length=80)
        cumulative = IntegerField()

        class Meta:
            indexes = ((("report_entry", "measure"), True),)
            constraints = (Check("cumulative >= 0", name="reported_quantity_not_negative"),)

    class Extension(Base):
        id = AutoField()
        obligation = ForeignKeyField(Obligation, backref="+")
        reason = TextField()
        wanted_on = DateField()
        asked_by = IntegerField()
        asked_at = DateTimeField()
        granted = BooleanField(null=True)
        granted_on = DateField(null=True)
        decision = TextField()
        decided_by = IntegerField(null=True)
        decided_at = DateTimeField(null=True)

    class Attachment(Base):
        id = AutoField()
        sha256 = CharField(max_length=64, index=True)
        filename = CharField(max_length=200)
        size = IntegerField()
        media_type = CharField(max_length=120)
        unit = ForeignKeyField(Unit, backref="+", null=True)
        uploaded_by = IntegerField()
        uploaded_at = DateTimeField()
        report_entry = ForeignKeyField(ReportEntry, backref="+", null=True)
        application = ForeignKeyField(Application, backref="+", null=True)

    class Message(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+", null=True)
        recipient = ForeignKeyField(User, backref="+")
        channel = CharField(max_length=40)
        kind = CharField(max_length=40)
        key = CharField(max_length=160, unique=True)
        day = DateField()
        subject = CharField(max_length=300)
        body = TextField()
        link = CharField(max_length=200)
        state = CharField(max_length=40)
        attempts = IntegerField()
        next_try_at = DateTimeField(null=True)
        fence = IntegerField()
        claimed_at = DateTimeField(null=True)
        sent_at = DateTimeField(null=True)
        read_at = DateTimeField(null=True)
        error = TextField()
        message_id = CharField(max_length=200)
        created_at = DateTimeField()

        class Meta:
            indexes = (
                (("recipient", "channel", "read_at", "id"), False),
                (("channel", "state", "next_try_at"), False),
                (("programme", "state", "id"), False),
            )

    class Reminder(Base):
        id = AutoField()
        obligation = ForeignKeyField(Obligation, backref="+")
        stage = CharField(max_length=20)
        recipient = ForeignKeyField(User, backref="+")
        channel = CharField(max_length=40)
        schedule_version = IntegerField()
        due_on = DateField()
        message = ForeignKeyField(Message, backref="+", null=True)
        collapsed_into = CharField(max_length=20)
        cancelled_at = DateTimeField(null=True)
        created_at = DateTimeField()

        class Meta:
            indexes = ((("obligation", "stage", "recipient", "channel", "schedule_version"), True),)

    class Lease(Base):
        id = AutoField()
        name = CharField(max_length=40, unique=True)
        holder = CharField(max_length=80)
        until = DateTimeField()
        fence = IntegerField()

    class Tick(Base):
        id = AutoField()
        at = DateTimeField(index=True)
        ran_at = DateTimeField(index=True)
        milliseconds = IntegerField()
        counts = TextField()
        error = TextField()

    class RulebookVersion(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+")
        name = CharField(max_length=120)
        version = CharField(max_length=40)
        text = TextField()
        sha256 = CharField(max_length=64)
        valid_from = DateField()
        adopted_by = IntegerField(null=True)
        adopted_at = DateTimeField()

    class ScorePeriod(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+")
        key = CharField(max_length=12)
        state = CharField(max_length=40)
        closed_by = IntegerField(null=True)
        closed_at = DateTimeField(null=True)
        published_at = DateTimeField(null=True)
        published_by = IntegerField(null=True)

        class Meta:
            indexes = ((("programme", "key"), True),)

    class ScoreRun(Base):
        id = AutoField()
        period = ForeignKeyField(ScorePeriod, backref="+")
        rulebook = ForeignKeyField(RulebookVersion, backref="+")
        number = IntegerField()
        facts = TextField()
        facts_sha256 = CharField(max_length=64)
        result = TextField()
        result_sha256 = CharField(max_length=64)
        code_version = CharField(max_length=40)
        ran_by = IntegerField(null=True)
        ran_at = DateTimeField()
        reason = TextField()
        superseded = BooleanField()
        audit_head = CharField(max_length=80)

        class Meta:
            indexes = ((("period", "number"), True),)

    class ScoreLine(Base):
        id = AutoField()
        run = ForeignKeyField(ScoreRun, backref="+")
        unit = ForeignKeyField(Unit, backref="+")
        sort = IntegerField()
        indicator = CharField(max_length=60)
        part = CharField(max_length=12)
        title = CharField(max_length=120)
        title_en = CharField(max_length=120)
        weight = IntegerField()
        points = IntegerField(null=True)
        na_reason = CharField(max_length=300)
        na_treatment = CharField(max_length=12)
        rule = TextField()
        rule_en = TextField()
        clause = CharField(max_length=200)
        steps = TextField()
        records = TextField()

        class Meta:
            indexes = ((("run", "unit", "sort"), True),)

    class Standing(Base):
        id = AutoField()
        run = ForeignKeyField(ScoreRun, backref="+")
        unit = ForeignKeyField(Unit, backref="+")
        unit_name = CharField(max_length=160)
        group_name = CharField(max_length=160)
        group_sort = IntegerField()
        sort = IntegerField()
        earned = IntegerField()
        applicable = IntegerField()
        base = IntegerField(null=True)
        bonus = IntegerField()
        penalty = IntegerField()
        score = IntegerField(null=True)
        rank = IntegerField(null=True)
        tied = BooleanField()
        rank_note = CharField(max_length=300)
        tier = CharField(max_length=40)
        tier_en = CharField(max_length=40)
        tier_note = CharField(max_length=300)
        vetoes = TextField()
        change = IntegerField(null=True)

        class Meta:
            indexes = ((("run", "unit"), True),)

    class Decision(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+")
        kind = CharField(max_length=40)
        subject = CharField(max_length=200)
        subject_id = IntegerField(null=True)
        link = CharField(max_length=200)
        proposed_by = IntegerField(null=True)
        proposed_at = DateTimeField()
        reason = TextField()
        approved = BooleanField(null=True)
        decision = TextField()
        decided_by = IntegerField(null=True)
        decided_at = DateTimeField(null=True)

        class Meta:
            indexes = ((("programme", "approved"), False),)

    class AuditHead(Base):
        id = AutoField()
        seq = IntegerField()
        hash = CharField(max_length=64)

    class AuditEntry(Base):
        id = AutoField()
        seq = IntegerField(unique=True)
        at = DateTimeField(index=True)
        actor_id = IntegerField(null=True)
        actor_name = CharField(max_length=120)
        actor_unit = CharField(max_length=160)
        actor_role = CharField(max_length=120)
        ip = CharField(max_length=60)
        request_id = CharField(max_length=40)
        programme_id = IntegerField(null=True, index=True)
        action = CharField(max_length=60, index=True)
        subject_type = CharField(max_length=40)
        subject_id = IntegerField(null=True)
        outcome = CharField(max_length=20)
        before = TextField()
        after = TextField()
        reason = TextField()
        alg = CharField(max_length=20)
        prev = CharField(max_length=64)
        hash = CharField(max_length=64)

        class Meta:
            indexes = ((("subject_type", "subject_id"), False),)

    return [
        Jurisdiction,
        Unit,
        UnitAlias,
        Programme,
        LocalSettings,
        UnitGroup,
        GroupMember,
        RosterEntry,
        CalendarYear,
        CalendarDate,
        User,
        Posting,
        LoginSession,
        LoginAttempt,
        OneTimeLink,
        IdempotencyKey,
        Document,
        Plan,
        Task,
        TaskToken,
        Assignment,
        QuantityTarget,
        Objection,
        Application,
        ReportingRule,
        Obligation,
        Entry,
        Report,
        ReportEntry,
        ReportedQuantity,
        Extension,
        Attachment,
        Message,
        Reminder,
        Lease,
        Tick,
        RulebookVersion,
        ScorePeriod,
        ScoreRun,
        ScoreLine,
        Standing,
        Decision,
        AuditHead,
        AuditEntry,
    ]


def up(migrator, db):
    db.create_tables(tables(db), safe=False)
    db.execute_sql("INSERT INTO audit_head (seq, hash) VALUES (0, '" + "0" * 64 + "')")
    if isinstance(db, SqliteDatabase):
        for act in ("UPDATE", "DELETE"):
            db.execute_sql(
                f"CREATE TRIGGER audit_entry_no_{act.lower()} BEFORE {act} ON audit_entry "
                "BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"
            )
    else:
        db.execute_sql(
            "CREATE FUNCTION refuse_audit_change() RETURNS trigger AS $$ "
            "BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$ LANGUAGE plpgsql"
        )
        db.execute_sql(
            "CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()"
        )


def down(migrator, db):
    if isinstance(db, SqliteDatabase):
        db.execute_sql("DROP TRIGGER audit_entry_no_update")
        db.execute_sql("DROP TRIGGER audit_entry_no_delete")
    else:
        db.execute_sql("DROP TRIGGER audit_entry_append_only ON audit_entry")
        db.execute_sql("DROP FUNCTION refuse_audit_change()")
    db.drop_tables(tables(db))
