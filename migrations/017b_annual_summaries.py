"""Versions of annual summaries. Frozen in time."""

from peewee import AutoField, CharField, DateTimeField, ForeignKeyField, IntegerField, Model, TextField


def tables(db):
    class Base(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Programme(Base):
        id = AutoField()

    class ReportingRule(Base):
        id = AutoField()

    class AnnualSummary(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+")
        rule = ForeignKeyField(ReportingRule, backref="+")
        period = CharField(max_length=12)
        number = IntegerField()
        note = CharField(max_length=400, default="")
        written_by = IntegerField()
        by_name = CharField(max_length=80)
        written_at = DateTimeField()
        content = TextField()
        sha256 = CharField(max_length=64)

        class Meta:
            indexes = ((("programme", "rule", "period", "number"), True),)

    return [AnnualSummary]


def up(_migrator, db):
    db.create_tables(tables(db), safe=False)


def down(_migrator, db):
    db.drop_tables(list(reversed(tables(db))))
