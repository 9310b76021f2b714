"""Messages name their event, what they are about and its unit; offices' own words for events. Frozen in time."""

from peewee import (
    AutoField,
    CharField,
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

    class Programme(Base):
        id = AutoField()

    class Unit(Base):
        id = AutoField()

    class MessageWording(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+")
        event = CharField(max_length=40)
        version = IntegerField()
        valid_from = DateField()
        valid_to = DateField(null=True)
        subject_zh = CharField(max_length=120)
        body_zh = TextField()
        subject_en = CharField(max_length=120)
        body_en = TextField()
        reason = CharField(max_length=400)
        set_by = IntegerField()
        by_name = CharField(max_length=80)
        set_at = DateTimeField()

        class Meta:
            indexes = ((("programme", "event", "version"), True),)

    return [MessageWording], Unit


def up(migrator, db):
    made, unit = tables(db)
    db.create_tables(made, safe=False)
    migrator.migrate(
        migrator.add_column("message", "event", CharField(max_length=40, default="")),
        migrator.add_column("message", "about", IntegerField(null=True)),
        migrator.add_column(
            "message", "unit_id", ForeignKeyField(unit, field=unit.id, null=True, backref="+")
        ),
    )
    migrator.migrate(
        migrator.drop_index("message", "message_recipient_id_channel_read_at_id"),
        migrator.add_index("message", ("recipient_id", "channel", "read_at", "day", "id")),
        migrator.add_index("message", ("recipient_id", "channel", "day", "id")),
        migrator.add_index("message", ("recipient_id", "event", "about")),
    )


def down(migrator, db):
    made, _unit = tables(db)
    migrator.migrate(
        migrator.drop_index("message", "message_recipient_id_event_about"),
        migrator.drop_index("message", "message_recipient_id_channel_day_id"),
        migrator.drop_index("message", "message_recipient_id_channel_read_at_day_id"),
        migrator.add_index("message", ("recipient_id", "channel", "read_at", "id")),
        migrator.drop_index("message", "message_unit_id"),
        migrator.drop_column("message", "unit_id"),
        migrator.drop_column("message", "about"),
        migrator.drop_column("message", "event"),
    )
    db.drop_tables(made)
