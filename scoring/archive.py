"""Check an archive of closed periods without the product that made it: python -m scoring.archive FILE.

An archive is a zip file. `archive.json` lists every other file with its hash; `audit.jsonl` holds the whole audit
trail, a row a line; each run of a closed period has a folder with its facts, its rulebook and its result. This
program reads nothing else: it recomputes the chain, scores every run again, and holds both against each other
and against heads of the trail that somebody kept elsewhere (they are printed on receipts and score sheets).
"""

from __future__ import annotations

import hashlib
import json
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scoring.engine import assess
from scoring.facts import canonical, load_facts
from scoring.parts import FrozenPart, frozen_part, part_differences, takes_parts
from scoring.problems import ScoringError
from scoring.result import result_to_json
from scoring.rulebook import load_rulebook

FORMAT = 1
MANIFEST = "archive.json"
TRAIL = "audit.jsonl"
RUN = "run.json"
#: Files of a run's folder, and under which name the trail keeps the hash of two of them.
FACTS, RULEBOOK, RESULT = "facts.json", "rulebook.toml", "result.json"
#: Acts that freeze a run, and acts that show one before: the trail says which runs there must be.
FREEZING = frozenset({"period.close", "period.rerun"})
RUNNING = FREEZING | {"period.preliminary", "period.again"}
ADOPTING = "rulebook.adopt"
PUBLISHING = "period.publish"
#: Not a part of what the hash of a row covers as content: its place in the chain.
LINKS = frozenset({"seq", "prev", "hash"})
START = "0" * 64


@dataclass(frozen=True)
class Checked:
    """What was found: differences in words, and how much was looked at."""

    differences: tuple[str, ...]
    rows: int
    runs: int
    head: str


def check(path: Path, heads: Iterable[str] = ()) -> Checked:
    """Check everything in an archive.

    Args:
        path: the zip file.
        heads: heads of the trail kept elsewhere, as printed: `812-0123456789abcdef`.

    Raises:
        ValueError: the file is no archive, or a head is not written as one.
    """
    wanted = dict(parse_head(head) for head in heads)
    try:
        with zipfile.ZipFile(path) as file:
            manifest = json.loads(file.read(MANIFEST))
            if manifest["format"] != FORMAT:
                raise ValueError(f"the archive has format {manifest['format']}; this program reads {FORMAT}")
            return _check(file, manifest, wanted)
    except (KeyError, zipfile.BadZipFile, json.JSONDecodeError) as error:
        raise ValueError(f"{path.name} is no archive that can be read: {error}") from error


def _check(file: zipfile.ZipFile, manifest: Mapping[str, Any], wanted: dict[int, str]) -> Checked:
    differences = [*_files(file, manifest)]
    trail = [json.loads(line) for line in file.read(TRAIL).decode().splitlines()]
    differences += _chain(trail, wanted)
    head = trail[-1]["hash"] if trail else START
    if manifest["head"] != {"seq": len(trail), "hash": head}:
        differences.append("the trail does not end at the head that the archive names")
    folders = sorted(name.removesuffix(RUN) for name in file.namelist() if name.endswith(f"/{RUN}"))
    runs = [(folder, json.loads(file.read(folder + RUN))) for folder in folders]
    rows = {row["seq"]: row for row in trail}
    for folder, run in runs:
        differences += [f"{folder}: {why}" for why in _run(file, folder, run, rows)]
    differences += _parts(file, runs, rows)
    differences += _missing(trail, {(run["period_id"], run["number"]) for _, run in runs})
    differences += _published(file, trail)
    return Checked(tuple(differences), len(trail), len(runs), f"{len(trail)}-{head[:16]}")


def _files(file: zipfile.ZipFile, manifest: Mapping[str, Any]) -> Iterator[str]:
    present = set(file.namelist()) - {MANIFEST}
    if len(present) + 1 != len(file.namelist()):
        yield "a file stands in it twice"
    for name, expected in sorted(manifest["files"].items()):
        if name not in present:
            yield f"{name} is missing"
        elif _hash(file.read(name)) != expected:
            yield f"{name} was changed after the archive was made"
    yield from (f"{name} is not in its list" for name in sorted(present - set(manifest["files"])))


def _chain(trail: Sequence[Mapping[str, Any]], wanted: dict[int, str]) -> Iterator[str]:
    """The first row at which the chain does not hold: what follows it proves nothing any more."""
    prev = START
    for seq, row in enumerate(trail, start=1):
        if row["seq"] != seq:
            yield f"row {seq} of the trail is missing; the next one is {row['seq']}"
            return
        content = {name: value for name, value in row.items() if name not in LINKS}
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        if row["prev"] != prev or _hash(f"{prev}|{seq}|{text}".encode()) != row["hash"]:
            yield f"row {seq} of the trail ({row['action']}) was changed after it was written"
            return
        if not row["hash"].startswith(wanted.get(seq, "")):
            yield f"row {seq} of the trail is not the one whose head was kept elsewhere"
            return
        prev = row["hash"]
    for seq in sorted(number for number in wanted if number > len(trail)):
        yield f"the head kept elsewhere is row {seq}; the trail ends at {len(trail)}"


def _run(
    file: zipfile.ZipFile, folder: str, run: Mapping[str, Any], rows: Mapping[int, Mapping[str, Any]]
) -> Iterator[str]:
    facts, rulebook, result = (file.read(folder + name).decode() for name in (FACTS, RULEBOOK, RESULT))
    row = rows.get(run["audit_seq"])
    if row is None or row["action"] not in RUNNING or row["subject_id"] != run["period_id"]:
        yield f"row {run['audit_seq']} of the trail made no run of this period"
        return
    said = json.loads(row["after"])
    if (said["key"], said["run"]) != (run["period"], run["number"]):
        yield f"row {row['seq']} of the trail made run {said['run']} of {said['key']}"
    if _hash(facts.encode()) != said["facts_sha256"]:
        yield "the facts are not those that were frozen"
    if _hash(result.encode()) != said["result_sha256"]:
        yield "the result is not the one that was frozen"
    if _hash(rulebook.encode()) not in _adopted(rows.values(), said["rulebook"]):
        yield "the rulebook is not the one that was adopted"
    yield from _again(facts, rulebook, result, str(run["code_version"]))


def _parts(
    file: zipfile.ZipFile,
    runs: Sequence[tuple[str, Mapping[str, Any]]],
    rows: Mapping[int, Mapping[str, Any]],
) -> Iterator[str]:
    """Longer periods whose scores of parts are not those that were frozen when they were scored."""
    folders = {(run["period_id"], run["number"]): folder for folder, run in runs}
    known: dict[str, FrozenPart] = {}
    for folder, run in runs:
        facts = json.loads(file.read(folder + FACTS))
        if not takes_parts(facts) or run["audit_seq"] not in rows:
            continue
        frozen = {}
        for key, part in _counting_before(rows[run["audit_seq"]], rows.values(), folders).items():
            if part not in known:
                about = json.loads(file.read(part + RUN))
                documents = [json.loads(file.read(part + name)) for name in (FACTS, RESULT)]
                known[part] = frozen_part(documents[0], documents[1], about["number"])
            frozen[key] = known[part]
        yield from (f"{folder}: {why}" for why in part_differences(facts, frozen))


def _counting_before(
    row: Mapping[str, Any], rows: Iterable[Mapping[str, Any]], folders: Mapping[tuple[int, int], str]
) -> dict[str, str]:
    """By key the folder of the run that counted, of every period of a programme frozen before a row of the trail."""
    found = {}
    for one in rows:
        if (
            one["seq"] < row["seq"]
            and one["action"] in FREEZING
            and one["programme_id"] == row["programme_id"]
        ):
            said = json.loads(one["after"])
            if (one["subject_id"], said["run"]) in folders:
                found[said["key"]] = folders[one["subject_id"], said["run"]]
    return found


def _adopted(rows: Iterable[Mapping[str, Any]], rulebook: int) -> set[str]:
    """Hashes under which the trail has this rulebook adopted: one, or none."""
    return {
        json.loads(row["after"])["sha256"]
        for row in rows
        if row["action"] == ADOPTING and row["subject_id"] == rulebook
    }


def _again(facts: str, rulebook: str, result: str, version: str) -> Iterator[str]:
    try:
        found = canonical(result_to_json(assess(load_facts(json.loads(facts)), load_rulebook(rulebook))))
    except (ScoringError, ValueError) as error:
        yield f"it cannot be scored again: {error}"
        return
    if found != result:
        yield (
            f"scoring it again gives another result (it was scored by version {version}; the archive carries that "
            "version's program: run the archive itself to use it)"
        )


def _missing(trail: Iterable[Mapping[str, Any]], present: set[tuple[int, int]]) -> Iterator[str]:
    for row in trail:
        if row["action"] not in RUNNING:
            continue
        said = json.loads(row["after"])
        if (row["subject_id"], said["run"]) not in present:
            yield f"run {said['run']} of {said['key']}, made by row {row['seq']} of the trail, is missing"


def published_name(number: int, kind: str) -> str:
    """The file of a published version in its period's folder; kind: json or csv."""
    return f"published-{number}.{kind}"


def _published(file: zipfile.ZipFile, trail: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Versions that are not what the trail says went out."""
    present = set(file.namelist())
    for row in trail:
        said = json.loads(row["after"]) if row["action"] == PUBLISHING else {}
        if "version" not in said:  # of before versions were kept
            continue
        for kind, kept in (("json", said["content_sha256"]), ("csv", said["sheet_sha256"])):
            place = f"programme-{row['programme_id']}/{said['key']}/"
            name = place + published_name(said["version"], kind)
            if name not in present:
                yield f"{name}, published by row {row['seq']} of the trail, is missing"
            elif _hash(file.read(name)) != kept:
                yield f"{name} is not what row {row['seq']} of the trail published"


def parse_head(text: str) -> tuple[int, str]:
    """(row, start of its hash) of a head as it is printed. ValueError says how it should look."""
    seq, _, start = text.strip().partition("-")
    if not seq.isdigit() or len(start) < 16 or set(start) - set("0123456789abcdef"):
        raise ValueError(f"{text!r} is no head; it looks like 812-0123456789abcdef")
    return int(seq), start


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def main(arguments: Sequence[str]) -> int:
    """`FILE [HEAD …]`: print what was found. 0: everything holds; 1: a difference; 2: cannot be read."""
    if not arguments or arguments[0] in {"-h", "--help"}:
        _say((__doc__ or "") + "\nFILE [HEAD …], a head as printed: 812-0123456789abcdef")
        return 2
    try:
        found = check(Path(arguments[0]), arguments[1:])
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    for difference in found.differences:
        _say(difference)
    if not found.differences:
        held = f"{found.rows} rows of the trail and {found.runs} runs of closed periods"
        _say(f"{held}: as they were written. Head {found.head}")
    return 1 if found.differences else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
