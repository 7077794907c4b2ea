"""What Lambda refuses, seen before it does. Figures come from the catalogue of limits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from mlstage.catalog.limits import limit
from mlstage.diagnostics import Diagnostic, Severity
from mlstage.spec.images import AnyImage
from mlstage.spec.model import Model
from mlstage.spec.per_stage import known
from mlstage.spec.purchase import Purchase, Spot
from mlstage.spec.scaling import Autoscale
from mlstage.spec.targets import Lambda
from mlstage.spec.text import gigabytes_up, image_address, megabytes, seconds
from mlstage.targets import machines
from mlstage.targets.base import Blame, No

NO_GPU: Final = No("Lambda has no GPU", 'on=SageMaker(instance="ml.g5.xlarge"), or an image built for CPUs')
NO_NEURON: Final = No("Lambda has no Neuron device", 'on=SageMaker(instance="ml.inf2.xlarge")')

# What Lambda keeps to itself: its developer guide, "Using environment variables" (2026-11).
_RESERVED: Final = frozenset(
    {
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
    }
)


# Its API reference, `Environment`: the pattern of a key (2026-11).
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]+")


def function(blame: Blame, on: Lambda) -> Iterator[Diagnostic]:
    """Check memory, `/tmp`, time-out and concurrency."""
    memory, storage = known(on.memory), known(on.storage)
    yield from _size(blame, "AWS202", "memory", memory, "lambda.memory_mb", _on_ecs(memory))
    yield from _size(blame, "AWS203", "storage", storage, "lambda.tmp_mb", _on_ecs(memory, storage))
    yield from timeout(blame, on, "on.timeout", known(on.timeout))
    provisioned, most = known(on.provisioned), known(on.concurrency)
    warm = known(provisioned.max) if isinstance(provisioned, Autoscale) else provisioned
    if warm is not None and most is not None and warm > most:
        what = f"provisioned={warm} keeps more places warm than concurrency={most} allows at all"
        yield blame("AWS209", "on.concurrency", what, f"concurrency={warm} or more, or leave it out")


def _on_ecs(memory: str, storage: str = "") -> str:
    """Write the nearest place without Lambda's bounds: the same container on Fargate, with what it asks for here."""
    # What every task has by itself is not asked for.
    asked = storage and gigabytes_up(storage) >= limit("fargate.ephemeral_gib").least
    disk = f', storage="{storage}"' if asked else ""
    return f'on=Ecs(cpu=2, memory="{memory}"{disk})'


def _size(blame: Blame, code: str, field: str, size: str, key: str, elsewhere: str) -> Iterator[Diagnostic]:
    bounds, asked = limit(key), megabytes(size)
    if asked < bounds.least:
        what = f"{field}={size!r} is less than the {bounds.least} MB that a function has at least"
        yield blame(code, f"on.{field}", what, f'{field}="{bounds.least}MB" or more')
    elif asked > bounds.most:
        what = f"{field}={size!r} is more than the {bounds.most:,} MB that Lambda gives a function"
        instead = f'{field}="{bounds.most}MB" or less, or {elsewhere}'
        yield blame(code, f"on.{field}", what, instead)


def timeout(blame: Blame, on: Lambda, path: str, text: str) -> Iterator[Diagnostic]:
    """Check that an invocation may take so long."""
    longest = limit("lambda.timeout_s").most
    if seconds(text) > longest:
        field = path.rpartition(".")[2]
        what = f"{field}={text!r} is longer than the {longest // 60} minutes after which Lambda ends an invocation"
        elsewhere = _on_ecs(known(on.memory))
        yield blame("AWS204", path, what, f'{field}="{longest // 60}m" or less, or {elsewhere}')


def model(blame: Blame, on: Lambda, spec: Model) -> Iterator[Diagnostic]:
    """Check that a model runs on a CPU of Lambda's and fits into image, `/tmp` and memory."""
    yield from image(blame, "model.image", known(spec.image))
    yield from machines.not_compiled(blame, spec, NO_NEURON)
    yield from variables(blame, "model.environment", known(spec.environment))
    asked, own = known(on.architecture), known(spec.architecture)
    if asked is not None and asked != own:
        what = f"the model's image is {own}, but the function is to run on {asked}"
        yield blame("AWS213", "on.architecture", what, "leave `architecture` out of Lambda: the model's holds")
    if size := known(spec.size):
        yield from _fits(blame, on, size, in_image=known(spec.artifact) is None)


def _fits(blame: Blame, on: Lambda, size: str, *, in_image: bool) -> Iterator[Diagnostic]:
    most = limit("lambda.image_gb").most
    if megabytes(size) > most * 1024:
        kind = "an image" if in_image else "`/tmp` and memory"
        what = f"a model of {size} is larger than the {most} GB that {kind} of a function may have"
        elsewhere = _on_ecs(f"{gigabytes_up(size) * 3 // 2}GB")
        yield blame("AWS205", "model.size", what, f"{elsewhere}, or a smaller (quantised, distilled) model")
        return
    if megabytes(size) > megabytes(known(on.memory)):
        what = f"a model of {size} does not fit into memory={known(on.memory)!r}"
        yield blame("AWS205", "on.memory", what, f'memory="{size}" and what the container itself needs')
    if not in_image and megabytes(size) > megabytes(known(on.storage)):
        what = f"the model's artifact unpacks to {size}, but `/tmp` has storage={known(on.storage)!r}"
        yield blame("AWS205", "on.storage", what, f'storage="{size}" or more')


def image(blame: Blame, path: str, address: AnyImage) -> Iterator[Diagnostic]:
    """Check that Lambda can pull an image and run it."""
    why = "A function's image speaks Lambda's runtime API and lies in Amazon ECR of the function's own region."
    if not isinstance(address, str):
        kind = f"{type(address).__name__}({address.version!r})"
        what = f"{kind} is an image of AWS's for SageMaker, which does not speak Lambda's runtime API"
        yield blame("AWS207", path, what, "an image of your own with the Lambda Web Adapter in it", why)
        return
    parts, region = image_address(address), blame.place.region
    if not parts.account:
        what = f"the image {address} does not lie in Amazon ECR, from which alone Lambda pulls"
        instead = f'a copy in your ECR: "123456789012.dkr.ecr.{region}.amazonaws.com/{parts.repository}:…"'
        yield blame("AWS207", path, what, instead, why)
    elif parts.region != region:
        what = f"the image {parts.repository!r} lies in {parts.region}, but the function is in {region}"
        there = address.replace(f".ecr.{parts.region}.", f".ecr.{region}.", 1)
        yield blame("AWS207", path, what, f'"{there}" (ECR can replicate the repository there)', why)
    yield from machines.without_accelerator(blame, path, address, NO_GPU, NO_NEURON)


def variables(blame: Blame, path: str, environment: Mapping[str, str]) -> Iterator[Diagnostic]:
    """Check a function's environment variables: names that Lambda keeps or does not take, and their size together."""
    taken = sorted(_RESERVED & environment.keys())
    if taken:
        what = f"Lambda sets the environment variable {taken[0]} itself and lets nobody else do so"
        yield blame("AWS211", path, what, f"another name than {taken[0]}")
    for name in sorted(name for name in environment.keys() - _RESERVED if not _NAME.fullmatch(name)):
        what = f"Lambda takes no environment variable named {name!r}: a letter comes first, and one sign more at least"
        yield blame("AWS211", path, what, f"another name, such as {f'MODEL_{name}'.replace('__', '_')}")
    most, size = limit("lambda.env_kb").most * 1024, sum(len(f"{k}{v}".encode()) for k, v in environment.items())
    if size > most:
        what = f"the environment variables have {size:,} bytes together; Lambda takes {most:,}"
        yield blame("AWS211", path, what, "a file in the artifact or in S3, named by one variable")


def purchase(blame: Blame, bought: Purchase) -> Iterator[Diagnostic]:
    """Check that nobody asks for Spot capacity."""
    if isinstance(bought, Spot):
        what = "Lambda sells no Spot capacity: an invocation costs what it takes"
        yield blame("AWS208", "purchase", what, "purchase=OnDemand(), or SavingsPlan(term=…)")


def replicas(blame: Blame, asked: object) -> Iterator[Diagnostic]:
    """Say that replicas mean nothing to a function, which has as many places as there are requests."""
    if blame.workload.origin("replicas").kind == "default" or asked == 1:
        return
    warm = known(asked.min) if isinstance(asked, Autoscale) else asked
    what = "`replicas` means nothing on Lambda, which starts as many places as there are requests"
    instead = f"Lambda(…, provisioned={warm}) to keep places warm, and concurrency=… to bound them"
    yield blame("AWS210", "replicas", what, instead, severity=Severity.NOTE)


def retries(blame: Blame, asked: int) -> Iterator[Diagnostic]:
    """Check how often Lambda is to try again what it was called for without anybody waiting."""
    if asked > _MOST_RETRIES:
        what = f"retries={asked}: Lambda tries an asynchronous invocation again {_MOST_RETRIES} times at most"
        yield blame("AWS214", "retries", what, f"retries={_MOST_RETRIES} or less")


# botocore 1.44.5, lambda: MaximumRetryAttempts.
_MOST_RETRIES: Final = 2


def job(blame: Blame, on: Lambda) -> Iterator[Diagnostic]:
    """Refuse what only an endpoint has any use for."""
    for field in ("provisioned", "endpoint"):
        if blame.workload.origin(f"on.{field}").kind != "default" and known(getattr(on, field)) is not None:
            what = f"`{field}` is for what callers wait for; a job is called by its schedule or by hand"
            yield blame("AWS209", f"on.{field}", what, f"leave `{field}` out")
