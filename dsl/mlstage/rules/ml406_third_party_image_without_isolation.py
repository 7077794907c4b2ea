"""ML406: other people's code with a way out."""
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
class ThirdPartyImage:
    """Ids of further accounts that are your own, such as the one with the registry of all teams."""

    accounts: tuple[str, ...] = ()


@stack_rule(
    id="ML406",
    name="third-party-image-without-isolation",
    title="Third-party image on SageMaker that reaches the network",
    levels=Levels(test=Level.ADVISORY, production=Level.MANDATORY, other=Level.ADVISORY),
    fix="enable_network_isolation=True on the model (`EnableNetworkIsolation` of a job); or an image that you built,"
    " in a registry of your own",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/dg/mkt-algo-model-internet-free.html",),
    options=ThirdPartyImage,
)
def third_party_image_without_isolation(graph: Graph, about: About) -> Iterator[Answer]:
    """The container sees every request and all training data; isolation is what keeps it from sending them anywhere.

    An image is a third party's if it comes neither from your own account, which the roles in the stack tell, nor from
    AWS's own registries. With network isolation SageMaker itself carries artifacts and data in and out, and the
    container has neither network nor credentials. ECS, EKS and Lambda have no such switch, and are not judged here.
    """
    accounts = Accounts(graph, about.options(ThirdPartyImage).accounts)
    for resource, container in accounts.containers():
        image, isolation = container.image, container.isolation
        if image is None or isolation is None:
            continue
        called = about.call_part(resource, container.part)
        where = f"account {image.account}" if image.account else "a registry of others"
        yield from when(
            accounts.is_foreign(image) & ~isolation.is_true(),
            isolation,
            f"{called} runs an image from {where} that reaches the network",
        )


def _model(image: str, *, isolated: bool = False) -> Resource:
    container: dict[str, Value] = {"image": image, "model_data_url": "s3://acme-ml-models/fraud/model.tar.gz"}
    props: dict[str, Value] = {
        "execution_role_arn": "arn:aws:iam::123456789012:role/scorer",
        "primary_container": container,
    }
    isolation: dict[str, Value] = {"enable_network_isolation": True} if isolated else {}
    return Resource("model", "aws.sagemaker.Model", {**props, **isolation})


_THEIRS = "210987654321.dkr.ecr.us-east-1.amazonaws.com/their-scorer@sha256:" + "0f1e2d3c" * 8


@third_party_image_without_isolation.bad("model", "enable_network_isolation")
def their_code_and_our_requests() -> Graph:
    """A model whose image another account built."""
    return examples.in_production_stack(_model(_THEIRS))


@third_party_image_without_isolation.good()
def their_code_alone() -> Graph:
    """The same in isolation."""
    return examples.in_production_stack(_model(_THEIRS, isolated=True))


@third_party_image_without_isolation.good()
def our_own_code() -> Graph:
    """An image of one's own account."""
    return examples.in_production_stack(_model("123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud-xgboost:1.7-1"))
