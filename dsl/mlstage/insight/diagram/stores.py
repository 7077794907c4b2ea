"""S3 buckets: one node each, whoever made them, and edges for what is read from and written to them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from mlstage.graph import Join, JsonDocument, Ref, Resource, Value
from mlstage.insight.diagram.model import Edge, Node
from mlstage.insight.diagram.paint import Context, Painters, Piece
from mlstage.insight.diagram.words import short_name
from mlstage.rules.truth import Field, field
from mlstage.rules.views.policies import statements

# What a bucket is called by those who make one; the vocabulary has no buckets, so readers leave these names alone.
_TYPES: Final = ("aws_s3_bucket", "aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
_BUCKET: Final = re.compile(r"(?:s3://|arn:aws[a-z-]*:s3:::)([^/*]+)")
_NAMES: Final = ("ChannelName", "InputName", "OutputName")
_READS: Final = ("s3:getobject", "s3:*", "*")
_WRITES: Final = ("s3:putobject", "s3:*", "*")


@dataclass(frozen=True, slots=True)
class Place:
    """A place in S3: `id` is the bucket's node, `path` the whole address as far as it is known."""

    id: str
    bucket: str
    path: str


def place(value: Value) -> Place | None:
    """Read an address or an ARN in S3; a bucket of the same stack is known by a reference."""
    if isinstance(value, Join):
        bucket = next((part for part in value.parts if isinstance(part, Ref)), None)
        starts = value.parts[0] if isinstance(value.parts[0], str) else ""
        if bucket is not None and re.fullmatch(r"(s3://|arn:aws[a-z-]*:s3:::)?", starts):
            rest = "".join(part for part in value.parts[1:] if isinstance(part, str))
            return Place(bucket.resource, "", f"s3://{bucket.resource}{rest}")
    text = value.parts[0] if isinstance(value, Join) else value
    found = _BUCKET.match(text) if isinstance(text, str) else None
    if found is None:
        return None
    address = text if isinstance(text, str) else ""
    return Place(f"s3://{found[1]}", found[1], re.sub(r"^arn:aws[a-z-]*:s3:::", "s3://", address))


def reads(who: str, value: Value, label: str) -> Iterator[Piece]:
    """Show that something is read from S3."""
    if found := place(value):
        yield from _bucket(found)
        yield Edge(found.id, who, "data", label, found.path)


def writes(who: str, value: Value, label: str) -> Iterator[Piece]:
    """Show that something is written to S3."""
    if found := place(value):
        yield from _bucket(found)
        yield Edge(who, found.id, "data", label, found.path)


def _bucket(found: Place) -> Iterator[Node]:
    if found.bucket:
        yield Node(found.id, "store", "S3 bucket", found.bucket)


def in_document(who: str, value: Value, label: str = "", writing: bool = False) -> Iterator[Piece]:
    """Show every address in the arguments of a job, by the names that SageMaker gives to inputs and outputs."""
    if isinstance(value, JsonDocument):
        value = value.value
    if isinstance(value, Mapping):
        named = next((text for key in _NAMES if isinstance(text := value.get(key), str)), label)
        for key, inner in value.items():
            out = writing or "Output" in key or "Checkpoint" in key
            said = "checkpoints" if "Checkpoint" in key else named or ("output" if out else "input")
            if isinstance(inner, (str, Join)):
                yield from (writes if out else reads)(who, inner, said)
            else:
                yield from in_document(who, inner, "checkpoints" if "Checkpoint" in key else named, out)
    elif isinstance(value, tuple):
        for inner in value:
            yield from in_document(who, inner, label, writing)


def by_policies(who: str, role: Field, context: Context) -> Iterator[Piece]:
    """Show what a role may read and write: of containers and functions, nothing else tells."""
    holder = context.first(role, "aws.iam.Role")
    if holder is None:
        return
    for policy in (holder, *context.policies.to(holder)):
        for statement in statements(policy):
            if statement.allows.value is not True:
                continue
            actions = tuple(one.text.lower() for one in statement.actions if one.text)
            for resource in statement.resources:
                if any(action.startswith(_READS) for action in actions):
                    yield from reads(who, resource.value, "reads")
                if any(action.startswith(_WRITES) for action in actions):
                    yield from writes(who, resource.value, "writes")


def bucket(resource: Resource, context: Context) -> Iterator[Piece]:
    """Show a bucket of the stack itself. Others may name it by its literal name, and mean the same node."""
    name = field(resource, "bucket").text
    stands_for = (f"s3://{name}",) if name else ()
    title = name or short_name(resource, context.graph)
    yield Node(resource.name, "store", "S3 bucket", title, workload=resource.workload, stands_for=stands_for)


PAINTERS: Painters = dict.fromkeys(_TYPES, bucket)
