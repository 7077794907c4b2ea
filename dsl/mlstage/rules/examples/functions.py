"""Functions, and what stands before them."""

from __future__ import annotations

from mlstage.graph import Join, Ref, Resource, Value
from mlstage.rules.examples.sagemaker import REGISTRY


def function() -> tuple[Resource, Resource]:
    """Make a function of an image, with an alias of its published version."""
    props: dict[str, Value] = {
        "name": "scorer",
        "package_type": "Image",
        "image_uri": f"{REGISTRY}/fraud-scorer:1.7-1",
        "role": "arn:aws:iam::123456789012:role/fraud-scorer",
        "memory_size": 4096,
        "timeout": 30,
        "publish": True,
    }
    alias: dict[str, Value] = {
        "name": "live",
        "function_name": Ref("scorer-function", "name"),
        "function_version": Ref("scorer-function", "version"),
    }
    return (
        Resource("scorer-function", "aws.lambda_.Function", props),
        Resource("scorer-alias", "aws.lambda_.Alias", alias),
    )


def of_alias() -> Join:
    """Name the function's alias as Application Auto Scaling does."""
    return Join(("function:", Ref("scorer-function", "name"), ":", Ref("scorer-alias", "name")))


def function_url() -> Resource:
    """Make a URL of the function's alias, for callers who sign their requests."""
    props: dict[str, Value] = {
        "function_name": Ref("scorer-function", "name"),
        "qualifier": Ref("scorer-alias", "name"),
        "authorization_type": "AWS_IAM",
    }
    return Resource("scorer-url", "aws.lambda_.FunctionUrl", props)


def lone_function(**props: Value) -> Resource:
    """Make a Lambda function with nothing around it."""
    own: dict[str, Value] = {
        "package_type": "Image",
        "image_uri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/scorer:3.1",
        "role": "arn:aws:iam::123456789012:role/scorer",
        "memory_size": 2048,
        "timeout": 30,
    }
    return Resource("scorer", "aws.lambda_.Function", {**own, **props})
