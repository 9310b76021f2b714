"""The audit trail: `record` in the verb's own transaction, `verify` by recomputing the chain.

Row n's hash covers row n-1's hash, its own number and its canonical content, so an edit anywhere breaks
every later row. Against somebody who owns the whole file the chain helps only through heads kept by others:
they are printed on every receipt and export.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from peewee import Model

from supervisor.core.permissions import Actor
from supervisor.database import db, digest, is_sqlite
from supervisor.fields import canonical_json
from supervisor.models import AuditEntry, AuditHead

#: What one row of the trail holds, in the order in which `record` writes it.
_COLUMNS = (
    "seq", "at", "actor_id", "actor_name", "actor_unit", "actor_role", "ip", "request_id", "programme_id", "action",
    "subject_type", "subject_id", "outcome", "before", "after", "reason", "alg", "prev", "hash",
)  # fmt: skip
#: Columns that never enter the trail in clear.
SECRET = frozenset({"password_hash", "token_hash", "credential", "secret"})


@dataclass(frozen=True)
class Head:
    """The chain's last row: its number and hash. Kept outside, it proves what came before."""

    seq: int
    hash: str

    def __str__(self) -> str:
        """As printed on receipts: number and the first 16 hex digits."""
        return f"{self.seq}-{self.hash[:16]}"


def record(
    by: Actor,
    action: str,
    subject: Model | tuple[str, int | None],
    *,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    outcome: str = "done",
) -> Head:
    """Append one row; call inside the verb's transaction, so that act and trace are one.

    Args:
        by: who acted; name, unit and roles are kept as they were then.
        action: `noun.verb`, for example `report.submit`.
        subject: the record acted on, or (table, id).
        now: the instant of the act.
        before: values that changed, as they were.
        after: the same values as they became.
        reason: the person's words.
        outcome: `done` or `refused`.
    """
    kind, key = subject if isinstance(subject, tuple) else (_table(subject), subject.get_id())
    before_me = _lock_head()
    entry = AuditEntry(
        seq=before_me.seq + 1,
        at=now,
        actor_id=by.user_id,
        actor_name=by.name,
        actor_unit=by.unit_name,
        actor_role="、".join(sorted(role.value for role in by.roles))
        or (by.admin_role.value if by.admin_role else ""),
        ip=by.ip,
        request_id=by.request_id,
        programme_id=by.programme_id,
        action=action,
        subject_type=kind,
        subject_id=key,
        outcome=outcome,
        before=_text(before),
        after=_text(after),
        reason=reason,
        prev=before_me.hash,
    )
    entry.hash = chain_hash(entry)
    _append(entry)
    return Head(entry.seq, entry.hash)


# Written as plain SQL: every act passes here, and building these three statements anew took a third of its time.


def _lock_head() -> Head:
    """The head, its row locked before it is read (SQLite's one writer is we already): rows in order of commits."""
    lock = "" if is_sqlite() else " FOR UPDATE"
    return Head(*db.execute_sql(f"SELECT seq, hash FROM audit_head{lock}").fetchone())


def _append(entry: AuditEntry) -> None:
    values = [getattr(AuditEntry, name).db_value(getattr(entry, name)) for name in _COLUMNS]
    places = ", ".join([db.param] * len(_COLUMNS))
    names = ", ".join(_COLUMNS)
    db.execute_sql(f"INSERT INTO audit_entry ({names}) VALUES ({places})", values)
    db.execute_sql(f"UPDATE audit_head SET seq = {db.param}, hash = {db.param}", (entry.seq, entry.hash))


def read_head() -> Head:
    """The chain's present head."""
    head = AuditHead.get()
    return Head(head.seq, head.hash)


def last_at() -> datetime | None:
    """When the last act on record happened; None on an empty trail."""
    last = AuditEntry.select(AuditEntry.at).order_by(AuditEntry.seq.desc()).first()
    return last.at if last else None


def chain_hash(entry: AuditEntry) -> str:
    """H(prev ‖ seq ‖ content); the content is canonical JSON of what `content_of` gives."""
    return digest(f"{entry.prev}|{entry.seq}|{canonical_json(content_of(entry))}")


def content_of(entry: AuditEntry) -> dict[str, Any]:
    """Every column that a row's hash covers beside its place in the chain."""
    return {
        "at": entry.at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds"),
        "actor_id": entry.actor_id,
        "actor_name": entry.actor_name,
        "actor_unit": entry.actor_unit,
        "actor_role": entry.actor_role,
        "ip": entry.ip,
        "request_id": entry.request_id,
        "programme_id": entry.programme_id,
        "action": entry.action,
        "subject_type": entry.subject_type,
        "subject_id": entry.subject_id,
        "outcome": entry.outcome,
        "before": entry.before,
        "after": entry.after,
        "reason": entry.reason,
    }


@dataclass(frozen=True)
class Break:
    """The first row at which the chain does not hold, and why."""

    seq: int
    why: str


def verify_chain(anchors: Iterable[Head] = ()) -> Break | None:
    """Recompute the whole chain and compare it with heads kept elsewhere; None = it holds."""
    known = {anchor.seq: anchor.hash for anchor in anchors}
    prev, seq = "0" * 64, 0
    for entry in AuditEntry.select().order_by(AuditEntry.seq).iterator():
        seq += 1
        if entry.seq != seq:
            return Break(seq, f"row {seq} is missing; the next one is {entry.seq}")
        if entry.prev != prev:
            return Break(seq, f"row {seq} does not follow row {seq - 1}")
        if chain_hash(entry) != entry.hash:
            return Break(seq, f"row {seq} ({entry.action}) was changed after it was written")
        if not entry.hash.startswith(known.get(seq, "")):
            return Break(seq, f"row {seq} differs from the head that was kept outside")
        prev = entry.hash
    head = read_head()
    if (head.seq, head.hash) != (seq, prev):
        return Break(seq + 1, f"the head says {head.seq} rows, the table holds {seq}")
    missing = [number for number in known if number > seq]
    if missing:
        return Break(seq + 1, f"the head kept outside is row {min(missing)}, the table ends at {seq}")
    return None


def changes(row: Model, **new: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """(before, after) of the columns in `new` that really change; for `record`."""
    before, after = {}, {}
    for name, value in new.items():
        old = getattr(row, name)
        if old != value:
            before[name], after[name] = old, value
    return before, after


def _table(row: Model) -> str:
    return str(type(row)._meta.table_name)  # noqa: SLF001 -- Peewee's public name for a table


def _text(values: Mapping[str, Any] | None) -> str:
    if not values:
        return ""
    return canonical_json({k: "…" if k in SECRET else _plain(v) for k, v in values.items()})


def _plain(value: Any) -> Any:
    if isinstance(value, Model):
        return value.get_id()
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return value
