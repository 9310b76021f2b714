"""An archive of every closed period with its evidence: checked by `scoring.archive`, without this product.

It holds what a score follows from and nothing that it does not: facts, rulebook and result of each run, the
whole audit trail, and the scoring engine's own source as it was. No database, no attachments: those are in a backup.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import scoring
from scoring import archive as form
from supervisor.config import VERSION
from supervisor.core import audit
from supervisor.core.audit import Head
from supervisor.core.permissions import SYSTEM
from supervisor.database import transaction
from supervisor.fields import canonical_json
from supervisor.models import AuditEntry, Programme, Publication, RulebookVersion, ScorePeriod, ScoreRun

#: What the archive says of itself to whoever opens it in years.
README = """\
本档案包含全部已封账考核期的事实、考核办法和结果，以及完整的审计链。
核验（需要 Python 3.11 以上，不需要本系统）：
    python 本文件.zip [封账时或回执上印出的链头，如 812-0123456789abcdef]
请尽量使用另行保存的核验程序：python -m scoring.archive 本文件.zip

Facts, rulebook and result of every closed period, and the whole audit trail.
To check it (Python 3.11 or later, not the product):
    python THIS-FILE.zip [heads printed on receipts or score sheets, such as 812-0123456789abcdef]
Better with a program kept elsewhere: python -m scoring.archive THIS-FILE.zip
"""
MAIN = "import sys\n\nfrom scoring.archive import main\n\nraise SystemExit(main(sys.argv))\n"


@dataclass(frozen=True)
class Archived:
    """What went into an archive."""

    runs: int
    head: Head


class _Zip:
    """A zip file that remembers the hash of everything put into it."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        self.hashes: dict[str, str] = {}

    def put(self, name: str, content: str | bytes) -> None:
        data = content.encode() if isinstance(content, str) else content
        self._file.writestr(name, data)
        self.hashes[name] = hashlib.sha256(data).hexdigest()

    def put_lines(self, name: str, lines: Iterator[str]) -> None:
        """Line by line: the trail may be larger than memory."""
        known = hashlib.sha256()
        with self._file.open(name, "w", force_zip64=True) as target:
            for line in lines:
                data = f"{line}\n".encode()
                target.write(data)
                known.update(data)
        self.hashes[name] = known.hexdigest()


def write_archive(target: Path, *, now: datetime) -> Archived:
    """Write every run of every period, superseded and preliminary ones too, into the new zip file `target`.

    Errors: FileExistsError; nothing is left behind where it fails.
    """
    if target.exists():
        raise FileExistsError(f"{target} exists; an archive is never written over")
    beside = target.with_name(f"{target.name}.new")
    try:
        with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED) as file:
            made = _fill(_Zip(file), file, now)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
    with transaction():
        audit.record(
            SYSTEM,
            "archive.make",
            ("archive", None),
            now=now,
            after={"head": str(made.head), "runs": made.runs},
        )
    return made


def _fill(into: _Zip, file: zipfile.ZipFile, now: datetime) -> Archived:
    head = audit.read_head()
    into.put_lines(form.TRAIL, _trail(head))
    # What commits while this runs stands behind the head that was read first, and is left to the next archive.
    runs = [_put_run(into, run) for run in _runs() if _frozen_by(run) <= head.seq]
    for version in _versions():
        folder = f"programme-{version.period.programme_id}/{version.period.key}/"
        into.put(folder + form.published_name(version.number, "json"), version.content)
        into.put(folder + form.published_name(version.number, "csv"), version.sheet)
    into.put("README.txt", README)
    into.put("__main__.py", MAIN)
    source = Path(scoring.__file__).parent
    for path in sorted(source.glob("*.py")):
        into.put(f"scoring/{path.name}", path.read_bytes())
    manifest = {
        "format": form.FORMAT,
        "made_at": now.astimezone(UTC).isoformat(),
        "version": VERSION,
        "head": {"seq": head.seq, "hash": head.hash},
        "files": into.hashes,
    }
    file.writestr(form.MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))
    return Archived(len(runs), head)


def _trail(head: Head) -> Iterator[str]:
    rows = AuditEntry.select().where(AuditEntry.seq <= head.seq).order_by(AuditEntry.seq)
    for row in rows.iterator():
        yield canonical_json({"seq": row.seq, "prev": row.prev, "hash": row.hash} | audit.content_of(row))


def _runs() -> Iterator[ScoreRun]:
    yield from (
        ScoreRun.select(ScoreRun, RulebookVersion, ScorePeriod, Programme)
        .join(RulebookVersion)
        .switch(ScoreRun)
        .join(ScorePeriod)
        .join(Programme)
        .order_by(ScoreRun.id)
        .iterator()
    )


def _versions() -> Iterator[Publication]:
    """Every published version with its quarter, whether it still stands or not."""
    rows: Iterator[Publication] = iter(
        Publication.select(Publication, ScorePeriod).join(ScorePeriod).order_by(Publication.id)
    )
    return rows


def _put_run(into: _Zip, run: ScoreRun) -> str:
    period = run.period
    folder = f"programme-{period.programme_id}/{period.key}/run-{run.number}/"
    into.put(folder + form.FACTS, run.facts)
    into.put(folder + form.RULEBOOK, run.rulebook.text)
    into.put(folder + form.RESULT, run.result)
    into.put(folder + form.RUN, json.dumps(_about(run), ensure_ascii=False, indent=1))
    return folder


def _about(run: ScoreRun) -> dict[str, Any]:
    return {
        "programme": run.period.programme.name,
        "period": run.period.key,
        "period_id": run.period_id,
        "state": run.period.state.value,
        "number": run.number,
        "rulebook": f"{run.rulebook.name} {run.rulebook.version}",
        "code_version": run.code_version,
        "ran_at": run.ran_at.astimezone(UTC).isoformat(),
        "reason": run.reason,
        "superseded": run.superseded,
        "audit_seq": _frozen_by(run),
    }


def _frozen_by(run: ScoreRun) -> int:
    """Number of the row of the trail that froze the run."""
    return int(run.audit_head.partition("-")[0])
