"""Advice from what runs: CloudWatch's metrics of endpoints, read from a file or live, and what they say of the machine.

SageMaker counts `GPUUtilization` and `CPUUtilization` of a machine to 100 % for each GPU and each core
(docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html), so they are divided by their number here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from mlstage.catalog import instance
from mlstage.catalog.instances import Instance, instance_names
from mlstage.catalog.prices import Price
from mlstage.graph import Graph
from mlstage.insight.advice.advise import Advice, advise
from mlstage.insight.advice.machines import KINDS, troubles
from mlstage.insight.advice.wants import Wants
from mlstage.insight.cost import estimate
from mlstage.insight.cost.book import PriceBook
from mlstage.insight.facts import HOURS_A_DAY, Traffic
from mlstage.rules.truth import field
from mlstage.rules.views.endpoints import CONFIGURATION, ENDPOINT
from mlstage.rules.views.links import follow

IDLE: Final = 20.0
"""Per cent of a machine's accelerator, or of its cores, below which another machine should be asked about."""
ROOM: Final = 70.0
"""Per cent that the busiest hour may take on the machine that is proposed."""
PERIOD: Final = 3600
METRICS: Final[Mapping[str, tuple[str, str]]] = {
    "GPUUtilization": ("/aws/sagemaker/Endpoints", "Average"),
    "GPUMemoryUtilization": ("/aws/sagemaker/Endpoints", "Average"),
    "CPUUtilization": ("/aws/sagemaker/Endpoints", "Average"),
    "MemoryUtilization": ("/aws/sagemaker/Endpoints", "Average"),
    "Invocations": ("AWS/SageMaker", "Sum"),
}


class MetricsError(ValueError):
    """A file that holds no metrics; the text says why."""


@dataclass(frozen=True, slots=True)
class Series:
    """One metric of one workload, an hour apart."""

    workload: str
    metric: str
    times: tuple[datetime, ...]
    values: tuple[float, ...]

    @property
    def average(self) -> float:
        """The average value."""
        return sum(self.values) / len(self.values)


@dataclass(frozen=True, slots=True)
class Move:
    """One thing to do instead, and what it saves a month."""

    what: str
    monthly: float | None
    saves: float | None
    why: str
    prices: tuple[Price, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the metrics of one workload say."""

    wants: Wants
    device: str
    """`GPU`, `NeuronCore` or `CPU`: what its work is done on."""
    average: float | None
    busiest: float | None
    """Per cent, of all GPUs or cores together; None where the metric is not there."""
    hours: int
    machines: float
    monthly: float | None
    """What its machines cost now."""
    prices: tuple[Price, ...] = ()
    """What that rests on."""
    moves: tuple[Move, ...] = ()
    advice: Advice | None = None

    @property
    def idle(self) -> bool:
        """Whether it is used so little that something else should be asked about."""
        return self.average is not None and self.average < IDLE


def queries(graph: Graph, names: Sequence[str]) -> list[dict[str, Any]]:
    """Give the queries for CloudWatch's `get_metric_data` about the endpoints of a graph; labels name the workload."""
    made: list[dict[str, Any]] = []
    for workload, endpoint, variant in _endpoints(graph, names):
        for metric, (namespace, stat) in METRICS.items():
            dimensions = [{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": variant}]
            about = {"Namespace": namespace, "MetricName": metric, "Dimensions": dimensions}
            made.append(
                {
                    "Id": f"m{len(made)}",
                    "Label": f"{workload} {metric}",
                    "MetricStat": {"Metric": about, "Period": PERIOD, "Stat": stat},
                }
            )
    return made


def read(data: Any, names: Sequence[str]) -> list[Series]:
    """Read what `get_metric_data` gave. A label is the metric's name, after the workload's where there are several."""
    results = data.get("MetricDataResults") if isinstance(data, dict) else None
    if not isinstance(results, list):
        raise MetricsError("it has no list `MetricDataResults`, as the answer of CloudWatch's get_metric_data has")
    found = []
    for one in results:
        label = str(one.get("Label", "")) if isinstance(one, dict) else ""
        said, _, metric = label.rpartition(" ")
        if metric not in METRICS:
            known = ", ".join(METRICS)
            raise MetricsError(f"the label {label!r} does not end in a metric that is known here: {known}")
        workload = _whose(said, label, names)
        values, times = one.get("Values", []), one.get("Timestamps", [])
        if len(values) != len(times):
            raise MetricsError(f"{label!r} has {len(values)} values and {len(times)} timestamps")
        if values:
            found.append(Series(workload, metric, tuple(map(_time, times)), tuple(map(_value, values))))
    return found


def judge(wants: Wants, graph: Graph, series: Sequence[Series], book: PriceBook) -> Judgement | None:
    """Judge one workload; None where it runs on no machine that is known, has no metrics, or those of variants."""
    if not of_one(wants, series):
        return None
    mine = {one.metric: one for one in series if one.workload == wants.workload}
    machine = instance(wants.instance) if judgeable(wants) and wants.instance else None
    if machine is None or not mine:
        return None
    device, parts = device_of(machine)
    used = mine.get(f"{device}Utilization")
    machines = _machines(graph, wants.workload)
    price = book.price("AmazonSageMaker", machine.name, "Hosting")
    monthly = None if price is None else machines * price.usd * 730
    done = Judgement(
        wants,
        device,
        None if used is None else used.average / parts,
        None if used is None else max(used.values) / parts,
        max(len(one.values) for one in mine.values()),
        machines,
        monthly,
        () if price is None else (price,),
    )
    if not done.idle:
        return done
    traffic = _traffic(mine.get("Invocations"), wants.traffic)
    asked = replace(wants, traffic=traffic, minimum=max(1, min(wants.least, round(machines))))
    advice = advise(asked, book) if wants.needs is not None else None
    return replace(done, moves=tuple(_moves(done, machine, mine, advice, book)), advice=advice)


def judgeable(wants: Wants) -> bool:
    """Say whether it is an endpoint of SageMaker on one instance type."""
    return wants.instance is not None and wants.instance.startswith("ml.")


def of_one(wants: Wants, series: Sequence[Series]) -> bool:
    """Say whether each metric of a workload is there once; of several variants nothing tells them apart."""
    told = [one.metric for one in series if one.workload == wants.workload]
    return len(set(told)) == len(told)


def device_of(machine: Instance) -> tuple[str, int]:
    """Say what a machine's work is done on, and how many there are; CloudWatch has no metric of NeuronCores."""
    if machine.gpu_count:
        return "GPU", machine.gpu_count
    return ("NeuronCore", machine.neuron_cores) if machine.neuron_cores else ("CPU", machine.vcpu)


def _moves(
    done: Judgement, machine: Instance, mine: Mapping[str, Series], advice: Advice | None, book: PriceBook
) -> Iterator[Move]:
    best = advice.best if advice else None
    if best is not None and best.monthly is not None and best.instance != machine.name and done.monthly is not None:
        saves = done.monthly - best.monthly
        if saves > 0:
            why = f"by figures of {advice.subject if advice else ''}"
            yield Move(best.name, best.monthly, saves, why, best.prices)
    enough = _fewer(done)
    if done.monthly is not None and enough < done.machines:
        monthly = done.monthly * enough / done.machines
        why = f"{done.busiest:.0f}% in the busiest hour would be at most {ROOM:.0f}%"
        yield Move(f"{enough:g} x {machine.name}", monthly, done.monthly - monthly, why, done.prices)
    yield from _smaller(done, machine, mine, book)


def _fewer(done: Judgement) -> float:
    """Give how many of the same machines the busiest hour needs; never fewer than the workload's least."""
    needed = -(-done.machines * (done.busiest or 0.0) // ROOM)
    return max(float(done.wants.least), needed)


def _smaller(done: Judgement, machine: Instance, mine: Mapping[str, Series], book: PriceBook) -> Iterator[Move]:
    """Yield the cheapest machine of the same kind that holds what is held now; how quick it is, nobody published."""
    memory = mine.get("GPUMemoryUtilization" if machine.gpu_count else "MemoryUtilization")
    current = book.price("AmazonSageMaker", machine.name, "Hosting")
    if memory is None or current is None or done.monthly is None:
        return
    held = max(memory.values) / 100 * _memory(machine) / (machine.gpu_count or 1)
    found = []
    for name in instance_names("hosting"):
        other = instance(name)
        if other is None or not _may_follow(other, machine, done) or _memory(other) * ROOM / 100 < held:
            continue
        price = book.price("AmazonSageMaker", name, "Hosting")
        if price is not None and price.usd < current.usd and not troubles(name, KINDS[0], done.wants)[0]:
            found.append((price.usd, name, price))
    if found:
        usd, name, price = min(found, key=lambda one: one[:2])
        monthly = done.monthly * usd / current.usd
        why = (
            f"it holds the {held:,.0f} MB that are in use; no data on how long the model takes on it: measure it first"
        )
        yield Move(f"{done.machines:g} x {name}", monthly, done.monthly - monthly, why, (price,))


def _may_follow(other: Instance, machine: Instance, done: Judgement) -> bool:
    """Say whether another machine runs the same image, and whether its cores are enough for the busiest hour."""
    if other.arch != machine.arch or _accelerated(other) != _accelerated(machine):
        return False
    return done.device != "CPU" or (done.busiest or 0.0) * machine.vcpu <= ROOM * other.vcpu


def _accelerated(machine: Instance) -> str:
    return machine.accelerator.kind if machine.accelerator else ""


def _memory(machine: Instance) -> float:
    return float(machine.accelerator.memory_mib if machine.accelerator else machine.memory_mib)


def _machines(graph: Graph, workload: str) -> float:
    """Give how many machines the estimate reckons with."""
    lines = [one for one in estimate(graph).lines if one.workload == workload and one.what.endswith("hosting")]
    return sum(line.quantity.expected for line in lines) / 730


def _traffic(invocations: Series | None, said: Traffic | None) -> Traffic | None:
    """Make the traffic that was seen: its sum over the hours, and the shape of its days."""
    if invocations is None:
        return said
    shares = [0.0] * HOURS_A_DAY
    for time, value in zip(invocations.times, invocations.values, strict=True):
        shares[time.hour] += value
    if not sum(shares):
        return said
    month = invocations.average * 730
    base = said or Traffic(month)
    return replace(base, requests_per_month=month, day=tuple(shares))


def _endpoints(graph: Graph, names: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    for resource in graph.of(ENDPOINT):
        name = field(resource, "name").text
        link = follow(graph, field(resource, "endpoint_config_name"), CONFIGURATION)
        if resource.workload not in names or name is None:
            continue
        for configuration in link.resources[:1]:
            for variant in field(configuration, "production_variants").items():
                yield resource.workload, name, variant["variant_name"].text or "AllTraffic"


def _whose(said: str, label: str, names: Sequence[str]) -> str:
    if said in names:
        return said
    if not said and len(names) == 1:
        return names[0]
    if not said:
        raise MetricsError(f"the label {label!r} names no workload, and there are {', '.join(names)}; write it before")
    raise MetricsError(f"the label {label!r} names {said!r}, which is no endpoint here: {', '.join(names) or 'none'}")


def _time(said: object) -> datetime:
    if isinstance(said, datetime):
        return said
    try:
        return datetime.fromisoformat(str(said))
    except ValueError as error:
        raise MetricsError(f"{said!r} is no time") from error


def _value(said: object) -> float:
    if isinstance(said, (int, float)) and not isinstance(said, bool):
        return float(said)
    raise MetricsError(f"{said!r} is no value of a metric")
