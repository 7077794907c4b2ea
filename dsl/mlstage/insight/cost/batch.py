"""AWS Batch: the machines or the Fargate capacity behind a queue, paid while jobs run on them."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import Final

from mlstage.catalog.instances import instance
from mlstage.graph import Graph, Resource
from mlstage.insight.cost import machines
from mlstage.insight.cost.model import Amount, Line, in_words
from mlstage.insight.cost.pricing import Context, Pricers, at_price, number, of_workload, prop, usage
from mlstage.insight.cost.work import HOW_OFTEN, Work, work_of
from mlstage.rules.truth import Field
from mlstage.rules.views.containers import BATCH_JOB
from mlstage.rules.views.documents import document
from mlstage.rules.views.links import follow
from mlstage.rules.views.once import once
from mlstage.rules.views.runs import QUEUE

_ENVIRONMENT: Final = "aws.batch.ComputeEnvironment"
_NOT_FIRST: Final = "only when those before it in its queue have no room"


def environment(resource: Resource, context: Context) -> Iterator[Line]:
    """Price a compute environment: by its runs where the author says them, else as paid by use."""
    found = prop(resource, "compute_resources")
    kind, most = found["type"].text or "", number(found["max_vcpus"])
    job = _job(resource, context)
    work = HOW_OFTEN if job is None else work_of(job, context, number(prop(job, "timeout")["attempt_duration_seconds"]))
    if not _comes_first(resource, context):
        work = _left_over(work)
    if kind.startswith("FARGATE"):
        size = _size(job) if job is not None else None
        yield from _fargate(resource, size, most, work, kind, context)
        return
    yield from _on_machines(resource, found, work, context)


def _left_over(work: Work | str) -> Work | str:
    """Give what a queue may send to capacity that it tries after other: nothing, or at the most all of it."""
    if isinstance(work, str):
        return f"{_NOT_FIRST}; {work}"
    return Work(Amount(0.0, 0.0, work.hours.high), f"{_NOT_FIRST}; {work.note}", True, work.parts)


def _on_machines(resource: Resource, found: Field, work: Work | str, context: Context) -> Iterator[Line]:
    name = next((one.text for one in found["instance_types"].items()), None)
    facts = instance(name) if name else None
    most, spot = number(found["max_vcpus"]), found["type"].text == "SPOT"
    together = most / facts.vcpu if facts and most else 1.0
    if kept := ceil((number(found["min_vcpus"]) or 0.0) / (facts.vcpu if facts else 1)):
        note = "kept on, whether there are jobs or not"
        yield from machines.hours(resource, name, Amount.exactly(float(kept)), context, spot=spot, note=note)
    if isinstance(work, str):
        yield from machines.job_hours(resource, name, None, together, context, spot=spot, note=work)
        return
    total = work.hours * (together / work.parts)
    yield from machines.job_hours(
        resource, name, total, together, context, spot=spot, note=work.note, assumed=work.assumed
    )


def _fargate(
    resource: Resource,
    size: tuple[float, float, str] | None,
    most: float | None,
    work: Work | str,
    kind: str,
    context: Context,
) -> Iterator[Line]:
    """Price the vCPUs and the memory of the jobs that an environment has room for at once."""
    note = "at the most on demand" if kind == "FARGATE_SPOT" else ""
    vcpus, memory, arch = size or (None, None, "x86_64")
    for part, unit, each in (("vcpu", "vCPU", vcpus), ("memory", "GB", memory)):
        price = context.book.price("AmazonECS", f"fargate-{part}-{arch}", "OnDemand")
        if isinstance(work, str) or each is None or not vcpus or most is None:
            why = work if isinstance(work, str) else "the size of its jobs is not known"
            notes = in_words(note, why)
            yield usage(resource, f"each {unit} on Fargate while jobs run", price, notes)
            continue
        jobs = most / vcpus
        notes = in_words(work.note, note)
        label = f"{jobs:g} jobs at once on Fargate, {each:g} {unit} each"
        yield at_price(resource, label, work.hours * (jobs / work.parts * each), price, notes, work.assumed)


def _job(resource: Resource, context: Context) -> Resource | None:
    """Give the job definition of what is submitted to an environment, where it is one only."""
    queues = [queue for queue, _ in _queued(context.graph).get(resource.name, [])]
    submitted = [
        job
        for queue in queues
        for start in context.starts.naming(queue)
        for at, kind in start.named
        if kind == BATCH_JOB
        for job in follow(context.graph, at, BATCH_JOB).resources
    ]
    own = of_workload(context.graph, resource.workload, BATCH_JOB)
    found = list(dict.fromkeys(one.name for one in submitted or own))
    return context.graph.by_name[found[0]] if len(found) == 1 else None


def _size(job: Resource) -> tuple[float, float, str] | None:
    """Give the vCPUs, the GB and the architecture that a job asks for."""
    container = document(prop(job, "container_properties"))
    asked = {one["type"].text: number(one["value"]) for one in container["resourceRequirements"].items()}
    vcpus, megabytes = asked.get("VCPU"), asked.get("MEMORY")
    arch = "arm64" if container["runtimePlatform"]["cpuArchitecture"].text == "ARM64" else "x86_64"
    return None if vcpus is None or megabytes is None else (vcpus, megabytes / 1024, arch)


def _comes_first(resource: Resource, context: Context) -> bool:
    """Say whether a queue tries this environment before others; one without a queue stands alone."""
    places = _queued(context.graph).get(resource.name)
    return places is None or places[0][1] == 0


@once
def _queued(graph: Graph) -> dict[str, list[tuple[Resource, int]]]:
    """Give the queues of each environment, and as the how-manieth they try it."""
    found: dict[str, list[tuple[Resource, int]]] = {}
    for queue in graph.of(QUEUE):
        orders = prop(queue, "compute_environment_orders").items()
        for place, one in enumerate(sorted(orders, key=lambda each: number(each["order"]) or 0.0)):
            for environment_ in follow(graph, one["compute_environment"], _ENVIRONMENT).resources:
                found.setdefault(environment_.name, []).append((queue, place))
    return found


PRICERS: Pricers = {_ENVIRONMENT: environment}
