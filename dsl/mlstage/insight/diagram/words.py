"""Names of resources and of their types, and times, as people say them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from mlstage.graph import VOCABULARY, Graph, Resource

# Where the last word of a type's name is not what people call it.
_NOUNS: Final = {
    "aws.cloudwatch.MetricAlarm": "alarm",
    "aws.iam.RolePolicy": "role policy",
    "aws.kms.Alias": "key alias",
    "aws.lambda_.Alias": "function alias",
    "aws.appautoscaling.Policy": "scaling policy",
    "aws.appautoscaling.Target": "scalable target",
    "aws.sagemaker.NotebookInstanceLifecycleConfiguration": "lifecycle configuration",
    "aws.sagemaker.DataQualityJobDefinition": "monitoring job",
    "aws.vpc.SecurityGroupIngressRule": "security group rule",
    "aws.vpc.SecurityGroupEgressRule": "security group rule",
    "aws.ec2.Vpc": "VPC",
    "aws.ec2.VpcEndpoint": "VPC endpoint",
    "aws.ec2.DefaultSecurityGroup": "default security group",
}
_DAYS: Final = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_HASH: Final = re.compile(r"(?<=.)-[0-9a-f]{8}$")
_EVERY_DAY: Final = ("* * ?", "? * *", "* * *", "? * ?")


def noun(type_name: str) -> str:
    """Say what a resource of a type is called: `log group` for `aws.cloudwatch.LogGroup` or `aws_log_group`."""
    if type_name in _NOUNS:
        return _NOUNS[type_name]
    last = re.split(r"[.:/]", type_name)[-1].removeprefix("aws_")
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", last).replace("_", " ").lower()


def plural(word: str, count: int) -> str:
    """Put a number before a noun."""
    if count == 1:
        return f"1 {word}"
    if re.search(r"[^aeiou]y$", word):
        return f"{count} {word[:-1]}ies"
    return f"{count} {word}{'es' if word.endswith(('s', 'x', 'ch', 'sh')) else 's'}"


def counted(resources: Iterable[Resource]) -> tuple[str, ...]:
    """Count resources by what they are called, the most frequent first."""
    counts = Counter(noun(resource.type) for resource in resources)
    return tuple(plural(word, count) for word, count in sorted(counts.items(), key=lambda one: (-one[1], one[0])))


def short_name(resource: Resource, graph: Graph) -> str:
    """Give a resource's name in AWS where it is known, else its logical one, without the environment and the stack."""
    info = VOCABULARY.get(resource.type)
    physical = resource.props.get(info.physical_name if info else "name")
    for name, prefix in (
        (physical, f"{graph.environment}-{graph.stack}-"),
        (resource.name, f"{graph.environment}-"),
    ):
        if isinstance(name, str) and name:
            if graph.environment and not name.startswith(prefix) and _HASH.search(name) and name != resource.name:
                continue  # shortened, and with it what it begins with
            known = graph.environment and name != prefix
            return _HASH.sub("", name.removeprefix(prefix)) if known else name
    return resource.name


def image_name(image: str) -> str:
    """Give an image's repository and tag without its registry; of a digest, the beginning is enough."""
    name = image.rpartition("/")[2]
    repository, at, digest = name.partition("@")
    return f"{repository}@{digest.removeprefix('sha256:')[:12]}" if at else name


def duration(seconds: float) -> str:
    """Say how long: `2 h`, `90 min`, `45 s`."""
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"


def when(expression: str) -> str:
    """Say when a schedule fires: `daily at 03:00`. What is beyond these words stays as it was written."""
    return _rate(expression) or _cron(expression) or expression


def when_cron(expression: str) -> str:
    """Say when a CronJob of Kubernetes fires, in the same words: its cron has no year, and counts days from Sunday."""
    fields = expression.split()
    if len(fields) != 5:
        return f"at {expression}"
    minute, hour, day, month, weekday = fields
    named = re.sub(r"\d", lambda match: _DAYS[int(match[0]) - 1] if int(match[0]) < 8 else match[0], weekday)
    named = named.replace("*", "?")
    return _cron(f"cron({minute} {hour} {day} {month} {named} *)") or f"at {expression}"


def _rate(expression: str) -> str:
    match = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", expression)
    if not match:
        return ""
    return f"every {match[2]}" if match[1] == "1" else f"every {match[1]} {match[2]}s"


def _cron(expression: str) -> str:
    match = re.fullmatch(r"cron\((\d+) (\d+|\*) (\S+) (\S+) (\S+) \*\)", expression.strip())
    if not match:
        return ""
    minute, hour, day, month, weekday = match.groups()
    if hour == "*":
        return "every hour" if f"{day} {month} {weekday}" in _EVERY_DAY else ""
    clock = f"{int(hour):02}:{int(minute):02}"
    if month != "*":
        return ""
    if f"{day} {month} {weekday}" in _EVERY_DAY:
        return f"daily at {clock}"
    if weekday == "?" and day.isdecimal():
        return f"day {day} monthly at {clock}"
    days = _weekdays(weekday) if day in ("?", "*") else ""
    return f"{days} at {clock}" if days else ""


def _weekdays(text: str) -> str:
    days = text.upper().replace("-", ",-,").split(",")
    if not set(days) <= {*_DAYS, "-"}:
        return ""
    places = [_DAYS.index(day) for day in days if day != "-"]
    named = [day.capitalize() for day in days if day != "-"]
    if days[1:2] == ["-"] and len(days) == 3:
        return f"{named[0]}\N{EN DASH}{named[1]}"
    if "-" in days:
        return ""
    if len(places) > 2 and places == list(range(places[0], places[0] + len(places))):
        return f"{named[0]}\N{EN DASH}{named[-1]}"
    return ", ".join(named)
