"""Forms of reporting rules with their fields, what reports say in them, and files asked for. Frozen in time."""

from peewee import (
    AutoField,
    BigIntegerField,
    BooleanField,
    CharField,
    Check,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)


def tables(db):
    class Base(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class ReportingRule(Base):
        id = AutoField()

    class Report(Base):
        id = AutoField()

    class RuleForm(Base):
        id = AutoField()
        rule = ForeignKeyField(ReportingRule, backref="+")
        number = IntegerField()
        valid_from = DateField()
        reason = TextField()
        made_by = IntegerField(null=True)
        made_by_name = CharField(max_length=120)
        made_at = DateTimeField()

        class Meta:
            indexes = ((("rule", "number"), True),)

    class RuleField(Base):
        id = AutoField()
        form = ForeignKeyField(RuleForm, backref="+")
        key = IntegerField()
        name = CharField(max_length=40)
        kind = CharField(max_length=40)
        measure = CharField(max_length=20)
        decimals = BooleanField()
        target = BigIntegerField(null=True)
        choices = TextField()
        required = BooleanField()
        hint = CharField(max_length=200)
        sort = IntegerField()
        source_rule = ForeignKeyField(ReportingRule, null=True, backref="+")
        source_key = IntegerField(null=True)
        source_measure = CharField(max_length=80)

        class Meta:
            indexes = ((("form", "key"), True),)
            constraints = (Check("target IS NULL OR target >= 0", name="rule_field_target_not_negative"),)

    class FieldValue(Base):
        id = AutoField()
        report = ForeignKeyField(Report, backref="+")
        field = ForeignKeyField(RuleField, backref="+")
        number = BigIntegerField(null=True)
        text = TextField()

        class Meta:
            indexes = ((("report", "field"), True),)
            constraints = (Check("number IS NULL OR number >= 0", name="field_value_not_negative"),)

    return [RuleForm, RuleField, FieldValue]


def up(migrator, db):
    form, field, value = tables(db)
    db.create_tables([form, field, value], safe=False)
    migrator.migrate(
        migrator.add_column(
            "report", "form_id", ForeignKeyField(form, field=form.id, null=True, backref="+")
        ),
        migrator.add_column("report", "form_reason", TextField(default="")),
        migrator.add_column(
            "attachment", "field_value_id", ForeignKeyField(value, field=value.id, null=True, backref="+")
        ),
    )


def down(migrator, db):
    migrator.migrate(
        migrator.drop_index("attachment", "attachment_field_value_id"),
        migrator.drop_column("attachment", "field_value_id"),
        migrator.drop_column("report", "form_reason"),
        migrator.drop_index("report", "report_form_id"),
        migrator.drop_column("report", "form_id"),
    )
    db.drop_tables(list(reversed(tables(db))))
