"""ML102: a GPU in a test stack."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mlstage.graph import Graph, JsonDocument, Resource, Value
from mlstage.rules import examples
from mlstage.rules.rule import About, in_test, resource_rule
from mlstage.rules.truth import Answer, when
from mlstage.rules.views.compute import MACHINES, machines
from mlstage.rules.views.machines import accelerator_words, has_accelerator, is_of_family
from mlstage.rules.views.pods import PODS, containers
from mlstage.rules.views.services import TASK, requirements

_PLACES: Final = {"kubernetes.": "Eks", "aws.eks.": "Eks", "aws.ecs.": "Ecs", "aws.batch.": "Batch"}


@dataclass(frozen=True, slots=True)
class GpuInTest:
    """Which families of accelerated instances a test stack may use, such as `g4dn`."""

    families: tuple[str, ...] = ()


@resource_rule(
    id="ML102",
    name="gpu-in-test",
    title="GPU or other accelerator in a test stack",
    types=(*MACHINES, *PODS, TASK),
    levels=in_test(),
    fix='a CPU type in test: instance=per_stage(test="ml.m5.large", prod=…), or waive("ML102", reason=…, until=…)',
    elsewhere="an instance type without accelerators in test, or a waiver in the settings, with a reason and an end",
    sources=("https://aws.amazon.com/sagemaker/ai/pricing/",),
    options=GpuInTest,
)
def gpu_in_test(resource: Resource, about: About) -> Iterator[Answer]:
    """Test stacks prove that things fit together, which a CPU shows as well, and for a fraction of the price.

    An accelerator left running in test over a weekend costs as much as weeks of the CPU that would have done. Where the
    accelerator itself is what has to be tried, say so in a waiver with a reason and an end, or allow its family by the
    option `families`; pods and tasks do not say of which family their machines are, and are then judged by those.
    """
    allowed = about.options(GpuInTest).families
    for machine in machines(resource) if resource.type in MACHINES else ():
        kind = machine.instance_type
        called = about.call_part(resource, machine.part)
        yield from when(
            has_accelerator(kind) & ~is_of_family(kind, allowed),
            kind,
            f"{called} runs on {kind.shown} ({accelerator_words(kind)})",
            _without(resource),
        )
    if not allowed and resource.type in PODS:
        yield from _of_pods(resource, about)
    if not allowed and resource.type == TASK:
        for device in requirements(resource):
            yield from when(
                device["type"].is_one_of("GPU"),
                device,
                f"{about.call(resource)} asks for {device['value'].shown} GPU",
                _without(resource),
            )


def _of_pods(resource: Resource, about: About) -> Iterator[Answer]:
    for container in containers(resource):
        for asked in container.accelerators():
            device = asked.path.rpartition("limits.")[2]
            yield from when(
                asked.is_given() & ~asked.is_one_of("0"),
                asked,
                f"{container.words} of {about.call(resource)} asks for {asked.shown} {device}",
                _without(resource),
            )


def _without(resource: Resource) -> str:
    """Say what to write where it is not SageMaker that has the machine; else the rule's own words hold."""
    place = next((name for prefix, name in _PLACES.items() if resource.type.startswith(prefix)), "")
    if not place:
        return ""
    cpu = f'on=per_stage(test={place}(cpu=2, memory="8GB"), prod={place}(instance=…))'
    return f'{cpu}, or waive("ML102", reason=…, until=…)'


@gpu_in_test.bad(
    "training",
    "pipeline_definition.Steps[0].Arguments.ResourceConfig.InstanceType",
    spec="""
Training(
    name="fine-tuning",
    image="123456789012.dkr.ecr.us-east-1.amazonaws.com/bert-sentiment-train:2.3",
    inputs={"train": "s3://acme-ml-data/reviews/train/"},
    output="s3://acme-ml-models/bert-sentiment/",
    on=SageMaker(instance="ml.g5.xlarge"),
)
""",
)
def training_on_a_gpu() -> Graph:
    """A training job on a GPU, in test."""
    return examples.in_test_stack(examples.training("ml.g5.xlarge"))


@gpu_in_test.bad("explore", "instance_type")
def notebook_on_a_gpu() -> Graph:
    """A notebook on a GPU, in test."""
    return examples.in_test_stack(examples.notebook("ml.g4dn.xlarge"))


@gpu_in_test.good(
    spec="""
Training(
    name="fine-tuning",
    image="123456789012.dkr.ecr.us-east-1.amazonaws.com/bert-sentiment-train:2.3",
    inputs={"train": "s3://acme-ml-data/reviews/train/"},
    output="s3://acme-ml-models/bert-sentiment/",
    on=SageMaker(instance=per_stage(test="ml.m5.large", prod="ml.g5.2xlarge")),
)
""",
)
def training_on_a_cpu() -> Graph:
    """A training job on a CPU, in test."""
    return examples.in_test_stack(examples.training("ml.m5.large"))


@gpu_in_test.good()
def training_on_a_gpu_in_production() -> Graph:
    """A training job on a GPU, in production."""
    return examples.in_production_stack(examples.training("ml.g5.2xlarge"))


@gpu_in_test.bad("web", "spec.template.spec.containers[0].resources.limits.nvidia.com/gpu")
def pod_that_asks_for_a_gpu() -> Graph:
    """A Deployment whose container asks for a GPU, in test."""
    return examples.in_test_stack(*examples.deployment(limits={"nvidia.com/gpu": "1"}))


@gpu_in_test.bad("nodes", "instance_types[0]")
def node_group_with_gpus() -> Graph:
    """A node group of machines with GPUs, in test."""
    return examples.in_test_stack(examples.node_group("ON_DEMAND", "g5.xlarge"))


@gpu_in_test.bad("group", "mixed_instances_policy.launch_template.overrides[0].instance_type")
def auto_scaling_group_with_gpus() -> Graph:
    """Machines with GPUs under ECS, in test."""
    return examples.in_test_stack(*examples.machines("g5.xlarge", template="m7i.xlarge"))


@gpu_in_test.bad("tasks", "container_definitions[0].resourceRequirements[0]")
def task_that_asks_for_a_gpu() -> Graph:
    """An ECS task whose container asks for a GPU, in test."""
    container: dict[str, Value] = {
        "name": "scorer",
        "image": f"{examples.REGISTRY}/fraud-scorer:1.7-1",
        "memory": 8192,
        "resourceRequirements": ({"type": "GPU", "value": "1"},),
    }
    props: dict[str, Value] = {"family": "scorer", "container_definitions": JsonDocument((container,))}
    return examples.in_test_stack(Resource("tasks", TASK, props))
