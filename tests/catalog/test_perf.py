"""What the catalogue says of performance: which figure was measured on what."""

import pytest

from mlstage import catalog
from mlstage.catalog import perf


def test_every_figure_says_on_what_and_by_whom() -> None:
    figures = perf.inference()
    assert len(figures) == 272
    for figure in figures:
        assert figure.source, figure
        assert figure.date[:3] == "202", figure
        assert figure.instance is None or catalog.instance(figure.instance), figure
        assert figure.throughput is None or figure.throughput > 0, figure
        # Only a claim may come without a figure.
        assert figure.throughput is not None or figure.basis == "claimed", figure


def test_a_gpu_in_another_machine_is_not_the_aws_type() -> None:
    assert perf.inference(instance="p3.2xlarge", basis="measured") == ()
    assert {figure.basis for figure in perf.inference(instance="ml.p3.2xlarge")} == {"gpu-equivalent"}
    for figure in perf.inference(instance="g5.xlarge"):
        assert "not the A10G of g5" in figure.note


def test_inferentia_was_measured_where_it_runs() -> None:
    assert {figure.basis for figure in perf.inference(instance="inf2.xlarge")} == {"measured"}
    (figure,) = [one for one in perf.inference(instance="inf2.xlarge", task="encoder") if one.throughput == 1998.2]
    assert (figure.model, figure.batch, figure.seq_len, figure.p50_ms, figure.date) == (
        "bert-base-uncased",
        1,
        128,
        1.0,
        "2026-02-26",
    )


def test_tokens_are_not_inferences() -> None:
    units = {(figure.task, figure.unit) for figure in perf.inference()}
    assert units == {
        ("encoder", "inferences/s"),
        ("image-cls", "inferences/s"),
        ("text-generation", "tokens/s"),
    }


def test_what_is_worked_out_from_a_sentence_says_so() -> None:
    (figure,) = perf.inference(instance="c5.xlarge")
    assert (figure.basis, figure.throughput) == ("derived", 14.3)
    assert "$3.31 per 1M requests" in figure.note


def test_gradient_boosting() -> None:
    figures = perf.gbm_training()
    assert len(figures) == 29
    for figure in figures:
        assert figure.seconds > 0, figure
        assert figure.rows in {100_000, 1_000_000, 10_000_000}, figure
        assert "szilard/GBM-perf" in figure.source, figure
    (xgboost,) = perf.gbm_training(library="xgboost", instance="ml.c5.9xlarge")
    assert (xgboost.rows, xgboost.cores, xgboost.seconds) == (1_000_000, "18 threads", 10.8)


@pytest.mark.parametrize("name", ["p3.2xlarge", "r4.8xlarge", "g5.4xlarge", "m7i.8xlarge"])
def test_machines_of_gradient_boosting_are_known(name: str) -> None:
    assert perf.gbm_training(instance=name)
    assert catalog.instance(name)
