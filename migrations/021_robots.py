"""Robots, their units and reminders; every try to send a message; messages to robots have no person. Frozen in time."""

from peewee import (
    AutoField,
    CharField,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
    SqliteDatabase,
    TextField,
)

# A table is rebuilt on old SQLite, so keys are not watched meanwhile: that is set outside of a transaction.
atomic = False


def tables(db):
    class Base(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Programme(Base):
        id = AutoField()

    class UnitGroup(Base):
        id = AutoField()

    class Unit(Base):
        id = AutoField()

    class Obligation(Base):
        id = AutoField()

    class Message(Base):
        id = AutoField()

    class Robot(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+")
        name = CharField(max_length=80)
        channel = CharField(max_length=40)
        credential = TextField()
        secret = TextField()
        host = CharField(max_length=255)
        audience = CharField(max_length=40)
        group = ForeignKeyField(UnitGroup, null=True, backref="+")
        kinds = TextField()
        language = CharField(max_length=8)
        paused_at = DateTimeField(null=True)
        revoked_at = DateTimeField(null=True)
        reason = CharField(max_length=400)
        held_until = DateTimeField(null=True)
        version = IntegerField()
        created_by = IntegerField()
        created_by_name = CharField(max_length=80)
        created_at = DateTimeField()

        class Meta:
            indexes = ((("programme", "revoked_at"), False),)

    class RobotUnit(Base):
        id = AutoField()
        robot = ForeignKeyField(Robot, backref="+")
        unit = ForeignKeyField(Unit, backref="+")

        class Meta:
            indexes = ((("robot", "unit"), True),)

    class DeliveryAttempt(Base):
        id = AutoField()
        message = ForeignKeyField(Message, backref="+")
        robot = ForeignKeyField(Robot, null=True, backref="+")
        channel = CharField(max_length=40)
        fence = IntegerField()
        day = DateField()
        at = DateTimeField()
        milliseconds = IntegerField(null=True)
        result = CharField(max_length=40)
        error = TextField()

        class Meta:
            indexes = (
                (("message", "fence"), True),
                (("robot", "at"), False),
                (("channel", "day", "result"), False),
            )

    class RobotReminder(Base):
        id = AutoField()
        obligation = ForeignKeyField(Obligation, backref="+")
        stage = CharField(max_length=20)
        robot = ForeignKeyField(Robot, backref="+")
        schedule_version = IntegerField()
        due_on = DateField()
        message = ForeignKeyField(Message, backref="+", null=True)
        collapsed_into = CharField(max_length=20)
        cancelled_at = DateTimeField(null=True)
        created_at = DateTimeField()

        class Meta:
            indexes = ((("obligation", "stage", "robot", "schedule_version"), True),)

    return [Robot, RobotUnit, DeliveryAttempt, RobotReminder]


def in_peace(db, change):
    """Run `change` in one transaction, on SQLite while no key is watched; all keys are looked at before it ends."""
    is_sqlite = isinstance(db, SqliteDatabase)
    if is_sqlite:
        db.execute_sql("PRAGMA foreign_keys = 0")
    try:
        with db.atomic():
            change()
            if is_sqlite and db.execute_sql("PRAGMA foreign_key_check").fetchall():
                raise RuntimeError("a row refers to one that does not exist")
    finally:
        if is_sqlite:
            db.execute_sql("PRAGMA foreign_keys = 1")


def up(migrator, db):
    def change():
        made = tables(db)
        robot = made[0]
        db.create_tables(made, safe=False)
        migrator.migrate(
            migrator.drop_not_null("message", "recipient_id"),
            migrator.add_column(
                "message", "robot_id", ForeignKeyField(robot, field=robot.id, backref="+", null=True)
            ),
        )

    in_peace(db, change)


def down(migrator, db):
    def change():
        db.drop_tables(list(reversed(tables(db)[1:])))
        db.execute_sql("DELETE FROM message WHERE recipient_id IS NULL")
        migrator.migrate(
            migrator.drop_index("message", "message_robot_id"),
            migrator.drop_column("message", "robot_id"),
            migrator.add_not_null("message", "recipient_id"),
        )
        db.drop_tables(tables(db)[:1])

    in_peace(db, change)
