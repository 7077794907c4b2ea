"""mlstage: a typed language for machine-learning environments on AWS.

Names are imported when they are first used: `mlstage --help` needs none of them.
"""

from typing import TYPE_CHECKING, Final

from mlstage._version import __version__

if TYPE_CHECKING:
    from mlstage.spec.capture import DataCapture, DataQuality
    from mlstage.spec.endpoints import AsyncEndpoint, RealtimeEndpoint, Shadow, Variant
    from mlstage.spec.environment import Environment
    from mlstage.spec.expectations import Needs, Runs, Traffic
    from mlstage.spec.images import HuggingFace, HuggingFaceLLM, PyTorch, SKLearn, TensorFlow, Triton, XGBoost
    from mlstage.spec.jobs import BatchInference, Processing, Training
    from mlstage.spec.model import Model
    from mlstage.spec.notebooks import Notebook
    from mlstage.spec.parity import MayDiffer
    from mlstage.spec.per_stage import PerStage, per_stage
    from mlstage.spec.purchase import OnDemand, SavingsPlan, Spot, Volume
    from mlstage.spec.scaling import (
        Autoscale,
        BacklogPerInstance,
        ConcurrentRequests,
        CpuUtilization,
        GpuUtilization,
        InvocationsPerInstance,
        MemoryUtilization,
        PodMetric,
        ProvisionedConcurrencyUtilization,
        ScheduledAction,
        Step,
        Steps,
    )
    from mlstage.spec.stages import Network, OwnNetwork, Stage
    from mlstage.spec.targets import Batch, Ecs, Eks, Lambda, SageMaker, SageMakerServerless
    from mlstage.spec.training import Choice, Continuous, Mpi, ParameterServer, Torchrun, Tuning, Whole
    from mlstage.spec.updates import AllAtOnce, Canary, Linear, Rolling
    from mlstage.spec.waivers import Waiver, waive
    from mlstage.spec.watching import Watch
    from mlstage.spec.working_hours import WorkingHours

# Which module below `mlstage.spec` a name comes from: the imports above, once more, for when the program runs.
_HOMES: Final = {
    "AllAtOnce": "updates",
    "AsyncEndpoint": "endpoints",
    "Autoscale": "scaling",
    "BacklogPerInstance": "scaling",
    "Batch": "targets",
    "BatchInference": "jobs",
    "Canary": "updates",
    "Choice": "training",
    "ConcurrentRequests": "scaling",
    "Continuous": "training",
    "CpuUtilization": "scaling",
    "DataCapture": "capture",
    "DataQuality": "capture",
    "Ecs": "targets",
    "Eks": "targets",
    "Environment": "environment",
    "GpuUtilization": "scaling",
    "HuggingFace": "images",
    "HuggingFaceLLM": "images",
    "InvocationsPerInstance": "scaling",
    "Lambda": "targets",
    "Linear": "updates",
    "MayDiffer": "parity",
    "MemoryUtilization": "scaling",
    "Model": "model",
    "Mpi": "training",
    "Needs": "expectations",
    "Network": "stages",
    "Notebook": "notebooks",
    "OnDemand": "purchase",
    "OwnNetwork": "stages",
    "ParameterServer": "training",
    "PerStage": "per_stage",
    "Processing": "jobs",
    "PodMetric": "scaling",
    "ProvisionedConcurrencyUtilization": "scaling",
    "PyTorch": "images",
    "RealtimeEndpoint": "endpoints",
    "Rolling": "updates",
    "Runs": "expectations",
    "SKLearn": "images",
    "SageMaker": "targets",
    "SageMakerServerless": "targets",
    "SavingsPlan": "purchase",
    "ScheduledAction": "scaling",
    "Shadow": "endpoints",
    "Spot": "purchase",
    "Stage": "stages",
    "Step": "scaling",
    "Steps": "scaling",
    "TensorFlow": "images",
    "Torchrun": "training",
    "Traffic": "expectations",
    "Training": "jobs",
    "Triton": "images",
    "Tuning": "training",
    "Variant": "endpoints",
    "Volume": "purchase",
    "Waiver": "waivers",
    "Watch": "watching",
    "Whole": "training",
    "WorkingHours": "working_hours",
    "XGBoost": "images",
    "per_stage": "per_stage",
    "waive": "waivers",
}

__all__ = [
    "AllAtOnce",
    "AsyncEndpoint",
    "Autoscale",
    "BacklogPerInstance",
    "Batch",
    "BatchInference",
    "Canary",
    "Choice",
    "ConcurrentRequests",
    "Continuous",
    "CpuUtilization",
    "DataCapture",
    "DataQuality",
    "Ecs",
    "Eks",
    "Environment",
    "GpuUtilization",
    "HuggingFace",
    "HuggingFaceLLM",
    "InvocationsPerInstance",
    "Lambda",
    "Linear",
    "MayDiffer",
    "MemoryUtilization",
    "Model",
    "Mpi",
    "Needs",
    "Network",
    "Notebook",
    "OnDemand",
    "OwnNetwork",
    "ParameterServer",
    "PerStage",
    "PodMetric",
    "Processing",
    "ProvisionedConcurrencyUtilization",
    "PyTorch",
    "RealtimeEndpoint",
    "Rolling",
    "Runs",
    "SKLearn",
    "SageMaker",
    "SageMakerServerless",
    "SavingsPlan",
    "ScheduledAction",
    "Shadow",
    "Spot",
    "Stage",
    "Step",
    "Steps",
    "TensorFlow",
    "Torchrun",
    "Traffic",
    "Training",
    "Triton",
    "Tuning",
    "Variant",
    "Volume",
    "Waiver",
    "Watch",
    "Whole",
    "WorkingHours",
    "XGBoost",
    "__version__",
    "per_stage",
    "waive",
]

if not TYPE_CHECKING:  # type checkers must not see it: to them it would make every misspelt name a good one

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(f"{__name__}.spec.{_HOMES[name]}"), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
