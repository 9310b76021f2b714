"""From text to draft ledger: the order in which the parts of a notice are read."""

from collections.abc import Collection
from dataclasses import replace

from supervisor.intake import (
    checks,
    collectives,
    duties,
    former_names,
    head,
    likenames,
    lines,
    offices,
    outline,
    phases,
    reporting,
    rhythms,
    roster,
    roster_prose,
    rows,
    rules,
    seat_tables,
    stated_counts,
    sums,
    tables,
    targets,
    tasks,
    traditional,
    transcript,
)
from supervisor.intake.draft import Document, Draft, DraftTask, Duty
from supervisor.intake.passages import Passage, Source


def _split_loose(parts: list[list[Passage]], loose: list[Passage]) -> list[tuple[int, Passage]]:
    where = {id(passage): index for index, part in enumerate(parts) for passage in part}
    return [(where.get(id(passage), 0), passage) for passage in loose]


def read_text(text: str, set_aside: Collection[int] = ()) -> Draft:
    """Read a notice: its head, tasks, duties, roster, dates and rules, each with its place. Never raises.

    Args:
        text: the notice as received.
        set_aside: numbers of lines, from 1, that the file's layout says are not the notice's own.
    """
    source = Source.of(transcript.normal(text) if set_aside else transcript.unfolded(transcript.normal(text)))
    all_lines = lines.lines_of(source)
    aside = {line.number for line in all_lines if line.number in set_aside or lines.is_furniture(line)}
    kept = [line for line in all_lines if line.number not in aside]
    seated = seat_tables.read_seats(source, kept)
    kept = [line for line in kept if line.number not in seated.roster.taken]
    sheet = tables.read_tables(source, kept)
    aside |= {line.number for line in kept if lines.is_page_number(line) and line.number not in sheet.taken}
    kept = [line for line in kept if line.number not in aside]
    body = [line for line in kept if line.number not in sheet.taken]
    seats = roster.read_rosters(source, body)
    seats.add(seated.roster)
    taken = frozenset(sheet.taken | seats.taken)
    passages = lines.paragraphs(source, all_lines, aside=frozenset(aside), taken=taken)
    top = head.read_head(all_lines, passages, aside)
    tree = outline.build(top.parts)
    document = Document(
        source.text, top.title, top.issuer, top.doc_numbers[0] if top.doc_numbers else None, tuple(top.doc_numbers),
        top.issued, top.published, tuple(sorted(aside)),
    )  # fmt: skip
    issued = top.base
    common = rules.read_rules(passages)
    found = tasks.Reader(tree, issued, common).read()
    found += rows.tasks_of(sheet, issued, common)
    found.sort(key=lambda task: task.place.start)
    return _finish(source, document, tree, top, seats, found, seated.duties)


def _firsts(tree: outline.Outline, found: list[DraftTask]) -> set[int]:
    """Return the offsets at which the text of the items that are tasks begins, behind their numbers."""
    starts = {task.place.start for task in found}
    return {
        node.first.at[0]
        for node in tree.nodes
        if node.first.at and node.first.at[0] - len(node.mark) in starts
    }


def _finish(
    source: Source,
    document: Document,
    tree: outline.Outline,
    top: head.Head,
    seats: roster.Roster,
    found: list[DraftTask],
    listed: list[Duty],
) -> Draft:
    """Read what depends on the tasks, and check the whole."""
    issued = top.base
    loose = _split_loose(top.parts, tree.loose)
    task_firsts = _firsts(tree, found)
    marked = _firsts(tree, [task for task in found if task.certain])
    duty_list = duties.read_duties(tree, top.part_titles, loose, marked)
    duty_list = sorted([*duty_list, *listed], key=lambda duty: duty.place.start)
    others, cadences, liaison = rhythms.outside_tasks(tree, [*tree.loose, *tree.closing], task_firsts, issued)
    every = [p for part in top.parts for p in part]
    duty_starts = {duty.place.start for duty in duty_list}
    wanted = [
        t for p in every if not p.at or p.at[0] not in duty_starts for t in targets.targets_in(p, issued)
    ]
    groups = collectives.read_collectives(source, found, duty_list, seats.members)
    roster_prose.add_prose(seats, every)
    seated = checks.seats_of(seats.members, seats.posts)
    names = [n for t in found for n in (*t.lead, *t.responsible)] + [n for d in duty_list for n in d.units]
    problems = [
        *traditional.of_script(source.text),
        *checks.of_tasks(found, duty_list, document),
        *checks.of_others(others, document),
        *checks.of_numbers(tree),
        *checks.of_units(found, duty_list, seated, groups),
        *sums.of_targets(wanted),
        *checks.of_collectives(groups),
        *checks.of_shared_clauses(duty_list),
        *stated_counts.of_counts(every),
        *former_names.of_former_names(former := former_names.former_names_in(every)),
    ]
    draft = Draft(
        document, tuple(found), tuple(duty_list), tuple(seats.members), tuple(seats.posts), tuple(others),
        tuple(liaison), tuple(groups), tuple(wanted), tuple(cadences), tuple(problems),
    )  # fmt: skip
    return replace(
        draft,
        offices=tuple(offices.offices_in(every)),
        reporting=reporting.read_rules(every, issued),
        like_names=likenames.like_names([*names, *seated]),
        succession=tuple(roster_prose.succession_in(every)),
        former_names=tuple(former),
        phases=tuple(phases.phases_in(tree, issued)),
    )
