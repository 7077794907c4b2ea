"""Stacks to draw: those of this repository, one of containers and functions, and graphs that nobody tagged."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from mlstage.graph import Graph, JsonDocument, Ref, Resource, join
from mlstage.project import study

ROOT = Path(__file__).parents[3]

CONTAINERS = '''"""Workloads on ECS and Lambda."""

from mlstage import (
    AsyncEndpoint, Autoscale, BacklogPerInstance, BatchInference, Ecs, Environment, Lambda, Model, Processing,
    RealtimeEndpoint, Spot, Training,
)

image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/scorer:1"
model = Model(image=image, artifact="s3://acme-models/m/model.tar.gz")
environment = Environment(
    name="mix",
    owner="ml",
    workloads=[
        RealtimeEndpoint(name="gpu", model=model, on=Ecs(instance="g5.xlarge"), replicas=1),
        AsyncEndpoint(
            name="docs", model=model, on=Ecs(cpu=2, memory="4GB"), output="s3://acme-docs/out/",
            replicas=Autoscale(min=0, max=4, target=BacklogPerInstance(5)),
        ),
        Training(
            name="train", image=image, inputs={"train": "s3://acme-data/train/"}, output="s3://acme-models/m/",
            on=Ecs(instance="g5.2xlarge"), purchase=Spot(checkpoint="s3://acme-ck/m/"), max_runtime="2h",
            schedule="rate(1 day)",
        ),
        BatchInference(
            name="scores", model=model, input="s3://acme-data/in/", output="s3://acme-data/out/",
            on=Ecs(cpu=2, memory="4GB"), schedule="cron(0 3 * * ? *)",
        ),
        RealtimeEndpoint(name="fn", model=model, on=Lambda(memory="2GB", provisioned=2)),
        AsyncEndpoint(name="fnq", model=model, on=Lambda(memory="2GB"), output="s3://acme-docs/out/"),
        Processing(
            name="prep", image=image, inputs={"raw": "s3://acme-data/raw/"}, outputs={"clean": "s3://acme-data/clean/"},
            on=Lambda(memory="2GB"), schedule="rate(1 hour)",
        ),
    ],
)
'''


@cache
def repository() -> dict[str, Graph]:
    """Compile the repository's own stacks."""
    return {f"{one.graph.environment}/{one.graph.stack}": one.graph for one in study(ROOT).stacks}


def containers(folder: Path) -> Graph:
    """Compile the stack of containers and functions."""
    (folder / "environments").mkdir(parents=True)
    (folder / "environments/mix.py").write_text(CONTAINERS)
    (folder / "Pulumi.yaml").write_text("name: acme\nruntime: python\n")
    (folder / "Pulumi.prod.yaml").write_text("config:\n  aws:region: us-east-1\n")
    return next(one.graph for one in study(folder, stacks=["prod"]).stacks)


def foreign() -> Graph:
    """Make a graph as it is read from a plan of somebody else's: no groups, no tags, buckets of its own."""
    return Graph(
        (
            Resource("models", "aws_s3_bucket", {"bucket": "acme-own"}),
            Resource("answers", "aws_s3_bucket", {}),
            Resource(
                "m",
                "aws.sagemaker.Model",
                {"primary_container": {"image": "x/y:1", "model_data_url": "s3://acme-own/m.tar.gz"}},
            ),
            Resource(
                "c",
                "aws.sagemaker.EndpointConfiguration",
                {
                    "production_variants": ({"model_name": Ref("m", "name"), "instance_type": "ml.g5.xlarge"},),
                    "async_inference_config": {
                        "output_config": {"s3_output_path": join("s3://", Ref("answers", "bucket"), "/out/")}
                    },
                },
            ),
            Resource("e", "aws.sagemaker.Endpoint", {"endpoint_config_name": Ref("c", "name"), "name": "reader"}),
            Resource(
                "nightly",
                "aws.cloudwatch.EventRule",
                {"schedule_expression": "cron(15 2 ? * MON-FRI *)", "name": "nightly"},
            ),
            Resource("to", "aws.cloudwatch.EventTarget", {"rule": Ref("nightly", "name"), "arn": Ref("pipe", "arn")}),
            Resource(
                "pipe",
                "aws.sagemaker.Pipeline",
                {"pipeline_name": "train", "pipeline_definition": JsonDocument({"Steps": ()})},
            ),
            Resource("odd", "aws_kinesis_stream", {"name": "clicks"}),
        )
    )
