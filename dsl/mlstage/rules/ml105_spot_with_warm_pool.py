"""ML105: Spot training that asks for a warm pool."""
# ruff: noqa: D401 - docstrings here are the pages' sentences.

from __future__ import annotations

from collections.abc import Iterator

from mlstage.graph import Graph, Resource
from mlstage.rules import examples
from mlstage.rules.examples import jobs as job_examples
from mlstage.rules.levels import Level, Levels
from mlstage.rules.rule import About, resource_rule
from mlstage.rules.truth import Answer, truth, when
from mlstage.rules.views.jobs import STARTERS, hidden_jobs, jobs
from mlstage.rules.views.pipelines import Job


@resource_rule(
    id="ML105",
    name="spot-with-warm-pool",
    title="Spot training with a warm pool",
    types=STARTERS,
    levels=Levels(test=Level.MANDATORY, production=Level.MANDATORY, other=Level.MANDATORY),
    fix="drop KeepAlivePeriodInSeconds, or EnableManagedSpotTraining",
    sources=("https://docs.aws.amazon.com/sagemaker/latest/dg/train-warm-pools.html",),
)
def spot_with_warm_pool(resource: Resource, about: About) -> Iterator[Answer]:
    """A warm pool keeps machines between jobs, which Spot cannot promise: SageMaker refuses the job when it starts.

    Nothing fails at deployment: the pipeline is made, and its first run ends with a validation error, at night where
    it has a schedule. Warm pools are for short jobs in quick succession on demand, Spot for long ones that can wait.
    Jobs count that a pipeline starts, a state of Step Functions (`sagemaker:createTrainingJob`), a schedule of
    EventBridge Scheduler that calls the API itself, or the program (`aws.sagemaker.TrainingJob`). What a state machine
    takes from its input is undecided, and so is one whose definition a preview does not know yet, if it hands a role of
    SageMaker's on; of other hidden definitions nothing is said, because they may be about anything.
    """
    for job in jobs(resource):
        yield from _judged(job, about)


@spot_with_warm_pool.over_stack
def _hidden(graph: Graph, about: About) -> Iterator[Answer]:
    for job in hidden_jobs(graph):
        yield from _judged(job, about)


def _judged(job: Job, about: About) -> Iterator[Answer]:
    kept = job.keep_alive
    yield from when(
        truth(job.is_training) & job.spot.is_true() & kept.is_given() & ~kept.is_below(1),
        kept,
        f"{about.call_part(job.resource, job.words)} asks for Spot capacity and for a warm pool"
        f" of {kept.shown} seconds",
    )


@spot_with_warm_pool.bad("training", "pipeline_definition.Steps[0].Arguments.ResourceConfig.KeepAlivePeriodInSeconds")
def spot_that_is_to_stay() -> Graph:
    """Spot with a checkpoint, and a warm pool of half an hour."""
    return examples.in_production_stack(
        examples.training(spot=True, checkpoint="s3://acme-ml-checkpoints/fraud/", keep_alive=1800)
    )


@spot_with_warm_pool.bad("nightly", "definition.States.Train.Parameters.ResourceConfig.KeepAlivePeriodInSeconds")
def spot_that_is_to_stay_in_a_state_machine() -> Graph:
    """The same, started by a state machine."""
    request = job_examples.request(checkpoint="s3://acme-ml-checkpoints/fraud/", keep_alive=1800)
    return examples.in_production_stack(job_examples.state_machine(request))


@spot_with_warm_pool.bad("nightly", "target.input.ResourceConfig.KeepAlivePeriodInSeconds")
def spot_that_is_to_stay_by_a_schedule() -> Graph:
    """The same, started by a schedule that calls SageMaker's API itself."""
    request = job_examples.request(checkpoint="s3://acme-ml-checkpoints/fraud/", keep_alive=1800)
    return examples.in_production_stack(job_examples.scheduled_request(request))


@spot_with_warm_pool.bad("nightly", "resource_config.keep_alive_period_in_seconds")
def spot_that_is_to_stay_by_itself() -> Graph:
    """The same, started by the program itself."""
    return examples.in_production_stack(
        job_examples.training_job(checkpoint="s3://acme-ml-checkpoints/fraud/", keep_alive=1800)
    )


@spot_with_warm_pool.good()
def spot_without_warm_pool_in_a_state_machine() -> Graph:
    """A state machine whose Spot job lets its machines go."""
    request = job_examples.request(checkpoint="s3://acme-ml-checkpoints/fraud/")
    return examples.in_production_stack(job_examples.state_machine(request))


@spot_with_warm_pool.good()
def warm_pool_on_demand() -> Graph:
    """A warm pool of machines on demand."""
    return examples.in_production_stack(examples.training(keep_alive=1800))


@spot_with_warm_pool.good()
def spot_without_warm_pool() -> Graph:
    """Spot whose machines go when the job ends."""
    return examples.in_production_stack(
        examples.training(spot=True, checkpoint="s3://acme-ml-checkpoints/fraud/", keep_alive=0)
    )
