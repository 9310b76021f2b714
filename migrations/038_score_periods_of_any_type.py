"""Score periods of any type: the type and last day beside the key; stored wordings name the period. Frozen in time."""

from datetime import date, timedelta

from peewee import CharField, DateField, Model

WORDINGS = (("subject_zh", "{季度}", "{考核期}"), ("body_zh", "{季度}", "{考核期}"),
            ("subject_en", "{quarter}", "{period}"), ("body_en", "{quarter}", "{period}"))  # fmt: skip

#: Wordings of other events may name a report's {period}.
OF_SCORES = "event = 'period.closed' OR substr(event, 1, 6) IN ('score.', 'appeal', 'correc')"


def _rows(db):
    class ScorePeriod(Model):
        key = CharField(max_length=40)
        type = CharField(max_length=30)
        ends_on = DateField()

        class Meta:
            database = db
            legacy_table_names = False

    return ScorePeriod


def _end(key):
    """The last day of a quarter: only quarters were scored until now."""
    year, month = int(key[:4]), int(key[-1]) * 3
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def up(migrator, db):
    # Nullable until filled: PostgreSQL keeps no default that a model does not have.
    migrator.migrate(
        migrator.alter_column_type("score_period", "key", CharField(max_length=40)),
        migrator.add_column("score_period", "type", CharField(max_length=30, null=True)),
        migrator.add_column("score_period", "ends_on", DateField(null=True)),
    )
    table = _rows(db)
    for row in list(table.select(table.id, table.key)):
        table.update(type="quarter", ends_on=_end(row.key)).where(table.id == row.id).execute()
    migrator.migrate(
        migrator.add_not_null("score_period", "type"),
        migrator.add_not_null("score_period", "ends_on"),
        migrator.add_index("score_period", ("programme_id", "type", "key")),
    )
    for column, old, new in WORDINGS:
        _reword(db, column, old, new)


def down(migrator, db):
    table = _rows(db)
    if table.select().where(table.type != "quarter").exists():
        raise RuntimeError("periods that are no quarters are scored: an older version cannot hold them")
    migrator.migrate(
        migrator.drop_index("score_period", "score_period_programme_id_type_key"),
        migrator.drop_column("score_period", "ends_on"),
        migrator.drop_column("score_period", "type"),
        migrator.alter_column_type("score_period", "key", CharField(max_length=12)),
    )
    for column, old, new in WORDINGS:
        _reword(db, column, new, old, OF_SCORES)


def _reword(db, column, old, new, where="1 = 1"):
    mark = db.param
    db.execute_sql(
        f"UPDATE message_wording SET {column} = REPLACE({column}, {mark}, {mark}) WHERE {where}", (old, new)
    )
