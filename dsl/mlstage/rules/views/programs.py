"""What a container's program does, as far as its resource tells: whether it trains, and from what it could go on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from mlstage.graph import Graph, Join, Ref, Resource
from mlstage.rules.truth import NO, YES, Field, Truth, any_of, field, truth
from mlstage.rules.views.containers import BATCH_JOB, TASK, Container, containers
from mlstage.rules.views.documents import document
from mlstage.rules.views.links import leaves
from mlstage.rules.views.models import names
from mlstage.rules.views.pods import pod

# Words of images and commands. `train-data` and `training_set` are what others than trainers read and write too, and a
# path in S3 (`s3://acme/train/`) is a place.
_TRAINS: Final = re.compile(
    r"(?<![a-z0-9])(?:(?:pre|re)?-?train(?:er|ing)?(?![a-z])(?![-_. ]*(?:data|features|input|set|split|job-inputs))"
    r"|fine[-_ ]?tun(?:e|er|ing)(?![a-z])|torchrun(?![a-z])|deepspeed(?![a-z]))",
    re.IGNORECASE,
)
_DOES_OTHER: Final = re.compile(
    r"(?<![a-z0-9])(?:infer(?:ence)?|predict(?:ions?|or)?|scor(?:e|er|ing)|serv(?:e|er|ing)|transform|embed(?:dings?)?"
    r"|evaluat(?:e|ion)|export|ingest|prepare|preprocess(?:ing)?|etl)(?![a-z])",
    re.IGNORECASE,
)
_RESUMES: Final = re.compile(r"check-?_?point|ckpt|resum(?:e|ing)(?![a-z])|snapshot", re.IGNORECASE)
# What mlstage tells every container that trains where SageMaker does not: with it comes MLSTAGE_CHECKPOINT, or nothing.
_TOLD: Final = "MLSTAGE_OUTPUT"
_LASTING_IN_TASKS: Final = ("efs_volume_configuration", "fsx_windows_file_server_volume_configuration")
_LASTING_IN_PODS: Final = ("persistent_volume_claim", "nfs", "csi", "flex_volume", "cephfs", "glusterfs", "iscsi")


def trains(graph: Graph, resource: Resource) -> Truth:
    """Say whether a task or job trains a model.

    mlstage's own groups know it. Elsewhere the image, the command and the resource's name tell, and what they do not
    tell is taken for a batch job that may begin again: no harm is done.
    """
    group = graph.group_by_name.get(resource.workload)
    if group is not None:
        return truth(group.kind == "Training")
    found = tuple(containers(resource))
    if _DOES_OTHER.search(_name(resource)) or any(_says(one, _DOES_OTHER).value for one in found):
        return NO
    return truth(bool(_TRAINS.search(_name(resource)))) | any_of(_says(one, _TRAINS) for one in found)


def resumes(resource: Resource, told: Iterable[Field] = ()) -> Truth:
    """Say whether a task or job is told of a place to go on from, or keeps files on a volume that outlives it.

    `told` is what it is told by what starts it.
    """
    own = any_of((*_volumes(resource), *(_is_told(one) for one in containers(resource))))
    return own | any_of(_speaks(Field(at.resource, at.path, leaf)) for at in told for leaf in leaves(at.value))


def is_told_by_mlstage(resource: Resource) -> bool:
    """Say whether mlstage tells the containers where to write: then what it does not tell is not there."""
    return any(variable.name == _TOLD for one in containers(resource) for variable in one.variables)


def _says(container: Container, pattern: re.Pattern[str]) -> Truth:
    image = NO if container.image is None else names(container.image.at, pattern)
    return image | any_of(word.satisfies(lambda text: _found(pattern, text)) for word in container.command)


def _found(pattern: re.Pattern[str], word: str) -> bool:
    """Look into a word of a command, places left out; what a shell is given is one word, too."""
    return any(pattern.search(part) for part in word.split() if "://" not in part)


def _is_told(container: Container) -> Truth:
    named = any_of(
        YES if _RESUMES.search(one.name) else _speaks(one.value) if one.name else one.value.gap()
        for one in container.variables
    )
    return named | any_of(_speaks(word) for word in container.command)


def _speaks(at: Field) -> Truth:
    """Say whether a text speaks of checkpoints; of one made from other resources, their names may."""
    value = at.value
    parts = value.parts if isinstance(value, Join) else (value,)
    known = [part.resource if isinstance(part, Ref) else part for part in parts]
    if any(isinstance(part, str) and _RESUMES.search(part) for part in known):
        return YES
    return at.satisfies(lambda _: False)


def _volumes(resource: Resource) -> Iterator[Truth]:
    match resource.type:
        case "aws.ecs.TaskDefinition":
            for volume in field(resource, "volumes").items():
                yield any_of(volume[key].is_given() for key in _LASTING_IN_TASKS)
                yield volume["configure_at_launch"].is_true()
        case "aws.batch.JobDefinition":
            yield from _volumes_of_batch(resource)
        case _:
            yield from _volumes_of_pod(pod(resource))


def _volumes_of_batch(resource: Resource) -> Iterator[Truth]:
    places = [document(field(resource, "container_properties"))]
    places += [one["container"] for one in document(field(resource, "node_properties"))["nodeRangeProperties"].items()]
    places += list(document(field(resource, "ecs_properties"))["taskProperties"].items())
    for place in places:
        for volume in place["volumes"].items():
            yield volume["efsVolumeConfiguration"].is_given()
    yield from _volumes_of_pod(field(resource, "eks_properties")["pod_properties"])


def _volumes_of_pod(spec: Field) -> Iterator[Truth]:
    for volume in spec["volumes"].items():
        yield any_of(volume[key].is_given() for key in _LASTING_IN_PODS)


def _name(resource: Resource) -> str:
    if resource.type in (BATCH_JOB, TASK):
        return field(resource, "name" if resource.type == BATCH_JOB else "family").text or resource.name
    return field(resource, "metadata")["name"].text or resource.name
