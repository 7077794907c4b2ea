"""What only training has: several machines that work on one model, and the search for hyper-parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field

from mlstage.spec.base import Many, Node, Problem
from mlstage.spec.per_stage import Staged, known
from mlstage.spec.says import Says


class Mpi(Node):
    """The training script under MPI, with so many processes on each machine."""

    processes_per_host: Staged[Annotated[int, Field(ge=1), Says("a whole number from 1", "8")]]
    options: Staged[str] = ""


class Torchrun(Node):
    """The training script under `torchrun`, one process for each GPU of each machine."""


class ParameterServer(Node):
    """TensorFlow's parameter servers, one on each machine."""


Distribution = Mpi | Torchrun | ParameterServer

Scale = Literal["Auto", "Linear", "Logarithmic", "ReverseLogarithmic"]
Number = Annotated[float, Field(allow_inf_nan=False), Says("a number", "0.1")]


class Continuous(Node):
    """A hyper-parameter between two numbers."""

    min: Number
    max: Number
    scale: Scale = "Auto"


class Whole(Node):
    """A hyper-parameter between two whole numbers."""

    min: int
    max: int
    scale: Scale = "Auto"


class Choice(Node):
    """A hyper-parameter out of a list of texts."""

    of: Many[str]


Range = Continuous | Whole | Choice
Jobs = Annotated[int, Field(ge=1), Says("a whole number from 1", "20")]


class Tuning(Node):
    """A search for the hyper-parameters that give the best `objective`, one of the job's `metrics`.

    `ranges` are what may vary; the job's own `hyperparameters` stay as they are. At most `jobs` training jobs run, at
    most `parallel` of them at once: a Bayesian search learns from those that have ended.
    """

    objective: Staged[str]
    goal: Staged[Literal["Maximize", "Minimize"]]
    ranges: Mapping[str, Range]
    jobs: Staged[Jobs] = 20
    parallel: Staged[Jobs] = 2
    strategy: Staged[Literal["Bayesian", "Random", "Grid", "Hyperband"]] = "Bayesian"
    early_stopping: Staged[bool] = True

    def problems(self) -> Iterator[Problem]:
        if not self.ranges:
            yield Problem("SPEC104", "ranges", "nothing may vary: `ranges` is empty", 'ranges={"eta": Continuous(…)}')
        for name, values in self.ranges.items():
            yield from _range_problems(name, values)
        jobs, parallel = known(self.jobs), known(self.parallel)
        if parallel > jobs:
            what = f"{parallel} jobs at once, but only {jobs} altogether"
            yield Problem("SPEC104", "parallel", what, f"parallel={jobs} or less", others=("jobs",))


def _range_problems(name: str, values: Range) -> Iterator[Problem]:
    match values:
        case Choice(of=texts):
            if not texts:
                yield Problem("SPEC104", "ranges", f"{name!r} has nothing to choose from", 'Choice(of=["a", "b"])')
        case Continuous() | Whole():
            if values.min >= values.max:
                what = f"{name!r} goes from {values.min:g} to {values.max:g}: there is nothing between"
                yield Problem("SPEC104", "ranges", what, "a max above min; what does not vary is a hyper-parameter")
            if values.min <= 0 and values.scale == "Logarithmic":
                what = f"{name!r} has a logarithmic scale and begins at {values.min:g}"
                yield Problem("SPEC104", "ranges", what, "a min above 0, or another scale")
