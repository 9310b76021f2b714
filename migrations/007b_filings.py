"""Documents of filings, receipts of their recipients, bulletins. Frozen in time."""

from peewee import AutoField, CharField, DateTimeField, ForeignKeyField, IntegerField, Model, TextField


def tables(db):
    class Base(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Programme(Base):
        id = AutoField()

    class Report(Base):
        id = AutoField()

    class RuleRecipient(Base):
        id = AutoField()

    class Bulletin(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+")
        number = IntegerField()
        title = CharField(max_length=200)
        made_by = IntegerField()
        made_at = DateTimeField()

        class Meta:
            indexes = ((("programme", "number"), True),)

    class FiledDocument(Base):
        id = AutoField()
        report = ForeignKeyField(Report, backref="+")
        kind = CharField(max_length=80)
        title = CharField(max_length=200)
        text = TextField()
        bulletin = ForeignKeyField(Bulletin, null=True, backref="+")

    class Receipt(Base):
        id = AutoField()
        report = ForeignKeyField(Report, backref="+")
        recipient = ForeignKeyField(RuleRecipient, backref="+")
        number = CharField(max_length=60)
        given_by = IntegerField()
        given_by_name = CharField(max_length=120)
        given_at = DateTimeField()

        class Meta:
            indexes = ((("report", "recipient"), True),)

    return [Bulletin, FiledDocument, Receipt]


def up(migrator, db):
    made = tables(db)
    db.create_tables(made, safe=False)
    document = ForeignKeyField(made[1], field=made[1].id, null=True, backref="+")
    migrator.migrate(migrator.add_column("attachment", "filed_id", document))


def down(migrator, db):
    migrator.migrate(
        migrator.drop_index("attachment", "attachment_filed_id"),
        migrator.drop_column("attachment", "filed_id"),
    )
    db.drop_tables(list(reversed(tables(db))))
