"""What Lambda cannot do is refused with the value to blame and the line to write."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mlstage import (
    AsyncEndpoint,
    Autoscale,
    BacklogPerInstance,
    BatchInference,
    Canary,
    CpuUtilization,
    Lambda,
    Model,
    Processing,
    PyTorch,
    RealtimeEndpoint,
    Spot,
    Training,
)
from mlstage.diagnostics import Severity, render
from mlstage.spec.base import collecting
from mlstage.spec.workloads import AnyWorkload
from tests.targets.support import ECR, MODEL, problems, refusals

SMALL = Lambda(memory="4GB", storage="2GB")
BATCH = {"input": "s3://acme-data/in/", "output": "s3://acme-data/out/"}


def _scorer(model: Model = MODEL, on: Lambda = SMALL, **fields: object) -> RealtimeEndpoint:
    return RealtimeEndpoint(name="scorer", model=model, on=on, **fields)  # type: ignore[arg-type]


def _batch(**fields: object) -> BatchInference:
    return BatchInference(**{"name": "nightly", "model": MODEL, "on": SMALL, **BATCH, **fields})  # type: ignore[arg-type]


REFUSED: dict[str, tuple[AnyWorkload, str, str]] = {
    "memory": (_scorer(on=Lambda(memory="12GB", storage="2GB")), "AWS202", "on.memory"),
    "storage": (_scorer(on=Lambda(memory="4GB", storage="20GB")), "AWS203", "on.storage"),
    "longer than 15 minutes": (_scorer(on=Lambda(memory="4GB", storage="2GB", timeout="16m")), "AWS204", "on.timeout"),
    "model beyond 10 GB": (_scorer(Model(image=f"{ECR}/llm:1", size="14GB")), "AWS205", "model.size"),
    "model beyond its memory": (
        _scorer(Model(image=f"{ECR}/llm:1", size="3GB"), on=Lambda(memory="2GB")),
        "AWS205",
        "on.memory",
    ),
    "artifact beyond /tmp": (_scorer(on=Lambda(memory="4GB")), "AWS205", "on.storage"),
    "gpu image": (_scorer(Model(image=f"{ECR}/bert:2.3-gpu-py311-cu124")), "AWS206", "model.image"),
    "neuron image": (_scorer(Model(image=f"{ECR}/pytorch-inference-neuronx:2.1")), "AWS206", "model.image"),
    "compiled for neuron": (_scorer(Model(image=f"{ECR}/bert:1", compiled_for="inf2")), "AWS206", "model.compiled_for"),
    "image elsewhere": (_scorer(Model(image="docker.io/acme/fraud:1")), "AWS207", "model.image"),
    "image of another region": (
        _scorer(Model(image="123456789012.dkr.ecr.eu-west-1.amazonaws.com/fraud:1")),
        "AWS207",
        "model.image",
    ),
    "image of SageMaker's": (_scorer(Model(image=PyTorch("2.6"))), "AWS207", "model.image"),
    "spot": (_scorer(purchase=Spot()), "AWS208", "purchase"),
    "more warm than allowed": (
        _scorer(on=Lambda(memory="4GB", storage="2GB", provisioned=5, concurrency=2)),
        "AWS209",
        "on.concurrency",
    ),
    "provisioned by CPU": (
        _scorer(on=Lambda(memory="4GB", storage="2GB", provisioned=Autoscale(min=1, max=3, target=CpuUtilization(70)))),
        "AWS215",
        "on.provisioned.target",
    ),
    "variable of Lambda's own": (
        _scorer(Model(image=f"{ECR}/fraud:1", environment={"AWS_REGION": "eu-west-1"})),
        "AWS211",
        "model.environment",
    ),
    "variable of one letter": (
        _scorer(Model(image=f"{ECR}/fraud:1", environment={"V": "1"})),
        "AWS211",
        "model.environment",
    ),
    "variable that begins with an underscore": (
        _scorer(Model(image=f"{ECR}/fraud:1", environment={"_LABELS": "1"})),
        "AWS211",
        "model.environment",
    ),
    "variables beyond 4 KB": (
        _scorer(Model(image=f"{ECR}/fraud:1", environment={f"V{number}": "x" * 900 for number in range(5)})),
        "AWS211",
        "model.environment",
    ),
    "gateway stops waiting": (
        _scorer(on=Lambda(memory="4GB", storage="2GB", timeout="1m", endpoint="api_gateway")),
        "AWS212",
        "on.timeout",
    ),
    "another architecture": (
        _scorer(on=Lambda(memory="4GB", storage="2GB", architecture="arm64")),
        "AWS213",
        "on.architecture",
    ),
    "canary": (_scorer(update=Canary()), "AWS201", "update"),
    "many models": (_scorer(models="s3://acme-models/all/"), "AWS201", "models"),
    "records cut out": (_batch(split="None"), "AWS201", "split"),
    "retries": (_batch(retries=5), "AWS214", "retries"),
    "job with warm places": (
        _batch(on=Lambda(memory="4GB", storage="2GB", provisioned=1)),
        "AWS209",
        "on.provisioned",
    ),
    "processing for hours": (
        Processing(name="clean", image=f"{ECR}/clean:1", on=SMALL, max_runtime="2h"),
        "AWS204",
        "max_runtime",
    ),
    "training": (
        Training(name="train", image=f"{ECR}/train:1", inputs={}, output="s3://acme-models/", on=SMALL),
        "AWS118",
        "on",
    ),
    "queue read by one": (
        AsyncEndpoint(
            name="later",
            model=MODEL,
            on=SMALL,
            output="s3://acme-data/out/",
            replicas=Autoscale(min=0, max=1, target=BacklogPerInstance(2)),
        ),
        "AWS216",
        "replicas",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    workload, code, field = REFUSED[case]
    assert refusals(workload) == [(code, field)]


def test_refusals_read_well(golden: Callable[[str, str], None]) -> None:
    said = []
    for case, (workload, _, _) in REFUSED.items():
        found = [one for one in problems(workload) if one.severity is Severity.ERROR]
        said.append(f"# {case}\n" + "".join(f"{one.what}\n  fix: {one.instead}\n" for one in found))
    golden("golden/refusals.txt", "\n".join(said))


@pytest.mark.parametrize(
    ("fields", "cure"),
    [
        ({"instance": "ml.g5.xlarge"}, 'on=SageMaker(instance="ml.g5.xlarge")'),
        ({"instance": "g5.xlarge"}, 'on=SageMaker(instance="ml.g5.xlarge")'),
        ({"memory": "4GB", "gpus": 1}, "no `gpus`"),
    ],
)
def test_a_machine_is_not_merely_an_unknown_field(fields: dict[str, object], cure: str) -> None:
    with collecting() as found:
        Lambda(**fields)  # type: ignore[arg-type]
    assert [one.code for one in found] == ["AWS200"]
    assert "Lambda has no" in found[0].what and "GPU" in found[0].what
    assert cure in found[0].instead
    assert "AWS200" in render(found)


def test_replicas_are_noted_not_dropped() -> None:
    (note,) = problems(_scorer(replicas=3))
    assert (note.code, note.severity, note.field) == ("AWS210", Severity.NOTE, "replicas")
    assert "provisioned=3" in note.instead
    assert not problems(_scorer(replicas=1))
