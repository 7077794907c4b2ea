"""Architectures: the names that benchmarks give them, and how much they compute."""

import pytest

from mlstage.catalog import perf
from mlstage.catalog.models import architecture, architecture_names


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("bert-base-uncased", "bert-base"),
        ("BERT base (bert-base-cased)", "bert-base"),
        ("BERT-large SQuAD", "bert-large"),
        ("google/electra-base-discriminator", "electra-base"),
        ("DistilBERT seq128 vanilla transformers", "distilbert-base"),
        ("ResNet50 v1.5", "resnet50"),
    ],
)
def test_a_benchmark_s_name_is_recognised(written: str, name: str) -> None:
    found = architecture(written)
    assert found is not None
    assert found.name == name


def test_what_is_not_known_is_not_guessed() -> None:
    assert architecture("bert-huge") is None
    assert architecture("xlm-roberta-base") is None


def test_every_figure_of_a_common_task_is_about_a_known_architecture() -> None:
    unknown = {figure.model for figure in perf.inference() if figure.throughput and not architecture(figure.model)}
    assert {name for name in unknown if not name.startswith("Llama")} == {"UNet", "xlm-roberta-base"}


def test_bert_base_computes_what_is_published_of_it() -> None:
    """About 22.5 GFLOP for 128 tokens, as the ELECTRA paper's and others' counts have it within a few per cent."""
    base, large = architecture("bert-base"), architecture("bert-large")
    assert base is not None
    assert large is not None
    assert base.gflop(128) == pytest.approx(22.5, rel=0.02)
    assert large.gflop(128) / base.gflop(128) == pytest.approx(3.54, rel=0.01)
    # Attention grows with the square of the length.
    assert base.gflop(384) > 3 * base.gflop(128)


def test_an_image_costs_what_it_costs_at_any_length() -> None:
    resnet = architecture("resnet50")
    assert resnet is not None
    assert resnet.gflop(None) == pytest.approx(8.18)


def test_an_encoder_is_asked_for_a_length() -> None:
    base = architecture("bert-base")
    assert base is not None
    with pytest.raises(ValueError, match="bert-base"):
        base.gflop(None)


def test_every_architecture_names_its_source() -> None:
    for name in architecture_names():
        found = architecture(name)
        assert found is not None
        assert "facts only" in found.source


def test_training_figures_are_of_gpus_that_the_type_has() -> None:
    from mlstage import catalog

    for figure in perf.training():
        machine = catalog.instance(figure.instance)
        assert machine is not None, figure
        assert machine.gpu_count == figure.gpus, figure
        assert machine.accelerator is not None
        assert machine.accelerator.name.removeprefix("NVIDIA ") in figure.hardware, figure
        assert architecture(figure.model), figure
