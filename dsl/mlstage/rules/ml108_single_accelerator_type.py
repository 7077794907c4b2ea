"""ML108: accelerators of one type, with nothing to fall back on."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator

from mlstage.graph import Graph
from mlstage.rules import examples
from mlstage.rules.examples import jobs as job_examples
from mlstage.rules.levels import Level
from mlstage.rules.rule import About, in_production, stack_rule
from mlstage.rules.truth import Answer, when
from mlstage.rules.views.choices import choices
from mlstage.rules.views.machines import accelerator_words, has_accelerator


@stack_rule(
    id="ML108",
    name="single-accelerator-type",
    title="Accelerators of a single type, without a fallback",
    levels=in_production(Level.ADVISORY),
    fix='on=Ecs(instance="g5.xlarge", fallbacks=("g6.xlarge",), …): further types with the same kind of accelerator',
    elsewhere="further types with the same kind of accelerator",
    sources=(
        "https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-mixed-instances-groups.html",
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/troubleshooting-launch.html#troubleshooting-launch-capacity",
        "https://docs.aws.amazon.com/batch/latest/userguide/allocation-strategies.html",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html",
    ),
)
def single_accelerator_type(graph: Graph, about: About) -> Iterator[Answer]:
    """Accelerators run out: when EC2 has none of the one type left, nothing starts until somebody edits the type.

    `InsufficientInstanceCapacity` comes when everybody else scales out as well. A second type with the same kind of
    accelerator and at least as much memory costs nothing until it is needed. Meant are auto-scaling groups, those
    behind ECS's capacity providers included, ECS Managed Instances, compute environments of AWS Batch, and on EKS node
    groups and Karpenter's pools; a family without sizes is a choice, and so is a description of what is needed.

    Of SageMaker's endpoints nothing is said, because nothing could be done: a variant has one instance type. Its API
    has lists of types since (`InstancePools` of a production variant, in botocore 1.43.11 of 2026), but no property of
    the AWS provider leads there (pulumi_aws 7.51.1, Terraform's 5.100.0), and a second variant is no fallback: without
    machines for each of its variants an endpoint does not come up. Training jobs name one type as well, and wait.
    """
    for choice in choices(graph):
        kinds = {kind.text or (kind.resource.name, kind.path) for kind in choice.kinds}
        if len(kinds) == 1:
            (kind, *_) = choice.kinds
            yield from when(
                has_accelerator(kind) & ~choice.is_by_need,
                kind,
                f"{about.call(choice.resource)} starts {kind.shown} ({accelerator_words(kind)}) and nothing else",
                instead="" if choice.resource.workload else choice.instead,
            )


@single_accelerator_type.bad("machines", "instance_type")
def one_type_of_a_template() -> Graph:
    """A group that starts what its launch template names."""
    return examples.in_production_stack(*examples.machines())


@single_accelerator_type.bad("group", "mixed_instances_policy.launch_template.overrides[0].instance_type")
def one_type_in_a_list() -> Graph:
    """A group whose list of types has one item."""
    return examples.in_production_stack(*examples.machines("g5.xlarge"))


@single_accelerator_type.good()
def two_types() -> Graph:
    """A group that takes another type when the first runs out."""
    return examples.in_production_stack(*examples.machines("g5.xlarge", "g6.xlarge"))


@single_accelerator_type.bad("pool", "spec.template.spec.requirements[1].values[0]")
def one_type_in_a_pool() -> Graph:
    """A Karpenter pool that may start one type."""
    return examples.in_production_stack(examples.node_pool("on-demand", types=("g5.xlarge",)))


@single_accelerator_type.good()
def two_types_in_a_pool() -> Graph:
    """A Karpenter pool that takes another type when the first runs out."""
    return examples.in_production_stack(examples.node_pool("on-demand", types=("g5.xlarge", "g6.xlarge")))


@single_accelerator_type.bad("machines", "compute_resources.instance_types[0]")
def one_type_for_batch() -> Graph:
    """A compute environment of AWS Batch that may start one type."""
    return examples.in_production_stack(*job_examples.batch_job("EC2", "g5.xlarge"))


@single_accelerator_type.good()
def two_types_for_batch() -> Graph:
    """A compute environment of AWS Batch that takes another type when the first runs out."""
    return examples.in_production_stack(*job_examples.batch_job("EC2", "g5.xlarge", "g6.xlarge"))


@single_accelerator_type.bad("nodes", "instance_types[0]")
def one_type_in_a_node_group() -> Graph:
    """A managed node group of one type."""
    return examples.in_production_stack(examples.node_group("ON_DEMAND", "g5.xlarge"))
