"""ML407: secrets in the open."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mlstage.graph import ConfigSecret, Graph, Resource, Value
from mlstage.rules import examples
from mlstage.rules.levels import Level, Levels
from mlstage.rules.rule import About, resource_rule
from mlstage.rules.truth import NO, Answer, Truth, truth, when
from mlstage.rules.views.containers import CONTAINERS, Variable, containers
from mlstage.rules.views.secrets import is_secret_name, secret_in


@dataclass(frozen=True, slots=True)
class PlaintextSecret:
    """Names of variables that hold no secret although they are called as if they did."""

    harmless: tuple[str, ...] = ()


@resource_rule(
    id="ML407",
    name="plaintext-secret",
    title="Secret in plain text among a container's variables",
    types=CONTAINERS,
    levels=Levels(test=Level.MANDATORY, production=Level.MANDATORY, other=Level.MANDATORY),
    fix="the secret in AWS Secrets Manager, and its ARN in the variable: ECS's `secrets`, a Kubernetes Secret, or a"
    " call of the program itself; what was written here has to be replaced, because it is in the history by now",
    sources=(
        "https://docs.aws.amazon.com/secretsmanager/latest/userguide/hardcoded.html",
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specifying-sensitive-data.html",
    ),
    options=PlaintextSecret,
)
def plaintext_secret(resource: Resource, about: About) -> Iterator[Answer]:
    """Whoever may describe the model, the function or the task reads its variables: in consoles, logs and states.

    Found are variables whose name means a secret (`DB_PASSWORD`, `HF_TOKEN`, `API_KEY`) with a text of one's own as the
    value, and texts that are secrets by their form, whatever they are called, hyperparameters included. References to
    Secrets Manager or Parameter Store, special tokens of language models and settings such as `MAX_TOKENS` are fine.
    The value is shown nowhere.
    """
    harmless = about.options(PlaintextSecret).harmless
    for container in containers(resource):
        called = about.call_part(resource, container.part)
        for variable in container.variables:
            if variable.name in harmless:
                continue
            text = variable.value.text
            what = secret_in(variable.name, text) if text is not None else ""
            message = f"variable {variable.name!r} of {called} holds {what} in plain text"
            yield from when(_holds(variable, what), variable.value, message)


def _holds(variable: Variable, what: str) -> Truth:
    """Say whether a variable holds a secret; a value that nobody knows yet may, if that is what its name means."""
    if isinstance(variable.value.value, ConfigSecret):
        return NO
    if variable.value.text is not None or not (is_secret_name(variable.name) or not variable.name):
        return truth(bool(what))
    return variable.value.satisfies(lambda _: False)


def _model(environment: Value) -> Resource:
    container: dict[str, Value] = {
        "image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud-xgboost:1.7-1",
        "model_data_url": "s3://acme-ml-models/fraud/model.tar.gz",
        "environment": environment,
    }
    role = "arn:aws:iam::123456789012:role/scorer"
    return Resource("model", "aws.sagemaker.Model", {"execution_role_arn": role, "primary_container": container})


@plaintext_secret.bad("model", "primary_container.environment.DB_PASSWORD")
def password_by_name() -> Graph:
    """A model that is told a password."""
    return examples.in_production_stack(_model({"DB_HOST": "db.acme.example", "DB_PASSWORD": "correct-horse"}))


@plaintext_secret.bad("task", "container_definitions[0].environment[0].value")
def token_by_form() -> Graph:
    """An ECS task with a token of Hugging Face, under a name that does not tell."""
    container: Value = {
        "name": "web",
        "image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/chat:2.1",
        "environment": ({"name": "HUB", "value": f"hf_{'abcdefghij' * 4}"},),
    }
    return examples.in_production_stack(examples.task(container))


@plaintext_secret.bad("scorer", "environment.variables.API_KEY")
def key_of_a_function() -> Graph:
    """A Lambda function with a key."""
    return examples.in_production_stack(
        examples.lone_function(environment={"variables": {"API_KEY": "k-5f1d0c2b7e", "MAX_TOKENS": "512"}})
    )


@plaintext_secret.bad("web", "spec.template.spec.containers[0].env[0].value")
def password_of_a_pod() -> Graph:
    """A Deployment with a password, beside one that comes out of a Kubernetes Secret."""
    kept: Value = {"secret_key_ref": {"name": "cache", "key": "password"}}
    told: Value = (
        {"name": "DB_PASSWORD", "value": "correct-horse"},
        {"name": "CACHE_PASSWORD", "value_from": kept},
    )
    return examples.in_production_stack(
        *examples.deployment(own={"env": told}), examples.autoscaler(), examples.disruption_budget()
    )


@plaintext_secret.good()
def secrets_kept_elsewhere() -> Graph:
    """A task that gets its secret from Secrets Manager, and settings that only sound like secrets."""
    container: Value = {
        "name": "web",
        "image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/chat:2.1",
        "environment": (
            {"name": "EOS_TOKEN", "value": "</s>"},
            {"name": "MAX_TOKENS", "value": "512"},
            {"name": "PARTITION_KEY", "value": "customer_id"},
        ),
        "secrets": (
            {
                "name": "DB_PASSWORD",
                "valueFrom": "arn:aws:secretsmanager:us-east-1:123456789012:secret:fraud/db-AbCdEf",
            },
        ),
    }
    return examples.in_production_stack(examples.task(container))
