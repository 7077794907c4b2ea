"""Advice: what fits, what it costs, why the others lost, and when the answer is that nobody knows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlstage.graph import JsonDocument, Ref, Value
from mlstage.insight.advice.advise import Advice, advise
from mlstage.insight.advice.choice import Choice, hourly_rates, per_machine, size
from mlstage.insight.advice.figures import Figure, meets, stated
from mlstage.insight.advice.wants import Wants, wants_of
from mlstage.insight.cost import PriceBook
from mlstage.insight.facts import Needs, Runs, Traffic
from mlstage.insight.queueing import sojourn_quantile
from tests.insight.graphs import graph, resource

BERT = Needs(model="bert-base", sequence_length=128)
EVENING = (4.0, 2, 1, 1, 1, 1, 2, 4, 6, 7, 8, 9, 10, 10, 10, 11, 12, 14, 17, 20, 20, 18, 13, 8)
BOOK = PriceBook("us-east-1")


def served(rate: float | None = 800, **more: object) -> Wants:
    traffic = None if rate is None else Traffic(rate * 730 * 3600, EVENING)
    said: dict[str, object] = {"needs": BERT, "traffic": traffic, "p95_ms": 100.0, **more}
    region = str(said.pop("region", "us-east-1"))
    kind = str(said.pop("kind", "RealtimeEndpoint"))
    return Wants("w", kind, "SageMaker", region, str(said.pop("tier", "production")), **said)  # type: ignore[arg-type]


def of(advice: Advice, instance: str, kind: str = "real-time endpoint") -> Choice:
    (found,) = [one for one in advice.choices if (one.instance, one.kind) == (instance, kind)]
    return found


def test_the_study_case() -> None:
    """BERT-base, 128 tokens, p95 under 100 ms, least cost; figures by hand from the catalogue's tables."""
    advice = advise(served(), BOOK)
    best = advice.best
    assert best is not None
    assert (best.name, best.kind) == ("2 x ml.inf2.xlarge", "real-time endpoint")
    # Two instances at $0.99 (EC2's $0.7582 x 1.3057), 730 hours; 800 x 730 x 3600 requests.
    assert best.monthly == pytest.approx(2 * 0.99 * 730)
    assert best.per_million == pytest.approx(1445.40 / (800 * 730 * 3600) * 1e6)
    assert best.figure is not None
    assert (best.figure.basis, best.figure.per_second, best.figure.date) == ("published", 1998.2, "2026-02-26")
    # 800 of 2 x 1998.2 requests a second.
    assert best.busy == pytest.approx(800 / (2 * 1998.2))
    ranked = [one.instance for one in advice.own if one.fits]
    assert ranked == ["ml.inf2.xlarge", "ml.g4dn.xlarge", "ml.g5.xlarge", "ml.c5.xlarge"]
    lost = {one.instance: one.lost[0] for one in advice.own if one.lost and one.kind == "real-time endpoint"}
    assert lost["ml.p3.2xlarge"].startswith("retired: ")
    assert lost["ml.inf1.xlarge"].startswith("ageing: ")
    assert lost["ml.c6i.xlarge"].startswith("fails the latency: 116 ms at p95 even alone, with 5% of error")


@pytest.mark.parametrize(("rate", "best"), [(2, "ml.c5.xlarge"), (20, "ml.g4dn.xlarge"), (2000, "ml.inf2.xlarge")])
def test_the_answer_depends_on_how_much_is_asked(rate: float, best: str) -> None:
    found = advise(served(rate), BOOK).best
    assert found is not None
    assert found.instance == best


def test_training_and_serving_want_different_machines() -> None:
    needs = Needs(model="bert-base", sequence_length=128, items=900_000)
    advice = advise(served(None, kind="Training", needs=needs, p95_ms=None, runs_per_month=4.0), BOOK)
    best = advice.best
    assert best is not None
    assert best.instance == "ml.g5.xlarge"
    assert of(advice, "ml.inf2.xlarge", "training job").lost == ("Inferentia infers; it does not train",)
    assert of(advice, "ml.p3.2xlarge", "training job").lost[0].startswith("retired: ")
    for one in advice.choices:
        assert one.figure is None or one.figure.basis == "modelled", one.instance
    assert best.figure is not None
    assert "the error of that step is not known" in best.figure.words


def test_a_short_run_is_dear_on_a_big_machine() -> None:
    """The minutes in which a machine starts are paid as well."""
    needs = Needs(model="bert-base", sequence_length=128, items=900_000)
    advice = advise(served(None, kind="Training", needs=needs, p95_ms=None, runs_per_month=1.0), BOOK)
    big, small = of(advice, "ml.p4d.24xlarge", "training job"), of(advice, "ml.g5.xlarge", "training job")
    assert big.per_million is not None
    assert small.per_million is not None
    assert big.monthly is not None
    assert small.monthly is not None
    assert big.per_million < small.per_million
    assert big.monthly > small.monthly


def test_gradient_boosting_is_trained_on_a_cpu() -> None:
    needs = Needs(task="classical", items=1_000_000)
    best = advise(served(None, kind="Training", needs=needs, p95_ms=None, runs_per_month=30.0), BOOK).best
    assert best is not None
    assert best.instance == "ml.c5.xlarge"
    assert best.figure is not None
    assert best.figure.basis == "published"
    # 26.7 s on one core (issues/22) and five minutes of start, 30 times, at $0.204.
    assert best.monthly == pytest.approx(30 * (26.7 + 300) / 3600 * 0.204)


def test_gradient_boosting_between_published_sizes_is_marked() -> None:
    needs = Needs(model="xgboost", items=3_000_000)
    advice = advise(served(None, kind="Training", needs=needs, p95_ms=None, runs_per_month=30.0), BOOK)
    assert {one.figure.basis for one in advice.choices if one.figure} == {"modelled"}
    beyond = advise(served(None, kind="Training", needs=Needs(model="xgboost", items=10**9), p95_ms=None), BOOK)
    assert [one for one in beyond.choices if one.figure] == []


def test_a_model_that_nobody_measured_has_no_advice() -> None:
    advice = advise(served(needs=Needs(model="bert-huge", sequence_length=128)), BOOK)
    assert advice.best is None
    assert advice.gaps[0].startswith("no data: no figures of bert-huge are published here; near its name: bert-large")


def test_a_length_that_is_not_said_has_no_advice() -> None:
    advice = advise(served(needs=Needs(model="bert-base")), BOOK)
    assert advice.best is None
    assert "depends on `sequence_length`" in advice.gaps[0]


def test_an_unknown_model_of_a_known_size_is_reckoned_as_the_nearest() -> None:
    advice = advise(served(needs=Needs(task="encoder", parameters_m=115.0, sequence_length=128)), BOOK)
    assert advice.subject in {"bert-base", "electra-base"}
    assert advise(served(needs=Needs(task="encoder", parameters_m=7000.0, sequence_length=128)), BOOK).best is None


def test_a_precision_rules_figures_out() -> None:
    advice = advise(served(needs=Needs(model="bert-base", sequence_length=128, precision="fp32")), BOOK)
    assert "ml.inf2.xlarge" not in {one.instance for one in advice.choices}
    assert of(advice, "ml.g4dn.xlarge").figure is not None
    assert of(advice, "ml.g4dn.xlarge").figure.precision == "fp32"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("said", "wanted", "does"),
    [("bf16", "fp16", True), ("amp", "fp32", False), ("fp32", "int8", True), ("", None, True), ("", "fp32", False)],
)
def test_which_precision_will_do(said: str, wanted: str | None, does: bool) -> None:
    assert meets(said, wanted) is does


def test_a_model_compiled_for_another_chip_does_not_run() -> None:
    lost = of(advise(served(compiled_for="inf1"), BOOK), "ml.inf2.xlarge").lost
    assert lost == ("no compiled model: it is compiled for inf1, not for inf2",)
    open_ = of(advise(served(), BOOK), "ml.inf2.xlarge")
    assert open_.conditions == ("the model compiled for inf2 with AWS Neuron",)
    assert of(advise(served(compiled_for="inf2"), BOOK), "ml.inf2.xlarge").conditions == ()


def test_a_model_that_does_not_fit_says_so() -> None:
    lost = of(advise(served(model_mb=20_000.0), BOOK), "ml.g4dn.xlarge").lost
    assert lost == ("no memory: the model takes 20,000 MB, the machine has 16,384 MB",)


def test_a_region_without_the_type_rules_it_out() -> None:
    advice = advise(served(region="eu-south-2"), PriceBook("eu-south-2"))
    assert "EC2 does not offer it in eu-south-2" in of(advice, "ml.inf2.xlarge").lost


def test_what_answers_too_late_is_told_once() -> None:
    advice = advise(served(), BOOK)
    late = [one for one in advice.choices if one.kind in ("asynchronous endpoint", "batch transform")]
    assert sorted(one.kind for one in late) == ["asynchronous endpoint", "batch transform"]
    for one in late:
        assert one.lost == ("answers when there is room, not within 100 ms",)


def test_without_a_latency_waiting_is_cheapest() -> None:
    best = advise(served(20, p95_ms=None), BOOK).best
    assert best is not None
    assert best.kind == "batch transform"
    # 20 x 730 x 3600 requests at 1998.2 a second, at $0.99.
    assert best.monthly == pytest.approx(20 * 730 * 3600 / 1998.2 / 3600 * 0.99)


def test_functions_without_a_measurement_have_no_data() -> None:
    advice = advise(served(), BOOK)
    for kind in ("serverless endpoint", "Lambda function"):
        (found,) = [one for one in advice.choices if one.kind == kind]
        assert found.lost[0].startswith("no data: "), kind
        assert found.monthly is None


def test_a_time_measured_on_a_machine_is_none_of_a_function() -> None:
    traffic = Traffic(1e6, EVENING, duration_ms=1.0)
    advice = advise(served(traffic=traffic, model_mb=440.0, environment="e", instance="ml.inf2.xlarge"), BOOK)
    (found,) = [one for one in advice.choices if one.kind == "serverless endpoint"]
    assert found.lost[0].startswith("no data: the spec's `duration_ms` is of ml.inf2.xlarge")


def test_functions_are_reckoned_from_the_author_s_own_time() -> None:
    traffic = Traffic(3e6, EVENING, duration_ms=80.0)
    needs = Needs(model="bert-base", sequence_length=128, memory_mb=2048.0)
    advice = advise(served(traffic=traffic, needs=needs), BOOK)
    (found,) = [one for one in advice.choices if one.kind == "Lambda function"]
    # 3,000,000 x 0.08 s x 2 GB at $0.0000166667, and 3 million requests at $0.0000002.
    assert found.monthly == pytest.approx(3e6 * 0.08 * 2 * 0.0000166667 + 3e6 * 0.0000002)
    assert found.fits
    rare = Traffic(3000, EVENING, duration_ms=80.0)
    (cold,) = [one for one in advise(served(traffic=rare, needs=needs), BOOK).choices if one.kind == "Lambda function"]
    assert "start cold" in cold.lost[0]


def test_a_time_holds_at_the_memory_that_it_was_measured_at() -> None:
    # The model takes 1 GB, and 80 ms were measured at 3 GB: at 1 GB it would be slower, and nobody knows how much.
    traffic = Traffic(3e6, EVENING, duration_ms=80.0)
    small = Needs(model="bert-base", sequence_length=128, memory_mb=1024.0)
    function = resource("lambda_.Function", memory_size=3072, architectures=("arm64",))
    made = graph(function, facts={})
    here = replace(wants_of(made, made.groups[0]), target="Lambda", needs=small, traffic=traffic)
    (found,) = [one for one in advise(here, BOOK).choices if one.kind == "Lambda function"]
    assert found.instance == "3,072 MB"
    assert found.monthly == pytest.approx(3e6 * 0.08 * 3 * 0.0000133334 + 3e6 * 0.0000002)
    tight = replace(here, measured_mb=512.0)
    (lost,) = [one for one in advise(tight, BOOK).choices if one.kind == "Lambda function"]
    assert lost.lost == ("no memory: it needs 1,024 MB, and is written to have 512 MB",)


def test_a_queue_s_jobs_run_as_often_as_they_are_submitted() -> None:
    job = resource("batch.JobDefinition", "job", name="j")
    asked = JsonDocument({"JobDefinition": Ref("job", "arn")})
    target: Value = {"arn": "arn:aws:scheduler:::aws-sdk:batch:submitJob", "input": asked}
    made = graph(job, resource("scheduler.Schedule", "by-day", schedule_expression="rate(1 day)", target=target))
    assert wants_of(made, made.groups[0]).runs_per_month == pytest.approx(365.25 / 12)


def test_what_costs_by_being_asked_does_not_cost_nothing_when_nobody_says_how_much() -> None:
    advice = advise(served(None, p95_ms=None), BOOK)
    waiting = [one for one in advice.choices if one.kind == "asynchronous endpoint"]
    assert waiting and {one.monthly for one in waiting} == {None}
    assert advice.best is not None and advice.best.kind == "real-time endpoint"


def test_classical_models_start_from_the_author_s_own_time() -> None:
    traffic = Traffic(2000 * 730 * 3600 / 100, EVENING, duration_ms=8.0)
    advice = advise(served(needs=Needs(task="classical"), traffic=traffic, instance="ml.m5.xlarge"), BOOK)
    here = of(advice, "ml.m5.xlarge")
    assert here.figure is not None
    assert (here.figure.basis, here.figure.per_second) == ("stated", 500.0)
    assert of(advice, "ml.m5.large").figure is not None
    assert of(advice, "ml.m5.large").figure.basis == "modelled"  # type: ignore[union-attr]
    assert not any(one.fits and one.instance.startswith("ml.t") for one in advice.choices)
    assert of(advice, "ml.t2.medium").lost[0].startswith("burstable: ")


def test_burstable_types_are_for_tests() -> None:
    traffic = Traffic(3600.0, EVENING, duration_ms=8.0)
    wants = served(needs=Needs(task="classical"), traffic=traffic, instance="ml.t2.medium", tier="test")
    best = advise(wants, BOOK).best
    assert best is not None
    assert best.name == "1 x ml.t2.medium"


def test_preparing_data_is_ranked_by_price_alone() -> None:
    needs = Needs(task="preprocessing", memory_mb=30_000.0)
    advice = advise(
        served(None, kind="Processing", needs=needs, p95_ms=None, runs=Runs(3600.0), runs_per_month=30.0), BOOK
    )
    assert advice.best is not None
    assert all(one.figure is None for one in advice.choices)
    assert not any(one.instance.startswith(("ml.g", "ml.p", "ml.t")) for one in advice.choices if one.fits)
    assert advice.gaps[0].startswith("no data: ")


def test_nothing_said_is_nothing_advised() -> None:
    advice = advise(served(needs=None), BOOK)
    assert (advice.best, advice.choices) == (None, ())
    assert "needs=Needs(model=…)" in advice.gaps[0]


def test_a_day_is_sized_hour_by_hour() -> None:
    figure = Figure("x", 10.0, 10.0, 1, 100.0, "published", "", "", "", "", "")
    sized = size(figure, Traffic(100 * 730 * 3600, EVENING), None, 1)
    assert sized is not None
    rates = hourly_rates(Traffic(100 * 730 * 3600, EVENING))
    assert sum(rates) / 24 == pytest.approx(100)
    counts = [max(1, -(-rate // 70)) for rate in rates]
    assert (sized.least, sized.most, sized.average) == (min(counts), max(counts), sum(counts) / 24)


def test_a_machine_takes_what_keeps_to_the_latency() -> None:
    figure = stated("x", 70.0)
    each = per_machine(figure, 100.0)
    assert sojourn_quantile(1, each * 0.07, 70.0) == pytest.approx(100.0, abs=0.1)
    assert per_machine(figure, 60.0) == 0.0
    # Without a target, seven tenths of what it can.
    assert per_machine(figure, None) == pytest.approx(0.7 * 1000 / 70)


def test_an_error_is_counted_against_a_figure() -> None:
    figure = Figure("x", 10.0, 12.0, 2, 200.0, "modelled", "", "", "", "", "", 0.25)
    assert (figure.careful.ms, figure.careful.p95_ms, figure.careful.per_second) == (12.5, 15.0, 160.0)
