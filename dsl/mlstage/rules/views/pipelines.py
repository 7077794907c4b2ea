"""SageMaker's jobs as requests for them say it, and those that a pipeline starts, found in its definition."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as fact
from typing import Final

from mlstage.graph import UNKNOWN, Resource
from mlstage.rules.truth import Field, field
from mlstage.rules.views.documents import document

PIPELINE = "aws.sagemaker.Pipeline"

# Where each kind of step names its image; a transform runs the image of its model.
_IMAGES: Final[Mapping[str, tuple[str, ...]]] = {
    "Training": ("AlgorithmSpecification", "TrainingImage"),
    "Processing": ("AppSpecification", "ImageUri"),
    "Tuning": ("TrainingJobDefinition", "AlgorithmSpecification", "TrainingImage"),
}
# Where each kind of step keeps what its program is told.
_VARIABLES: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "Training": (("Environment",), ("HyperParameters",)),
    "Processing": (("Environment",),),
    "Transform": (("Environment",),),
    "Tuning": (("TrainingJobDefinition", "Environment"), ("TrainingJobDefinition", "StaticHyperParameters")),
}
# Where each kind of step is cut off from the network.
_ISOLATION: Final[Mapping[str, tuple[str, ...]]] = {
    "Training": ("EnableNetworkIsolation",),
    "Processing": ("NetworkConfig", "EnableNetworkIsolation"),
    "Tuning": ("TrainingJobDefinition", "EnableNetworkIsolation"),
}
# Where each kind of step keeps its machines.
_MACHINES: Final[Mapping[str, tuple[str, ...]]] = {
    "Training": ("ResourceConfig",),
    "Processing": ("ProcessingResources", "ClusterConfig"),
    "Transform": ("TransformResources",),
    "Tuning": ("TrainingJobDefinition", "ResourceConfig"),
}


@dataclass(frozen=True, slots=True)
class Job:
    """A job of one kind, with the arguments that SageMaker is given for it.

    `name` is empty where nothing can be read of it. `words` are what people call it within what starts it, if they need
    to. `spelt` turns the API's name of an argument into that which the arguments have.
    """

    kind: str
    name: str
    arguments: Field
    parameters: Mapping[str, Field] = fact(default_factory=dict)
    words: str = ""
    spelt: Callable[[str], str] = str
    is_conditional: bool = False
    """Whether a condition decides in each run if it is started."""

    @property
    def resource(self) -> Resource:
        """What starts it."""
        return self.arguments.resource

    @property
    def is_training(self) -> bool:
        """Whether it trains, so that Spot and checkpoints concern it."""
        return self.kind in ("Training", "Tuning")

    @property
    def spot(self) -> Field:
        """Whether it asks for Spot capacity."""
        return self._training("EnableManagedSpotTraining")

    @property
    def checkpoint(self) -> Field:
        """The S3 prefix that it saves to and restarts from."""
        return self._training("CheckpointConfig", "S3Uri")

    @property
    def image(self) -> Field | None:
        """The container image it runs; None for a transform, which runs its model's."""
        return self.at(*_IMAGES[self.kind]) if self.kind in _IMAGES else None

    @property
    def isolation(self) -> Field | None:
        """Whether its containers are cut off from the network; None where the model says it."""
        return self.at(*_ISOLATION[self.kind]) if self.kind in _ISOLATION else None

    @property
    def variables(self) -> tuple[Field, ...]:
        """The maps of texts that its program is told: environment variables and hyperparameters."""
        return tuple(self.at(*path) for path in _VARIABLES[self.kind])

    @property
    def volume_key(self) -> Field:
        """The KMS key of its machines' volumes."""
        return self.at(*_MACHINES[self.kind], "VolumeKmsKeyId")

    @property
    def keep_alive(self) -> Field:
        """For how many seconds its machines wait for another job: the warm pool."""
        return self.at(*_MACHINES[self.kind], "KeepAlivePeriodInSeconds")

    @property
    def training_plan(self) -> Field:
        """The training plan whose reserved machines it runs on."""
        return self.at(*_MACHINES[self.kind], "TrainingPlanArn")

    @property
    def hyperparameters(self) -> Field:
        """What the program that trains is told."""
        return self._training("StaticHyperParameters" if self.kind == "Tuning" else "HyperParameters")

    @property
    def instance_types(self) -> Iterator[Field]:
        """The machines it runs on: one type, or one per group of a heterogeneous cluster."""
        place = self.at(*_MACHINES[self.kind])
        groups = place[self.spelt("InstanceGroups")]
        yield self._of(place, "InstanceType")
        if groups.value is not None and groups.value is not place.value:
            for group in groups.items():
                yield self._of(group, "InstanceType")

    @property
    def machines(self) -> tuple[tuple[str | None, float], ...]:
        """The types and counts of its machines, None for a type that is not known; a count is 1 where none is said."""
        place = self.at(*_MACHINES[self.kind])
        found = []
        for one in place[self.spelt("InstanceGroups")].items() or (place,):
            count = self._of(one, "InstanceCount").number
            found.append((self._of(one, "InstanceType").text, float(count or 1)))
        return tuple(found)

    @property
    def at_once(self) -> float:
        """How many jobs of its kind run at the same time: those of a search, else one."""
        limits = self.at("HyperParameterTuningJobConfig", "ResourceLimits") if self.kind == "Tuning" else None
        return float((self._of(limits, "MaxParallelTrainingJobs").number if limits else None) or 1)

    @property
    def kept_warm(self) -> Field:
        """For how many seconds its machines wait for the next job."""
        return self.at(*_MACHINES[self.kind], "KeepAlivePeriodInSeconds")

    def _training(self, *path: str) -> Field:
        return self.at(*(("TrainingJobDefinition", *path) if self.kind == "Tuning" else path))

    def at(self, *path: str) -> Field:
        """Give an argument by its path in the API, a parameter's default in the place of the parameter."""
        found = self.arguments
        for key in path:
            found = self._of(found, key)
        return found

    def _of(self, place: Field, key: str) -> Field:
        return self._resolved(place[self.spelt(key)])

    def _resolved(self, found: Field) -> Field:
        """Put a parameter's default in its place; what other steps produce is not known before they ran."""
        if isinstance(found.value, Mapping) and len(found.value) == 1:
            (key,) = found.value
            if key == "Get":
                name = str(found.value[key]).removeprefix("Parameters.")
                default = self.parameters[name].value if name in self.parameters else UNKNOWN
                return Field(found.resource, found.path, UNKNOWN if default is None else default)
            if key.startswith("Std:"):
                return Field(found.resource, found.path, UNKNOWN)
        return found


def jobs(pipeline: Resource) -> Iterator[Job]:
    """Yield the jobs of a pipeline. A definition that cannot be read yields one job of which nothing is known."""
    definition = document(field(pipeline, "pipeline_definition"))
    if definition.value is None:
        definition = Field(pipeline, "pipeline_definition_s3_location", UNKNOWN)
    parameters = {
        str(parameter["Name"].value): parameter["DefaultValue"] for parameter in definition["Parameters"].items()
    }
    yield from _jobs(definition["Steps"], parameters)


def _jobs(steps: Field, parameters: Mapping[str, Field], conditional: bool = False) -> Iterator[Job]:
    for step in steps.items():
        kind, arguments = step["Type"], step["Arguments"]
        if kind.text is not None and kind.text in _MACHINES:
            name = str(step["Name"].value)
            yield Job(kind.text, name, arguments, parameters, f"step {name!r}", is_conditional=conditional)
        elif kind.text == "Condition":
            yield from _jobs(arguments["IfSteps"], parameters, True)
            yield from _jobs(arguments["ElseSteps"], parameters, True)
        elif kind.text is None and kind.value is not None:
            yield Job("Training", "", arguments, parameters)
