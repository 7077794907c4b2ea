"""mlstage: a typed language for machine-learning environments on AWS.

Names are imported when they are first used: `mlstage --help` needs none of them.
"""

from typing import TYPE_CHECKING, Final

from mlstage._version import __version__

if TYPE_CHECKING:
    from mlstage.spec.environment import Environment
    from mlstage.spec.model import Model
    from mlstage.spec.per_stage import PerStage, per_stage
    from mlstage.spec.purchase import OnDemand, SavingsPlan, Spot
    from mlstage.spec.scaling import (
        Autoscale,
        BacklogPerInstance,
        ConcurrentRequests,
        CpuUtilization,
        GpuUtilization,
        InvocationsPerInstance,
        MemoryUtilization,
        ProvisionedConcurrencyUtilization,
    )
    from mlstage.spec.stages import Network, OwnNetwork, Stage
    from mlstage.spec.targets import SageMaker, SageMakerServerless
    from mlstage.spec.waivers import Waiver, waive
    from mlstage.spec.working_hours import WorkingHours
    from mlstage.spec.workloads import AsyncEndpoint, BatchInference, Notebook, Processing, RealtimeEndpoint, Training

# Which module below `mlstage.spec` a name comes from: the imports above, once more, for when the program runs.
_HOMES: Final = {
    "AsyncEndpoint": "workloads",
    "Autoscale": "scaling",
    "BacklogPerInstance": "scaling",
    "BatchInference": "workloads",
    "ConcurrentRequests": "scaling",
    "CpuUtilization": "scaling",
    "Environment": "environment",
    "GpuUtilization": "scaling",
    "InvocationsPerInstance": "scaling",
    "MemoryUtilization": "scaling",
    "Model": "model",
    "Network": "stages",
    "Notebook": "workloads",
    "OnDemand": "purchase",
    "OwnNetwork": "stages",
    "PerStage": "per_stage",
    "Processing": "workloads",
    "ProvisionedConcurrencyUtilization": "scaling",
    "RealtimeEndpoint": "workloads",
    "SageMaker": "targets",
    "SageMakerServerless": "targets",
    "SavingsPlan": "purchase",
    "Spot": "purchase",
    "Stage": "stages",
    "Training": "workloads",
    "Waiver": "waivers",
    "WorkingHours": "working_hours",
    "per_stage": "per_stage",
    "waive": "waivers",
}

__all__ = [
    "AsyncEndpoint",
    "Autoscale",
    "BacklogPerInstance",
    "BatchInference",
    "ConcurrentRequests",
    "CpuUtilization",
    "Environment",
    "GpuUtilization",
    "InvocationsPerInstance",
    "MemoryUtilization",
    "Model",
    "Network",
    "Notebook",
    "OnDemand",
    "OwnNetwork",
    "PerStage",
    "Processing",
    "ProvisionedConcurrencyUtilization",
    "RealtimeEndpoint",
    "SageMaker",
    "SageMakerServerless",
    "SavingsPlan",
    "Spot",
    "Stage",
    "Training",
    "Waiver",
    "WorkingHours",
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
