"""ML103: Spot training that cannot be resumed."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mlstage.graph import Graph, Resource, Value
from mlstage.rules import examples
from mlstage.rules.examples import jobs as job_examples
from mlstage.rules.levels import Level, Levels
from mlstage.rules.rule import About, resource_rule
from mlstage.rules.truth import NO, Answer, Truth, truth, when
from mlstage.rules.views.jobs import STARTERS, hidden_jobs, jobs
from mlstage.rules.views.pipelines import Job
from mlstage.rules.views.programs import is_told_by_mlstage, resumes, trains
from mlstage.rules.views.runs import Run, runs


@resource_rule(
    id="ML103",
    name="spot-training-without-checkpoint",
    title="Spot training without a checkpoint",
    types=STARTERS,
    levels=Levels(test=Level.ADVISORY, production=Level.MANDATORY, other=Level.ADVISORY),
    fix='purchase=Spot(checkpoint="s3://…"), or purchase=OnDemand()',
    elsewhere="a prefix in S3 for checkpoints (`CheckpointConfig` of a training job) from which the training goes"
    " on, or capacity on demand",
    sources=(
        "https://docs.aws.amazon.com/sagemaker/latest/dg/model-managed-spot-training.html",
        "https://docs.aws.amazon.com/batch/latest/userguide/spot.html",
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html",
        "https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-backoff-failure-policy",
    ),
)
def spot_training_without_checkpoint(resource: Resource, about: About) -> Iterator[Answer]:
    """AWS can stop a Spot job at any minute; without a checkpoint it starts again from nothing, and is paid again.

    The longer the job, the likelier that it never ends: each interruption throws away all the hours before it. With a
    checkpoint prefix SageMaker copies what the container writes to `/opt/ml/checkpoints` to S3, and puts it back when
    the job resumes. Jobs count that a pipeline starts, a state of Step Functions, a schedule that calls the API, or the
    program itself.

    On ECS, AWS Batch and EKS the program itself has to save and resume. Objected to is a task or job on Spot (Fargate
    Spot, a queue with a Spot compute environment, a pool or node group that buys Spot) that trains and is told of no
    checkpoint: no variable and no argument speaks of one (`checkpoint`, `ckpt`, `resume`, `snapshot`), and no volume
    outlives it (EFS, a persistent volume claim). That it trains is told by mlstage's own groups, or by the words of
    its image, its command and its name (`fraud-train:4.2`, `python train.py`); one that scores, transforms or prepares
    data may begin again and is not meant, nor is one whose words tell nothing. Where its author counts the tries
    (`retry_strategy`, `backoff_limit`, `Retry`), restarts are planned, and whether the program goes on or begins again
    is in its code alone: that is undecided, unless mlstage itself told the container all that it knows.
    """
    for job in jobs(resource):
        yield from _judged(job, about)


@spot_training_without_checkpoint.over_stack
def _elsewhere(graph: Graph, about: About) -> Iterator[Answer]:
    for job in hidden_jobs(graph):
        yield from _judged(job, about)
    for run in runs(graph):
        if run.is_spot.value is not False:
            yield from _judged_run(graph, run, about)


def _judged(job: Job, about: About) -> Iterator[Answer]:
    yield from when(
        truth(job.is_training) & job.spot.is_true() & job.checkpoint.is_absent(),
        job.spot,
        f"{about.call_part(job.resource, job.words)} trains on Spot without a checkpoint",
    )


_ELSEWHERE: Final = (
    "a prefix in S3 that the program saves to and resumes from, in a variable such as CHECKPOINT_S3_URI; a volume that"
    " outlives the job; or capacity on demand"
)


def _judged_run(graph: Graph, run: Run, about: About) -> Iterator[Answer]:
    called = about.call(run.program)
    starter = run.at.resource
    apart = starter is not run.program and not (starter.workload and starter.workload == run.program.workload)
    where = f" ({about.call(starter)} starts it)" if apart else ""
    yield from when(
        run.is_spot & trains(graph, run.program) & ~resumes(run.program, run.told) & ~_may_resume(run),
        run.at,
        f"{called} trains on Spot and is told of no checkpoint{where}",
        instead="" if run.program.workload else _ELSEWHERE,
    )


def _may_resume(run: Run) -> Truth:
    """Leave open what an author may have thought of who had it tried again."""
    if run.is_tried_again.value is False or is_told_by_mlstage(run.program):
        return NO
    return run.at.gap("it is tried again after an interruption, and whether it then goes on is in its program alone")


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


_IN_A_STATE = "definition.States.Train.Parameters.EnableManagedSpotTraining"
_BY_A_SCHEDULE = "target.ecs_parameters.capacity_provider_strategies[0].capacity_provider"


@spot_training_without_checkpoint.bad("nightly", _IN_A_STATE)
def spot_alone_in_a_state_machine() -> Graph:
    """A state machine whose training job is on Spot, with nothing to resume from."""
    return examples.in_production_stack(job_examples.state_machine(job_examples.request()))


@spot_training_without_checkpoint.bad("nightly", "target.input.EnableManagedSpotTraining")
def spot_alone_by_a_schedule() -> Graph:
    """A schedule that calls `CreateTrainingJob` itself, on Spot, with nothing to resume from."""
    return examples.in_production_stack(job_examples.scheduled_request(job_examples.request()))


@spot_training_without_checkpoint.bad("nightly", "enable_managed_spot_training")
def spot_alone_by_itself() -> Graph:
    """A training job that the program itself starts, on Spot, with nothing to resume from."""
    return examples.in_production_stack(job_examples.training_job())


@spot_training_without_checkpoint.good()
def spot_with_checkpoint_in_a_state_machine() -> Graph:
    """A state machine whose training job resumes from a checkpoint."""
    request = job_examples.request(checkpoint="s3://acme-ml-checkpoints/fraud/")
    return examples.in_production_stack(job_examples.state_machine(request))


@spot_training_without_checkpoint.bad(
    "nightly",
    _BY_A_SCHEDULE,
    spec="""
Training(
    name="nightly-training",
    image="123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud-train:4.2",
    inputs={"train": "s3://acme-ml-data/fraud/train/"},
    output="s3://acme-ml-models/fraud/",
    on=Ecs(cpu=4, memory="8GB"),
    purchase=Spot(),
    schedule="cron(0 3 * * ? *)",
)
""",
)
def task_on_fargate_spot() -> Graph:
    """A task that a schedule starts on Fargate Spot, and that trains."""
    return examples.in_production_stack(*job_examples.scheduled_task())


@spot_training_without_checkpoint.good()
def task_with_checkpoint() -> Graph:
    """The same, told of a prefix to resume from."""
    told: Value = {"name": "CHECKPOINT_S3_URI", "value": "s3://acme-ml-checkpoints/fraud/"}
    return examples.in_production_stack(*job_examples.scheduled_task(environment=(told,)))


@spot_training_without_checkpoint.good()
def scoring_on_fargate_spot() -> Graph:
    """A nightly task on Fargate Spot that scores: begun again, it gives the same."""
    scores = job_examples.scheduled_task(image=f"{examples.REGISTRY}/fraud-batch:1.7", command=("python", "score.py"))
    return examples.in_production_stack(*scores)


@spot_training_without_checkpoint.bad(
    "training",
    "container_properties",
    spec="""
Training(
    name="nightly-training",
    image="123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud-train:4.2",
    inputs={"train": "s3://acme-ml-data/fraud/train/"},
    output="s3://acme-ml-models/fraud/",
    on=Batch(cpu=4, memory="8GB"),
    purchase=Spot(),
    schedule="cron(0 3 * * ? *)",
)
""",
)
def batch_job_on_spot() -> Graph:
    """A job of AWS Batch that trains, in a queue of Spot machines."""
    return examples.in_production_stack(*job_examples.batch_job("SPOT"))


@spot_training_without_checkpoint.good()
def batch_job_on_demand() -> Graph:
    """The same job in a queue of machines on demand."""
    return examples.in_production_stack(*job_examples.batch_job("EC2"))


@spot_training_without_checkpoint.bad(
    "training",
    "spec.template.spec.node_selector",
    spec="""
Training(
    name="nightly-training",
    image="123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud-train:4.2",
    inputs={"train": "s3://acme-ml-data/fraud/train/"},
    output="s3://acme-ml-models/fraud/",
    on=Eks(cpu=4, memory="8GB"),
    purchase=Spot(),
    schedule="cron(0 3 * * ? *)",
)
""",
)
def pod_on_a_spot_pool() -> Graph:
    """A Kubernetes Job that trains on a Karpenter pool of Spot nodes."""
    return examples.in_production_stack(examples.node_pool("spot"), job_examples.kubernetes_job())


@spot_training_without_checkpoint.good()
def pod_with_a_volume() -> Graph:
    """The same with a volume that outlives its pod."""
    claim: Value = {"name": "work", "persistent_volume_claim": {"claim_name": "fraud-training"}}
    return examples.in_production_stack(examples.node_pool("spot"), job_examples.kubernetes_job(volumes=(claim,)))
