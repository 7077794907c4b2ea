"""What an author says of a workload that no resource holds, as the facts of its group: cost and advice read them.

The keys are the contract between here and `insight`, which must not know the language.
"""

from __future__ import annotations

from dataclasses import dataclass

from mlstage.graph import Value
from mlstage.resolve import ResolvedEnvironment
from mlstage.spec.endpoints import RealtimeEndpoint
from mlstage.spec.expectations import DAYS, Needs, Runs, Traffic, millions
from mlstage.spec.model import Model
from mlstage.spec.notebooks import Notebook
from mlstage.spec.per_stage import known
from mlstage.spec.purchase import SavingsPlan
from mlstage.spec.text import megabytes, milliseconds, seconds
from mlstage.spec.workload import Workload

# An average month, as AWS's own calculators count it: 8,760 hours a year over 12.
_SECONDS_A_MONTH = 730 * 3600


@dataclass(frozen=True, slots=True)
class Facts:
    """Collects what is known; what an author did not say is left out."""

    made: dict[str, Value]

    def add(self, key: str, value: Value) -> None:
        """Note a fact that there is."""
        if value is not None:
            self.made[key] = value


def facts_of(workload: Workload) -> dict[str, Value]:
    """Give the facts of one resolved workload."""
    facts = Facts({})
    expects = known(getattr(workload, "expects", None))
    if isinstance(expects, Traffic):
        facts.add("traffic", _traffic(expects))
    if isinstance(expects, Runs):
        facts.add("runs", _runs(expects))
    needs = known(getattr(workload, "needs", None))
    if isinstance(needs, Needs):
        facts.add("needs", _needs(needs))
    purchase = known(getattr(workload, "purchase", None))
    if isinstance(purchase, SavingsPlan):
        facts.add("savings_plan", known(purchase.term))
    model = known(getattr(workload, "model", None))
    if isinstance(model, Model):
        facts.add("compiled_for", known(model.compiled_for))
        facts.add("model_mb", _megabytes(known(model.size)))
    if isinstance(workload, RealtimeEndpoint) and (latency := known(workload.p95_latency)):
        facts.add("p95_latency_ms", milliseconds(latency))
    if isinstance(workload, Notebook) and (idle := known(workload.stop_when_idle)):
        facts.add("stop_when_idle_s", seconds(idle))
    return facts.made


def facts_of_stack(environment: ResolvedEnvironment) -> dict[str, Value]:
    """Give the facts of a stack."""
    budget = known(environment.stage.monthly_budget)
    return {} if budget is None else {"monthly_budget": budget}


def _traffic(expects: Traffic) -> dict[str, Value]:
    month, second, day = known(expects.requests_per_month), known(expects.requests_per_second), known(expects.day)
    facts = Facts({"requests_per_month": (second or 0) * _SECONDS_A_MONTH if month is None else month})
    facts.add("duration_ms", known(expects.duration_ms))
    facts.add("request_kb", known(expects.request_kb))
    facts.add("response_kb", known(expects.response_kb))
    shares = DAYS[day] if isinstance(day, str) else tuple(day)
    facts.add("day", tuple(float(share) for share in shares))
    return facts.made


def _runs(expects: Runs) -> dict[str, Value]:
    facts = Facts({"seconds": seconds(known(expects.duration))})
    facts.add("per_month", known(expects.per_month))
    return facts.made


def _needs(needs: Needs) -> dict[str, Value]:
    facts = Facts({"batch": known(needs.batch)})
    facts.add("model", known(needs.model))
    facts.add("task", known(needs.task))
    parameters = known(needs.parameters)
    facts.add("parameters_m", None if parameters is None else millions(parameters))
    facts.add("precision", known(needs.precision))
    facts.add("sequence_length", known(needs.sequence_length))
    facts.add("memory_mb", _megabytes(known(needs.memory)))
    facts.add("items", known(needs.items))
    return facts.made


def _megabytes(size: str | None) -> float | None:
    return None if size is None else megabytes(size)
