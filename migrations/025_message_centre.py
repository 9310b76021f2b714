"""Indexes of the message centre: its lists by channel and state, and its sums of days. Frozen in time."""

DAYS = ("programme_id", "day", "id")
SUMS = ("programme_id", "channel", "state", "day", "id", "robot_id", "read_at")
FORMER = ("programme_id", "state", "id")


def up(migrator, db):
    migrator.migrate(
        migrator.add_index("message", DAYS),
        migrator.add_index("message", SUMS),
        migrator.drop_index("message", "message_programme_id_state_id"),
    )


def down(migrator, db):
    migrator.migrate(
        migrator.add_index("message", FORMER),
        migrator.drop_index("message", "message_programme_id_day_id"),
        migrator.drop_index("message", "message_programme_id_channel_state_day_id_robot_id_read_at"),
    )
