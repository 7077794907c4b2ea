"""ML103: Spot training that cannot be resumed."""

from __future__ import annotations

from collections.abc import Iterator

from mlstage.graph import Graph, Resource
from mlstage.rules import examples
from mlstage.rules.levels import Level, Levels
from mlstage.rules.rule import About, resource_rule
from mlstage.rules.truth import Answer, truth, when
from mlstage.rules.views.pipelines import PIPELINE, jobs


@resource_rule(
    id="ML103",
    name="spot-training-without-checkpoint",
    title="Spot training without a checkpoint",
    types=(PIPELINE,),
    levels=Levels(test=Level.ADVISORY, production=Level.MANDATORY, other=Level.ADVISORY),
    fix='purchase=Spot(checkpoint="s3://…"), or purchase=OnDemand()',
    sources=("https://docs.aws.amazon.com/sagemaker/latest/dg/model-managed-spot-training.html",),
)
def spot_training_without_checkpoint(resource: Resource, about: About) -> Iterator[Answer]:
    """AWS can stop a Spot job at any minute; without a checkpoint it starts again from nothing, and is paid again.

    The longer the job, the likelier that it never ends: each interruption throws away all the hours before it. With a
    checkpoint prefix SageMaker copies what the container writes to `/opt/ml/checkpoints` to S3, and puts it back when
    the job resumes.
    """
    for job in jobs(resource):
        called = about.call_part(resource, job.words)
        yield from when(
            truth(job.is_training) & job.spot.is_true() & job.checkpoint.is_absent(),
            job.spot,
            f"{called} trains on Spot without a checkpoint",
        )


@spot_training_without_checkpoint.bad(
    "training",
    "pipeline_definition.Steps[0].Arguments.EnableManagedSpotTraining",
    spec="""
Training(
    name="nightly-training",
    image="123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud-train:4.2",
    inputs={"train": "s3://acme-ml-data/fraud/train/"},
    output="s3://acme-ml-models/fraud/",
    on=SageMaker(instance="ml.c5.4xlarge"),
    purchase=Spot(),
)
""",
)
def spot_alone() -> Graph:
    """Spot, and nothing to resume from."""
    return examples.in_production_stack(examples.training(spot=True))


@spot_training_without_checkpoint.good(
    spec="""
Training(
    name="nightly-training",
    image="123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud-train:4.2",
    inputs={"train": "s3://acme-ml-data/fraud/train/"},
    output="s3://acme-ml-models/fraud/",
    on=SageMaker(instance="ml.c5.4xlarge"),
    purchase=Spot(checkpoint="s3://acme-ml-checkpoints/fraud/"),
)
""",
)
def spot_with_checkpoint() -> Graph:
    """Spot with a checkpoint."""
    return examples.in_production_stack(examples.training(spot=True, checkpoint="s3://acme-ml-checkpoints/fraud/"))


@spot_training_without_checkpoint.good()
def on_demand() -> Graph:
    """On-Demand capacity needs no checkpoint."""
    return examples.in_production_stack(examples.training())
