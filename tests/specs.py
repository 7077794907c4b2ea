"""Random valid specs, as hypothesis draws them: every kind of workload on every target that takes it, in any stage.

`environments()` draws what authors may write; `compiled` takes one through the compiler, and gives None for the few
that a target refuses for a reason that no single choice shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from hypothesis import strategies as st

from mlstage import (
    AllAtOnce,
    AsyncEndpoint,
    Autoscale,
    BacklogPerInstance,
    BatchInference,
    Canary,
    Continuous,
    CpuUtilization,
    DataCapture,
    Ecs,
    Eks,
    Environment,
    InvocationsPerInstance,
    Lambda,
    Linear,
    Model,
    Network,
    Notebook,
    OnDemand,
    OwnNetwork,
    Processing,
    ProvisionedConcurrencyUtilization,
    RealtimeEndpoint,
    SageMaker,
    SageMakerServerless,
    ScheduledAction,
    Shadow,
    Spot,
    Stage,
    Step,
    Steps,
    Training,
    Tuning,
    Variant,
    Watch,
    WorkingHours,
    per_stage,
)
from mlstage.diagnostics import Severity
from mlstage.graph import Graph
from mlstage.passes import Context, run_passes
from mlstage.resolve import StackFile
from mlstage.resolve.resolve import resolve
from mlstage.targets import check, lower

T = TypeVar("T")

ECR: Final = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
# What Terraform, JSON, Python and shells trip over.
_HOSTILE: Final = [
    "${aws_iam_role.x.arn}",
    "%{ if true }",
    "$${x}",
    "$$",
    "$",
    "{{ x }}",
    '"',
    "'",
    "\\",
    "\\n",
    "\n",
    "#",
    "//",
    "é",
    "日本",
    "🎉",
    "<&>",
    "\u2028",
    "null",
    "1e3",
]
TEXT: Final = st.lists(
    st.sampled_from(_HOSTILE) | st.text(st.characters(categories=["L", "N", "P"], max_codepoint=0x2FF), max_size=6),
    max_size=4,
).map("".join)
_WORD: Final = st.from_regex(r"[a-z][a-z0-9]{0,7}(-[a-z0-9]{1,4})?", fullmatch=True)
_KEY: Final = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,7}[A-Za-z0-9]", fullmatch=True)
_VARIABLES: Final = st.dictionaries(_KEY, TEXT, max_size=3)
_TAGS: Final = st.dictionaries(
    st.from_regex(r"[a-z][a-z0-9:/=+@ -]{0,10}[a-z0-9]", fullmatch=True),
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9 _.:/=+@-]{0,12}", fullmatch=True),
    max_size=2,
)
_SCHEDULE: Final = st.sampled_from(["rate(1 day)", "rate(7 days)", "cron(0 3 * * ? *)", "cron(0 4 1 * ? *)"])
_CPU_TYPES: Final = ["ml.m5.large", "ml.m5.xlarge", "ml.c5.2xlarge", "ml.m6i.xlarge", "ml.r5.large"]
_GPU_TYPES: Final = ["ml.g4dn.xlarge", "ml.g5.xlarge", "ml.g5.2xlarge"]


def staged(values: st.SearchStrategy[T]) -> st.SearchStrategy[Any]:
    """Draw one value for all stacks, or one for each."""
    return values | st.builds(lambda test, prod: per_stage(test=test, prod=prod), values, values)


def optional(values: st.SearchStrategy[T]) -> st.SearchStrategy[Any]:
    """Draw a value, or none in some stack or in all."""
    return st.none() | staged(values) | values.map(lambda value: per_stage(prod=value))


def _s3(*parts: str) -> st.SearchStrategy[str]:
    return _WORD.map(lambda word: "/".join(("s3://acme-data", word, *parts, "")))


def _some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Draw some of these fields, leaving out those that come out as None."""
    drawn = st.fixed_dictionaries({}, optional=fields)
    return drawn.map(lambda values: {key: value for key, value in values.items() if value is not None})


_MODEL: Final = st.builds(
    lambda word, rest: Model(
        image=f"{ECR}/{word}:1", artifact=f"s3://acme-models/{word}/model.tar.gz", size="1GB", **rest
    ),
    _WORD,
    _some(environment=staged(_VARIABLES)),
)


def _machines(*types: str) -> st.SearchStrategy[SageMaker]:
    return staged(st.sampled_from(types)).map(lambda instance: SageMaker(instance=instance))


_SERVERLESS: Final = st.builds(
    lambda memory, concurrency, rest: SageMakerServerless(memory=memory, concurrency=concurrency, **rest),
    staged(st.sampled_from(["1GB", "2GB", "3GB", "6GB"])),
    st.integers(5, 20),
    _some(
        provisioned=optional(
            st.integers(1, 5) | st.just(Autoscale(min=1, max=4, target=ProvisionedConcurrencyUtilization(70)))
        )
    ),
)
_LAMBDA: Final = st.builds(
    lambda memory, rest: Lambda(memory=memory, storage="3GB", timeout="5m", **rest),
    staged(st.sampled_from(["2GB", "4GB", "8GB"])),
    _some(concurrency=staged(st.integers(10, 50))),
)
_WARM_LAMBDA: Final = optional(st.integers(1, 5)).map(
    lambda provisioned: Lambda(memory="4GB", storage="3GB", provisioned=provisioned)
)
_FARGATE: Final = st.sampled_from([(1, "4GB"), (2, "8GB"), (4, "16GB")]).map(
    lambda size: Ecs(cpu=size[0], memory=size[1])
)
_ECS_MACHINES: Final = st.builds(
    lambda instance: Ecs(instance=instance), st.sampled_from(["g5.xlarge", "g4dn.xlarge", "m5.xlarge"])
)
_PODS: Final = st.sampled_from([(1, "4GB"), (2, "8GB"), (4, "16GB")]).map(lambda size: Eks(cpu=size[0], memory=size[1]))
_EKS_MACHINES: Final = st.builds(
    lambda instance: Eks(instance=instance), st.sampled_from(["g5.xlarge", "g4dn.xlarge", "m5.xlarge"])
)
_CONTAINERS: Final = _FARGATE | _PODS
_MACHINES: Final = _ECS_MACHINES | _EKS_MACHINES

_CPU: Final = st.integers(20, 90).map(lambda value: CpuUtilization(value))
_METRIC: Final = st.integers(10, 5000).map(lambda value: InvocationsPerInstance(value)) | _CPU
_BACKLOG: Final = st.integers(1, 50).map(lambda value: BacklogPerInstance(value))


@st.composite
def _autoscale(
    draw: st.DrawFn, metric: st.SearchStrategy[Any] = _METRIC, least: int = 1, *, steps: bool = False
) -> Autoscale:
    low = draw(st.integers(least, 3))
    high = draw(st.integers(max(low, 1), 9))
    more: dict[str, Any] = {}
    if steps and draw(st.booleans()):
        more["steps"] = [Steps(CpuUtilization(70), steps=[Step(above=0, add=1), Step(above=15, add=3)])]
    if draw(st.booleans()):
        more["schedule"] = [
            ScheduledAction("cron(0 20 ? * MON-FRI *)", min=low, max=high),
            ScheduledAction("cron(0 7 ? * MON-FRI *)", min=low, max=high, timezone="Europe/Berlin"),
        ]
    return Autoscale(min=low, max=high, target=draw(metric), **more)


_UPDATE: Final = (
    st.just(AllAtOnce())
    | st.builds(lambda percent: Canary(percent=percent), st.integers(5, 50))
    | st.builds(lambda percent: Linear(percent=percent), st.integers(10, 50))
)
_VARIANTS: Final = st.builds(
    lambda model, weight: [Variant(name="challenger", model=model, weight=weight, replicas=2)],
    _MODEL,
    st.floats(0, 4, width=16),
)
_FEW: Final = st.fixed_dictionaries({"replicas": staged(st.integers(1, 4) | _autoscale(steps=True))})
# Traffic is shared out among machines: there have to be some.
_MANY: Final = st.builds(
    lambda replicas, update: {"replicas": replicas, "update": update},
    staged(st.integers(2, 4) | _autoscale(least=2, steps=True)),
    staged(_UPDATE),
)
_WATCHED: Final = _some(
    capture=optional(st.builds(lambda to, percent: DataCapture(to=to, percent=percent), _s3(), st.integers(1, 100))),
    p95_latency=staged(st.sampled_from(["200ms", "1s"])),
)
_SPLIT: Final = _some(variants=optional(_VARIANTS)) | _some(
    shadow=optional(st.builds(lambda model, percent: Shadow(model=model, percent=percent), _MODEL, st.integers(1, 100)))
)
Named = Callable[[str], Any]


def _workload(kind: Callable[..., Any], **parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Named]:
    """Draw a workload that still wants its name; parts named `_…` are more fields, drawn together."""

    def made(values: Mapping[str, Any]) -> Named:
        fields = {key: value for key, value in values.items() if not key.startswith("_")}
        more = {key: value for name, held in values.items() if name.startswith("_") for key, value in held.items()}
        return lambda name: kind(name=name, **fields, **more)

    return st.fixed_dictionaries({**parts, "_tags": _some(tags=staged(_TAGS))}).map(made)


_JOB: Final = _some(
    schedule=optional(_SCHEDULE),
    retries=st.integers(0, 3),
    on_failure=optional(st.just("ml@acme.example")),
)
_PROGRAM: Final = _some(environment=staged(_VARIABLES))
_PREFIXES: Final = st.dictionaries(st.from_regex(r"[a-z]{1,6}", fullmatch=True), _s3(), min_size=1, max_size=2)
_SEARCH: Final = st.builds(
    lambda jobs: {
        "tune": Tuning(objective="auc", goal="Maximize", ranges={"eta": Continuous(min=0.01, max=0.3)}, jobs=jobs),
        "metrics": {"auc": "auc=([0-9.]+)"},
    },
    st.integers(2, 20),
)
_JOB_TYPES: Final = _machines("ml.m5.xlarge", "ml.c5.2xlarge", "ml.m5.2xlarge")
_IMAGE: Final = _WORD.map(lambda word: f"{ECR}/{word}:2")

REALTIME: Final = (
    _workload(
        RealtimeEndpoint, model=_MODEL, on=_machines(*_CPU_TYPES, *_GPU_TYPES), _a=_FEW | _MANY, _b=_WATCHED, _c=_SPLIT
    )
    | _workload(RealtimeEndpoint, model=_MODEL, on=_SERVERLESS)
    | _workload(RealtimeEndpoint, model=_MODEL, on=_LAMBDA | _WARM_LAMBDA)
    | _workload(
        RealtimeEndpoint,
        model=_MODEL,
        on=_CONTAINERS | _EKS_MACHINES,
        _a=_some(replicas=staged(st.integers(1, 3) | _autoscale(_CPU))),
    )
)
ASYNC: Final = (
    _workload(
        AsyncEndpoint,
        model=_MODEL,
        on=_machines(*_CPU_TYPES, *_GPU_TYPES),
        output=_s3("out"),
        _a=_some(
            replicas=staged(st.integers(1, 3) | _autoscale(_BACKLOG, 0)),
            concurrency=staged(st.integers(1, 8)),
            on_failure=optional(st.just("ml@acme.example")),
            failures=staged(_s3("bad")),
        ),
    )
    | _workload(AsyncEndpoint, model=_MODEL, on=_FARGATE | _ECS_MACHINES, output=_s3("out"))
    | _workload(AsyncEndpoint, model=_MODEL, on=_LAMBDA, output=_s3("out"))
)
JOBS: Final = (
    _workload(
        Training,
        image=_IMAGE,
        inputs=_PREFIXES,
        output=_s3("model"),
        on=_JOB_TYPES,
        purchase=staged(st.just(OnDemand()) | st.just(Spot(checkpoint="s3://acme-checkpoints/run/"))),
        _a=_JOB,
        _b=_PROGRAM,
        _c=_SEARCH | _some(hyperparameters=staged(_VARIABLES)),
    )
    | _workload(
        Training,
        image=_IMAGE,
        inputs=_PREFIXES,
        output=_s3("model"),
        on=_ECS_MACHINES | _EKS_MACHINES,
        _a=_JOB,
        _b=_PROGRAM,
    )
    | _workload(BatchInference, model=_MODEL, input=_s3("in"), output=_s3("out"), on=_JOB_TYPES | _CONTAINERS, _a=_JOB)
    | _workload(Processing, image=_IMAGE, inputs=_PREFIXES, on=_JOB_TYPES | _CONTAINERS, _a=_JOB, _b=_PROGRAM)
    | _workload(
        Processing,
        image=_IMAGE,
        on=st.just(Lambda(memory="2GB", timeout="10m")),
        max_runtime=st.just("10m"),
        _a=_some(schedule=optional(_SCHEDULE)),
        _b=_PROGRAM,
    )
)
NOTEBOOK: Final = _workload(
    Notebook,
    instance=staged(st.sampled_from(["ml.t3.medium", "ml.t3.large", "ml.m5.xlarge"])),
    _a=_some(
        working_hours=optional(
            st.builds(
                lambda hours, zone: WorkingHours(hours, timezone=zone),
                st.sampled_from(["Mon-Fri 08:00-18:00", "Mon,Wed 09:30-17:15"]),
                st.sampled_from(["Europe/Berlin", "America/New_York", "UTC"]),
            )
        ),
        stop_when_idle=optional(st.sampled_from(["1h", "90m"])),
        read=staged(st.lists(_s3(), max_size=2)),
        write=staged(st.lists(_s3(), max_size=1)),
    ),
)
_NETWORKS: Final = (
    st.none()
    | st.builds(lambda zones, internet: OwnNetwork(zones=zones, internet=internet), st.integers(2, 3), st.booleans())
    | st.just(
        Network(
            vpc="vpc-0a1b2c3d4e5f67890",
            subnets=["subnet-0a1b2c3d4e5f67890", "subnet-0a1b2c3d4e5f67891"],
            security_groups=["sg-0a1b2c3d4e5f67890"],
        )
    )
)


def _stage(tier: Any) -> st.SearchStrategy[Stage]:
    more = _some(network=_NETWORKS, monthly_budget=st.none() | st.integers(50, 5000), tags=_TAGS)
    return more.map(lambda fields: Stage(tier=tier, **fields))


@st.composite
def environments(draw: st.DrawFn, most: int = 4) -> Environment:
    """Draw an environment of one to `most` workloads, in stacks `test` and `prod`."""
    drawn = draw(st.lists(REALTIME | ASYNC | JOBS | NOTEBOOK, min_size=1, max_size=most))
    names = draw(st.lists(_WORD, min_size=len(drawn), max_size=len(drawn), unique_by=lambda name: name.split("-")[0]))
    return Environment(
        name=draw(_WORD),
        owner=draw(_WORD),
        stages={"test": draw(_stage("test")), "prod": draw(_stage("production"))},
        watch=Watch("ml@acme.example"),
        tags=draw(_TAGS),
        workloads=[workload(name) for workload, name in zip(drawn, names, strict=True)],
    )


def compiled(environment: Environment) -> Mapping[str, Graph] | None:
    """Compile an environment for every stack, as every command does; None if a target refuses it."""
    found: dict[str, Graph] = {}
    for stack in environment.stages:
        file = StackFile(stack, f"Pulumi.{stack}.yaml", "us-east-1")
        resolved, wrong = resolve(environment, file)
        problems = [*wrong] or [*check(resolved, file.where_of_region())]
        if any(one.severity is Severity.ERROR for one in problems):
            return None
        context = Context(
            environment=environment.name,
            stack=stack,
            owner=environment.owner,
            tier=resolved.stage.tier,
            tags={**environment.tags, **resolved.stage.tags},
        )
        found[stack] = run_passes(lower(resolved), context)
    return found
