"""Texts with a form of their own: names, durations, sizes, S3 and image addresses, schedules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from mlstage.spec.says import Says


def wrong(code: str, what: str, instead: str, why: str = "") -> PydanticCustomError:
    """Make the error that a validator raises; `explain` turns it into a diagnostic."""
    context = {"code": code, "what": what, "instead": instead, "why": why}
    return PydanticCustomError("mlstage", "{what}", context)


_NAME: Final = re.compile(r"[a-z]([a-z0-9]|-(?!-))*(?<!-)")
_NAME_LIMIT: Final = 63


def _name(text: str) -> str:
    if not text:
        raise wrong("SPEC104", "a name is empty", 'name="fraud-scorer", for example')
    if len(text) > _NAME_LIMIT:
        what = f"name {text!r} has {len(text)} characters; AWS takes at most {_NAME_LIMIT}"
        raise wrong("AWS105", what, f'a shorter name, such as "{text[:24].rstrip("-")}"')
    if not _NAME.fullmatch(text):
        cleaned = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-").lstrip("0123456789-") or "scorer"
        raise wrong(
            "AWS105",
            f"name {text!r} is not lower-case letters, digits and single hyphens",
            f'name="{cleaned}"',
            "SageMaker, ECS and Kubernetes all take this form, so the workload can move between them.",
        )
    return text


_DURATION: Final = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")


def seconds(duration: str) -> int:
    """Read a duration such as `2h`, `1h30m` or `90s` as seconds."""
    match = _DURATION.fullmatch(duration)
    if match is None:
        raise ValueError(f"{duration!r} is no duration")
    days, hours, minutes, rest = (int(part or 0) for part in match.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + rest


def _duration(text: str) -> str:
    if not text or not _DURATION.fullmatch(text) or not seconds(text):
        raise wrong("SPEC104", f"{text!r} is no duration", 'a number with d, h, m or s, such as "2h" or "1h30m"')
    return text


_LATENCY: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s)")


def milliseconds(latency: str) -> float:
    """Read a latency such as `100ms` or `1.5s` as milliseconds."""
    match = _LATENCY.fullmatch(latency)
    if match is None:
        raise ValueError(f"{latency!r} is no latency")
    return float(match[1]) * (1000 if match[2] == "s" else 1)


def _latency(text: str) -> str:
    if not _LATENCY.fullmatch(text) or not milliseconds(text):
        raise wrong("SPEC104", f"{text!r} is no latency", '"100ms" or "1.5s", for example')
    return text


_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?) ?(MB|GB|TB)")
_MEGABYTES: Final = {"MB": 1, "GB": 1024, "TB": 1024 * 1024}


def megabytes(size: str) -> float:
    """Read a size such as `512MB` or `11.2GB` as MB (1 GB = 1,024 MB, as SageMaker and Lambda count)."""
    match = _SIZE.fullmatch(size)
    if match is None:
        raise ValueError(f"{size!r} is no size")
    return float(match[1]) * _MEGABYTES[match[2]]


def gigabytes_up(size: str) -> int:
    """Read a size as whole GB, rounded up: the unit in which AWS sells volumes."""
    return -int(-megabytes(size) // 1024)


def _size(text: str) -> str:
    if not _SIZE.fullmatch(text) or not megabytes(text):
        raise wrong("SPEC104", f"{text!r} is no size", '"512MB" or "30GB", for example')
    return text


_EMAIL: Final = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_TOPIC: Final = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}")


def _contact(text: str) -> str:
    if not _EMAIL.fullmatch(text) and not _TOPIC.fullmatch(text):
        example = '"payments-ml@acme.example", or "arn:aws:sns:us-east-1:123456789012:payments-ml"'
        raise wrong("SPEC104", f"{text!r} is no e-mail address and no ARN of an SNS topic", example)
    return text


_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_S3_WILD: Final = re.compile(r"[*?\x00-\x1f]|\$\{")


@dataclass(frozen=True, slots=True)
class S3Location:
    """An S3 address in its two parts; `prefix` has no leading slash and may be empty."""

    bucket: str
    prefix: str


def s3_location(address: str) -> S3Location:
    """Split `s3://bucket/prefix`."""
    bucket, _, prefix = address.removeprefix("s3://").partition("/")
    return S3Location(bucket, prefix)


def _s3(text: str) -> str:
    place = s3_location(text)
    if not text.startswith("s3://") or not place.bucket:
        raise wrong("SPEC104", f"{text!r} is no S3 address", '"s3://bucket/prefix/", for example')
    if not _BUCKET.fullmatch(place.bucket):
        what = f"{text!r} is no S3 address: {place.bucket!r} is no name of a bucket"
        raise wrong(
            "SPEC104", what, "3 to 63 small letters, digits, periods and hyphens, a letter or digit at both ends"
        )
    if _S3_WILD.search(place.prefix):
        what = f"S3 address {text!r} has a character that IAM reads as a pattern"
        raise wrong("SPEC104", what, "a key without *, ?, ${ or control characters")
    return text


_IMAGE: Final = re.compile(
    r"(?P<registry>[a-zA-Z0-9.-]+(?::\d+)?)/(?P<repository>[a-z0-9][a-z0-9._/-]*)"
    r"(?::(?P<tag>[\w][\w.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
_ECR: Final = re.compile(r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?")


@dataclass(frozen=True, slots=True)
class ImageAddress:
    """A container image's parts; account and region are empty unless it lies in Amazon ECR."""

    registry: str
    repository: str
    tag: str
    digest: str
    account: str
    region: str


def image_address(image: str) -> ImageAddress:
    """Split an image address into registry, repository, tag and digest."""
    match = _IMAGE.fullmatch(image)
    if match is None:
        raise ValueError(f"{image!r} is no image address")
    ecr = _ECR.fullmatch(match["registry"])
    account, region = (ecr["account"], ecr["region"]) if ecr else ("", "")
    return ImageAddress(
        match["registry"], match["repository"], match["tag"] or "", match["digest"] or "", account, region
    )


_IMAGE_EXAMPLE: Final = "123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud:1.7"


def _image(text: str) -> str:
    if not _IMAGE.fullmatch(text):
        raise wrong("SPEC104", f"{text!r} is no container image address", f'"{_IMAGE_EXAMPLE}", for example')
    return text


_RATE: Final = re.compile(r"rate\((\d+) (minute|minutes|hour|hours|day|days)\)")
_CRON: Final = re.compile(r"cron\(([^()]+)\)")
_CRON_FIELD: Final = re.compile(r"[0-9A-Za-z,*/?#-]+")


def _schedule(text: str) -> str:
    if match := _RATE.fullmatch(text):
        count, unit = int(match[1]), match[2]
        if count < 1 or (count == 1) == unit.endswith("s"):
            right = f"rate({max(count, 1)} {unit.rstrip('s')}{'' if count <= 1 else 's'})"
            raise wrong("SPEC104", f"{text!r} is no rate that EventBridge takes", f'"{right}"')
        return text
    match = _CRON.fullmatch(text)
    fields = match[1].split() if match else []
    if len(fields) != 6 or not all(_CRON_FIELD.fullmatch(field) for field in fields):
        what = f"{text!r} is no EventBridge schedule"
        instead = '"cron(0 3 * * ? *)" (minute hour day-of-month month day-of-week year) or "rate(1 day)"'
        raise wrong("SPEC104", what, instead)
    if (fields[2] == "?") == (fields[4] == "?"):
        what = f"{text!r}: exactly one of day-of-month and day-of-week must be `?`"
        raise wrong("SPEC104", what, '"cron(0 3 * * ? *)" for every day, "cron(0 3 ? * MON *)" for Mondays')
    return text


Name = Annotated[str, AfterValidator(_name), Says("a name", '"fraud-scorer"')]
Duration = Annotated[str, AfterValidator(_duration), Says("a duration", '"2h"')]
Latency = Annotated[str, AfterValidator(_latency), Says("a latency", '"100ms"')]
Size = Annotated[str, AfterValidator(_size), Says("a size", '"30GB"')]
Contact = Annotated[
    str, AfterValidator(_contact), Says("an e-mail address or the ARN of an SNS topic", '"payments-ml@acme.example"')
]
S3 = Annotated[str, AfterValidator(_s3), Says("an S3 address", '"s3://bucket/prefix/"')]
Image = Annotated[str, AfterValidator(_image), Says("the address of a container image", f'"{_IMAGE_EXAMPLE}"')]
ScheduleExpression = Annotated[str, AfterValidator(_schedule), Says("an EventBridge schedule", '"rate(1 day)"')]
