"""ML410: images that somebody else can exchange."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mlstage.graph import Graph, Resource, Value
from mlstage.rules import examples
from mlstage.rules.levels import Level, Levels
from mlstage.rules.rule import About, stack_rule
from mlstage.rules.truth import Answer, when
from mlstage.rules.views.accounts import Accounts


@dataclass(frozen=True, slots=True)
class ForeignImage:
    """Ids of further accounts that are your own, such as the one with the registry of all teams."""

    accounts: tuple[str, ...] = ()


@stack_rule(
    id="ML410",
    name="foreign-image-without-digest",
    title="Image from another account or registry, without its digest",
    levels=Levels(test=Level.ADVISORY, production=Level.MANDATORY, other=Level.ADVISORY),
    fix="the digest (`@sha256:…`) in place of the tag, or a copy in a registry of your own; `accounts` lists further"
    " accounts that are yours",
    sources=(
        "https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html",
        "https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html",
    ),
    options=ForeignImage,
)
def foreign_image_without_digest(graph: Graph, about: About) -> Iterator[Answer]:
    """Whoever owns a registry can move its tags: the next instance that starts then runs code that nobody tried here.

    Your own account is that of the roles in the stack; where none says it, the one account that all images come from;
    and those of the option. AWS's own registries are not meant. An image without any version is ML409's.
    """
    accounts = Accounts(graph, about.options(ForeignImage).accounts)
    for resource, container in accounts.containers():
        image = container.image
        if image is None:
            continue
        called = about.call_part(resource, container.part)
        where = f"account {image.account}" if image.account else "a registry of others"
        yield from when(
            ~image.is_movable & ~image.has_digest & accounts.is_foreign(image),
            image.at,
            f"the image of {called} comes from {where} by its tag, which can be moved",
        )


@foreign_image_without_digest.bad("task", "container_definitions[0].image")
def a_tag_of_others() -> Graph:
    """An ECS task with an image from Docker Hub."""
    container: Value = {"name": "web", "image": "vllm/vllm-openai:v0.11.0"}
    return examples.in_production_stack(examples.task(container))


@foreign_image_without_digest.bad("scorer", "image_uri")
def a_tag_of_another_account() -> Graph:
    """A function with an image from another account than its role's."""
    return examples.in_production_stack(
        examples.lone_function(image_uri="210987654321.dkr.ecr.us-east-1.amazonaws.com/scorer:3.1")
    )


@foreign_image_without_digest.good()
def the_content_itself() -> Graph:
    """The same by its digest."""
    digest = "sha256:" + "0f1e2d3c" * 8
    container: Value = {"name": "web", "image": f"vllm/vllm-openai:v0.11.0@{digest}"}
    return examples.in_production_stack(examples.task(container))


@foreign_image_without_digest.good()
def image_of_aws() -> Graph:
    """An image of AWS's own, which AWS versions."""
    image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
    container: Value = {"image": image, "model_data_url": "s3://acme-ml-models/fraud/model.tar.gz"}
    role = "arn:aws:iam::123456789012:role/scorer"
    return examples.in_production_stack(
        Resource("model", "aws.sagemaker.Model", {"execution_role_arn": role, "primary_container": container})
    )
