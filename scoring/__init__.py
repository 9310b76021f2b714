"""Facts × rulebook → lines, scores, ranking. Pure: Decimal only, standard library only, knows no supervisor."""

from scoring.engine import assess
from scoring.explain import LABELS, explain
from scoring.facts import Fact, Facts, ScoredUnit, canonical, facts_to_json, load_facts
from scoring.problems import FactsError, Problem, RulebookError, ScoringError
from scoring.result import Line, Note, Result, Standing, Step, result_to_json, score_to_contract
from scoring.rulebook import Rulebook, load_preset, load_rulebook, preset_names, preset_text
from scoring.tables import Indicator, Table

__all__ = [
    "LABELS",
    "Fact",
    "Facts",
    "FactsError",
    "Indicator",
    "Line",
    "Note",
    "Problem",
    "Result",
    "Rulebook",
    "RulebookError",
    "ScoredUnit",
    "ScoringError",
    "Standing",
    "Step",
    "Table",
    "assess",
    "canonical",
    "explain",
    "facts_to_json",
    "load_facts",
    "load_preset",
    "load_rulebook",
    "preset_names",
    "preset_text",
    "result_to_json",
    "score_to_contract",
]
