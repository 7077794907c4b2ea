"""ML409: images that are another one tomorrow."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator

from mlstage.graph import Graph, Resource, Value
from mlstage.rules import examples
from mlstage.rules.levels import Level, Levels
from mlstage.rules.rule import About, resource_rule
from mlstage.rules.truth import Answer, when
from mlstage.rules.views.containers import CONTAINERS, containers


@resource_rule(
    id="ML409",
    name="image-without-version",
    title="Container image without a tag, or with `latest`",
    types=CONTAINERS,
    levels=Levels(test=Level.ADVISORY, production=Level.MANDATORY, other=Level.ADVISORY),
    fix="a tag that is never moved (`fraud-xgboost:1.7-1`), or the digest (`@sha256:…`)",
    sources=(
        "https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html",
        "https://kubernetes.io/docs/concepts/containers/images/#image-names",
    ),
)
def image_without_version(resource: Resource, about: About) -> Iterator[Answer]:
    """What `latest` is changes whenever somebody pushes: scaling out at night then adds instances of another version.

    Half of an endpoint's answers come from one model server and half from another, a rollback brings back what it was
    to take away, and nobody can say which code gave an answer.
    """
    for container in containers(resource):
        image = container.image
        if image is None:
            continue
        called = about.call_part(resource, container.part)
        what = f"the tag {image.tag!r}" if image.tag else "no tag"
        yield from when(image.is_movable, image.at, f"the image of {called} has {what}")


def _model(image: str) -> Resource:
    container: dict[str, Value] = {"image": image, "model_data_url": "s3://acme-ml-models/fraud/model.tar.gz"}
    role = "arn:aws:iam::123456789012:role/scorer"
    return Resource("model", "aws.sagemaker.Model", {"execution_role_arn": role, "primary_container": container})


@image_without_version.bad(
    "model",
    "primary_container.image",
)
def whatever_is_latest() -> Graph:
    """A model on `latest`."""
    return examples.in_production_stack(_model("123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud-xgboost:latest"))


@image_without_version.bad("model", "primary_container.image")
def no_tag_at_all() -> Graph:
    """A model whose image has no tag, which means `latest`."""
    return examples.in_production_stack(_model("123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud-xgboost"))


@image_without_version.bad("task", "container_definitions[0].image")
def latest_in_a_task() -> Graph:
    """An ECS task on `latest`."""
    container: Value = {"name": "web", "image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/chat:latest"}
    return examples.in_production_stack(examples.task(container))


@image_without_version.bad("web", "spec.template.spec.containers[0].image")
def latest_in_a_pod() -> Graph:
    """A Deployment on `latest`."""
    image = f"{examples.REGISTRY}/fraud-scorer:latest"
    return examples.in_production_stack(
        *examples.deployment(own={"image": image}), examples.autoscaler(), examples.disruption_budget()
    )


@image_without_version.good()
def a_version() -> Graph:
    """A model on a version."""
    return examples.in_production_stack(_model("123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud-xgboost:1.7-1"))


@image_without_version.good()
def a_digest() -> Graph:
    """A function on a digest."""
    digest = "sha256:" + "0f1e2d3c" * 8
    return examples.in_production_stack(
        examples.lone_function(image_uri=f"123456789012.dkr.ecr.us-east-1.amazonaws.com/scorer@{digest}")
    )
