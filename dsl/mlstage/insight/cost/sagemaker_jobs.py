"""What runs in SageMaker and ends: jobs, whatever starts them, and notebooks between their start and stop."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mlstage.catalog.instances import instance
from mlstage.catalog.prices import Price
from mlstage.graph import Resource
from mlstage.insight.calendar import HOURS_A_MONTH, ScheduleError, hours_on, runs_per_month
from mlstage.insight.cost.model import Amount, Line, in_words
from mlstage.insight.cost.pricing import (
    Context,
    Pricers,
    at_price,
    counted,
    no_price,
    number,
    priced,
    prop,
    unpriced,
    usage,
)
from mlstage.insight.cost.savings import savings_rate
from mlstage.insight.cost.schedules import switched_by
from mlstage.insight.cost.starts import Start
from mlstage.insight.cost.work import HOW_MANY, HOW_OFTEN, hours_each
from mlstage.insight.facts import number_of, runs_of
from mlstage.rules.views.jobs import JOB_CALLS, TRAINING_JOB, TUNING_JOB, jobs
from mlstage.rules.views.links import follow
from mlstage.rules.views.pipelines import PIPELINE, Job

_SERVICE: Final = "AmazonSageMaker"
_COMPONENTS: Final = {
    "Training": "Training",
    "Tuning": "Training",
    "Processing": "Processing",
    "Transform": "BatchTransform",
}
_CLUSTERS: Final = {
    "Training": ("ResourceConfig",),
    "Tuning": ("TrainingJobDefinition", "ResourceConfig"),
    "Processing": ("ProcessingResources", "ClusterConfig"),
    "Transform": ("TransformResources",),
}
_QUALITY: Final = "aws.sagemaker.DataQualityJobDefinition"
_STOPS: Final = {
    "Training": ("StoppingCondition",),
    "Tuning": ("TrainingJobDefinition", "StoppingCondition"),
    "Processing": ("StoppingCondition",),
}


def pipeline(resource: Resource, context: Context) -> Iterator[Line]:
    """Price the jobs that a pipeline starts, as often as its schedule does."""
    runs, how = context.starts.runs(resource)
    for job in jobs(resource):
        if job.kind in _COMPONENTS and job.words:
            yield from job_lines(resource, job, _times(job, runs), how, context)
        else:
            yield unpriced(resource, "job", "its pipeline's definition cannot be read")


def _times(job: Job, runs: float | None) -> Amount | None:
    return None if runs is None else Amount(0.0 if job.is_conditional else runs, runs, runs)


def job_lines(resource: Resource, job: Job, runs: Amount | None, how: str, context: Context) -> Iterator[Line]:
    """Price a job that runs so often a month; `how` says how that came about, or why it is not known."""
    for name, count in job.machines:
        yield from _machine(resource, job, name, count, runs, how, context)


def started(resource: Resource, start: Start, context: Context) -> Iterator[Line]:
    """Price a job that a schedule or a state machine starts by a call of SageMaker's."""
    kind = JOB_CALLS[start.call]
    job = Job(kind, start.name or resource.name, start.given, words=f"state {start.name!r}" if start.name else "job")
    often, how = context.starts.runs(resource)
    if start.many is None:
        runs, how = None, HOW_MANY
    else:
        runs = None if often is None else start.many * often
    yield from job_lines(resource, job, runs, how, context)


def one_off(resource: Resource, context: Context) -> Iterator[Line]:
    """Price the hours of a job that is a resource itself: it runs once, when it is made."""
    for job in jobs(resource):
        yield from job_lines(resource, job, None, "runs once, when it is created", context)


def _machine(
    resource: Resource, job: Job, name: str | None, count: float, runs: Amount | None, how: str, context: Context
) -> Iterator[Line]:
    component, size = _COMPONENTS[job.kind], number(job.at(*_CLUSTERS[job.kind], "VolumeSizeInGB"))
    if name is None:
        yield unpriced(resource, f"{job.kind.lower()} job", "its instance type is not known")
        return
    machines = count * (_tuned(job) if job.kind == "Tuning" else 1.0)
    search = f" of up to {_tuned(job):g} jobs" if job.kind == "Tuning" else ""
    label = f"{count:g} x {name}, {_words(job)}{search}"
    price = context.book.price(_SERVICE, name, component)
    if price is None:
        yield unpriced(resource, label, no_price(f"{name} for {_words(job)}", context))
        return
    hours, note, assumed = _hours(resource, job, runs, how, context)
    if hours is None:
        each = in_words("each machine" if machines > 1 else "", how, note)
        yield usage(resource, label, price, each)
        return
    rate, said = _rate(resource, job, name, component, price, context)
    notes = in_words(how, note, said)
    yield priced(resource, label, hours * machines, price, rate=rate, note=notes, assumed=assumed)
    yield from _disk(resource, size, name, component, hours * machines, context)


def _words(job: Job) -> str:
    return {"Transform": "batch transform", "Tuning": "search"}.get(job.kind, job.kind.lower())


def _tuned(job: Job) -> float:
    return number(job.at("HyperParameterTuningJobConfig", "ResourceLimits", "MaxNumberOfTrainingJobs")) or 1.0


def _hours(
    resource: Resource, job: Job, runs: Amount | None, how: str, context: Context
) -> tuple[Amount | None, str, bool]:
    """Give a month's hours of one machine; None where nobody can say."""
    if runs is None:
        return None, "" if how else HOW_OFTEN, False
    most = number(job.at(*_STOPS[job.kind], "MaxRuntimeInSeconds")) if job.kind in _STOPS else None
    kept = number(job.kept_warm) or 0.0
    each, note, assumed = hours_each(runs_of(context.graph, resource.workload), most, kept)
    return None if each is None else each.times(runs), note, assumed


def _rate(
    resource: Resource, job: Job, name: str, component: str, price: Price, context: Context
) -> tuple[Amount | None, str]:
    if job.spot.is_true().value:
        found = context.book.spot(name, component)
        if found is None:
            return None, "Spot, whose price is not known: at the most the price on demand"
        _, rate, seen = found
        words = f"Spot: ${rate.low:.4g} to ${rate.high:.4g} an hour, EC2's range of {seen.date} carried over"
        return rate, words
    return savings_rate(resource, component, price, context)


def _disk(
    resource: Resource, size: float | None, name: str, component: str, hours: Amount, context: Context
) -> Iterator[Line]:
    machine = instance(name)
    if size is None or (machine is not None and machine.nvme_gb):
        return
    price = context.book.price(_SERVICE, "volume", component)
    yield at_price(resource, f"{size:g} GB volume while it runs", hours * (size / HOURS_A_MONTH), price)


def notebook(resource: Resource, context: Context) -> Iterator[Line]:
    """Price a notebook instance for the hours between its schedules, and its volume for all of them."""
    name = prop(resource, "instance_type").text
    if name is None:
        yield unpriced(resource, "notebook", "its instance type is not known")
    elif (price := context.book.price(_SERVICE, name, "Notebook")) is None:
        yield unpriced(resource, f"{name}, notebook", no_price(f"{name} for notebooks", context))
    else:
        hours, note, assumed = _open_hours(resource, context)
        yield priced(resource, f"{name}, notebook", hours, price, note=note, assumed=assumed)
    size = counted(prop(resource, "volume_size"), 5.0)  # AWS's own default
    volume = context.book.price(_SERVICE, "volume", "Notebook")
    if size is None:
        yield usage(resource, "volume", volume, "its size is not known")
        return
    yield at_price(resource, f"{size:g} GB volume", Amount.exactly(size), volume)


def _open_hours(resource: Resource, context: Context) -> tuple[Amount, str, bool]:
    name = prop(resource, "name").text or ""
    starts = switched_by(context.graph, "startNotebookInstance", name) if name else ()
    stops = switched_by(context.graph, "stopNotebookInstance", name) if name else ()
    try:
        high = hours_on(starts, stops) if starts else HOURS_A_MONTH
    except ScheduleError:
        high = HOURS_A_MONTH
    words = f"{high:.4g} h a month between its schedules" if starts and stops else "until somebody stops it"
    idle = number_of(context.graph, resource.workload, "stop_when_idle_s")
    low = high if idle is None else min(high, _idle_hours(starts, idle))
    said = runs_of(context.graph, resource.workload)
    if said is not None and said.per_month is not None:
        used = min(high, said.seconds / 3600 * said.per_month)
        return Amount(min(low, used), used, high), f"{used:.4g} h used as expected; {words}", False
    if idle is not None:
        words += f"; at the least until it stops itself after {idle / 3600:g} h without use"
    return Amount(low, high, high), words, low != high


def _idle_hours(starts: tuple[str, ...], idle: float) -> float:
    try:
        return sum(runs_per_month(start) for start in starts) * idle / 3600
    except ScheduleError:
        return 0.0


def monitoring(resource: Resource, context: Context) -> Iterator[Line]:
    """Price the processing jobs that compare captured requests with what the model was trained on."""
    plan = prop(resource, "monitoring_schedule_config")
    definition = next(
        iter(follow(context.graph, plan["monitoring_job_definition_name"], _QUALITY).resources),
        None,
    )
    expression = plan["schedule_config"]["schedule_expression"].text
    if definition is None or expression is None:
        yield unpriced(resource, "monitoring jobs", "their definition or schedule is not in this graph")
        return
    cluster = prop(definition, "job_resources")["cluster_config"]
    name, count = cluster["instance_type"].text, number(cluster["instance_count"]) or 1.0
    most = number(prop(definition, "stopping_condition")["max_runtime_in_seconds"]) or 3600.0
    price = context.book.price(_SERVICE, name, "Processing") if name else None
    if name is None or price is None:
        yield unpriced(resource, "monitoring jobs", no_price(f"{name or 'its type'} for processing", context))
        return
    try:
        runs = runs_per_month(expression)
    except ScheduleError as error:
        yield unpriced(resource, "monitoring jobs", str(error))
        return
    hours = Amount(0.0, most / 3600, most / 3600) * (runs * count)
    note = f"{runs:.4g} runs a month ({expression}), as if each took all of its {most / 3600:g} h"
    yield priced(resource, f"{count:g} x {name}, monitoring", hours, price, note=note, assumed=True)
    yield from _disk(resource, number(cluster["volume_size_in_gb"]), name, "Processing", hours, context)


PRICERS: Pricers = {
    PIPELINE: pipeline,
    TRAINING_JOB: one_off,
    TUNING_JOB: one_off,
    "aws.sagemaker.NotebookInstance": notebook,
    "aws.sagemaker.MonitoringSchedule": monitoring,
}
