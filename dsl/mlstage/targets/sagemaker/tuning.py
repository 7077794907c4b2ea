"""The search for hyper-parameters, as the one step of a training pipeline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from mlstage.diagnostics import Diagnostic
from mlstage.graph import Value
from mlstage.spec.per_stage import known
from mlstage.spec.training import Choice, Continuous, Range, Tuning, Whole
from mlstage.spec.workloads import Training
from mlstage.targets import iam
from mlstage.targets.base import Blame
from mlstage.targets.place import Place
from mlstage.targets.sagemaker.pipelines import pass_role

_KINDS: Final = {Continuous: "Continuous", Whole: "Integer", Choice: "Categorical"}
# Of CreateTrainingJob's arguments, those that a tuning job gives once for all of its training jobs.
_NOT_SHARED: Final = ("HyperParameters", "Tags")


def check(blame: Blame, spec: Training, tuning: Tuning) -> Iterator[Diagnostic]:
    """Yield what SageMaker refuses of a search."""
    metrics, objective = known(spec.metrics), known(tuning.objective)
    if isinstance(known(spec.image), str) and objective not in metrics:
        what = f"the search wants the best {objective!r}, which no regular expression reads from the job's log"
        yield blame("AWS150", "tune.objective", what, f'metrics={{"{objective}": "{objective}=([0-9.]+)"}}')
    if known(tuning.strategy) == "Grid" and not all(isinstance(one, Choice) for one in tuning.ranges.values()):
        what = "a grid search goes through lists of values, and some of `ranges` are none"
        yield blame("AWS150", "tune.ranges", what, 'Choice(of=["0.1", "0.2"]), or strategy="Bayesian"')
    parameters = known(spec.hyperparameters)
    if twice := sorted(set(parameters) & set(tuning.ranges)):
        what = f"{', '.join(twice)} both varies and has a value"
        yield blame("AWS150", "tune.ranges", what, "each hyper-parameter in one of `hyperparameters` and `ranges`")
    if known(spec.keep_warm) is not None:
        what = "the jobs of a search share no warm pool"
        yield blame("AWS144", "keep_warm", what, "leave `keep_warm` out")


def arguments(tuning: Tuning, job: Mapping[str, Value]) -> dict[str, Value]:
    """Write the search as CreateHyperParameterTuningJob takes it, around the job that it varies."""
    strategy = known(tuning.strategy)
    stops = known(tuning.early_stopping) and strategy != "Hyperband"  # which stops jobs by itself
    config: dict[str, Value] = {
        "Strategy": strategy,
        "HyperParameterTuningJobObjective": {"Type": known(tuning.goal), "MetricName": known(tuning.objective)},
        "ResourceLimits": {
            "MaxNumberOfTrainingJobs": known(tuning.jobs),
            "MaxParallelTrainingJobs": known(tuning.parallel),
        },
        "ParameterRanges": _ranges(tuning.ranges),
        "TrainingJobEarlyStoppingType": "Auto" if stops else "Off",
    }
    definition = {name: value for name, value in job.items() if name not in _NOT_SHARED}
    if fixed := job.get("HyperParameters"):
        definition["StaticHyperParameters"] = fixed
    found: dict[str, Value] = {"HyperParameterTuningJobConfig": config, "TrainingJobDefinition": definition}
    return {**found, "Tags": job["Tags"]} if "Tags" in job else found


def _ranges(ranges: Mapping[str, Range]) -> dict[str, Value]:
    sorted_out: dict[str, list[Value]] = {}
    for name, values in sorted(ranges.items()):
        sorted_out.setdefault(f"{_KINDS[type(values)]}ParameterRanges", []).append(_range(name, values))
    return {kind: tuple(found) for kind, found in sorted(sorted_out.items())}


def _range(name: str, values: Range) -> dict[str, Value]:
    if isinstance(values, Choice):
        return {"Name": name, "Values": tuple(values.of)}
    low, high = (f"{values.min:g}", f"{values.max:g}")
    if isinstance(values, Whole):
        low, high = str(values.min), str(values.max)
    return {"Name": name, "MinValue": low, "MaxValue": high, "ScalingType": values.scale}


def run_search(place: Place, job_role: iam.Role) -> Iterator[iam.Statement]:
    """Allow a pipeline to start, watch and stop searches, and to look at the jobs that they start.

    Pipelines shortens the names of tuning jobs to 32 characters, so that no pattern of ours would hold.
    """
    actions = [f"sagemaker:{verb}HyperParameterTuningJob" for verb in ("Create", "Describe", "Stop")]
    searches = place.arn("sagemaker", "hyper-parameter-tuning-job/*")
    yield iam.allow("RunSearch", [*actions, "sagemaker:AddTags"], [searches])
    looking = ["sagemaker:DescribeTrainingJob", "sagemaker:ListTrainingJobsForHyperParameterTuningJob"]
    yield iam.allow("LookAtJobs", looking, [place.arn("sagemaker", "training-job/*"), searches])
    yield pass_role(job_role)
