"""One register of numbers for each issuer and year; circulars and ladder papers move into it. Frozen in time."""

import json

from peewee import AutoField, CharField, Check, DateTimeField, ForeignKeyField, IntegerField, Model


def tables(db):
    class Base(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Jurisdiction(Base):
        id = AutoField()

    class Programme(Base):
        id = AutoField()

    class IssuedPaper(Base):
        id = AutoField()
        jurisdiction = ForeignKeyField(Jurisdiction, backref="+")
        issuer = CharField(max_length=220)
        programme = ForeignKeyField(Programme, backref="+")
        series = CharField(max_length=20)
        year = IntegerField()
        number = IntegerField()
        printed = CharField(max_length=80)
        kind = CharField(max_length=40)
        title = CharField(max_length=300)
        subject = CharField(max_length=60, unique=True)
        link = CharField(max_length=200)
        sha256 = CharField(max_length=64)
        issued_at = DateTimeField()
        issued_by = IntegerField(null=True)
        by_name = CharField(max_length=80)

        class Meta:
            indexes = (
                (("jurisdiction", "issuer", "year", "series", "number"), True),
                (("jurisdiction", "issuer", "year", "id"), False),
            )
            constraints = (Check("number >= 1", name="issued_paper_number"),)

    return [IssuedPaper]


CIRCULARS = """
    SELECT p.jurisdiction_id, p.office_name, p.id, 'circular', c.year, c.number, c.content, c.title, c.id, c.sha256,
           c.issued_at, c.issued_by, u.name
    FROM circular c JOIN programme p ON p.id = c.programme_id LEFT JOIN "user" u ON u.id = c.issued_by
    WHERE c.number IS NOT NULL ORDER BY c.issued_at, c.id
"""
STEPS = """
    SELECT p.jurisdiction_id, p.office_name, p.id, s.register, s.year, s.register_number, s.content, m.title, s.id,
           s.sha256, s.decided_at, s.decided_by, s.by_name
    FROM ladder_step s JOIN programme p ON p.id = s.programme_id JOIN matter m ON m.id = s.matter_id
    ORDER BY s.decided_at, s.id
"""


def up(_migrator, db):
    (paper,) = tables(db)
    db.create_tables([paper], safe=False)
    rows = [(*row, "circular", "circulars/") for row in db.execute_sql(CIRCULARS).fetchall()]
    rows += [(*row, "ladder_step", "ladder/papers/") for row in db.execute_sql(STEPS).fetchall()]
    taken = set()
    for (
        place,
        office,
        programme,
        series,
        year,
        number,
        content,
        title,
        key,
        sha,
        at,
        by,
        name,
        noun,
        page,
    ) in sorted(rows, key=lambda row: (str(row[10]), row[13], row[8])):
        held = json.loads(content)
        issuer = office
        # Until now each programme counted for itself: where an office had two, the second keeps its own register.
        if (place, issuer, year, series, number) in taken:
            issuer = f"{office} ({programme})"
        taken.add((place, issuer, year, series, number))
        kind = held.get("name", "通报") + (f"（{held['level']}）" if held.get("level") else "")
        paper.insert(
            jurisdiction=place, issuer=issuer, programme=programme, series=series, year=year, number=number,
            printed=held["number"], kind=kind, title=title[:300], subject=f"{noun}:{key}",
            link=f"/p/{programme}/{page}{key}", sha256=sha, issued_at=at, issued_by=by, by_name=(name or "")[:80],
        ).execute()  # fmt: skip


def down(_migrator, db):
    db.drop_tables(tables(db))
