"""AWS's own container images, by framework and version: the address follows from region, machine and purpose."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, ClassVar, Final

from pydantic import AfterValidator

from mlstage.spec.base import Node
from mlstage.spec.says import Says
from mlstage.spec.text import Image, wrong

_VERSION: Final = re.compile(r"\d+(\.\d+)*(-\d+)?")


def _version(text: str) -> str:
    if not _VERSION.fullmatch(text):
        raise wrong("SPEC104", f"{text!r} is no version", '"2.6", for example')
    return text


Version = Annotated[str, AfterValidator(_version), Says("a version", '"2.6"')]


class FrameworkImage(Node):
    """A framework's image of AWS's own. `version` may leave out its last parts: the newest known one is taken."""

    framework: ClassVar[str] = ""
    version: Version

    @classmethod
    def positional(cls) -> str:
        return "version"


class XGBoost(FrameworkImage):
    """AWS's XGBoost image, such as `XGBoost("1.7-1")`."""

    framework: ClassVar[str] = "xgboost"

    if TYPE_CHECKING:

        def __init__(self, version: str) -> None: ...


class SKLearn(FrameworkImage):
    """AWS's scikit-learn image, such as `SKLearn("1.2-1")`."""

    framework: ClassVar[str] = "sklearn"

    if TYPE_CHECKING:

        def __init__(self, version: str) -> None: ...


class PyTorch(FrameworkImage):
    """AWS's PyTorch image, such as `PyTorch("2.6")`."""

    framework: ClassVar[str] = "pytorch"

    if TYPE_CHECKING:

        def __init__(self, version: str) -> None: ...


class TensorFlow(FrameworkImage):
    """AWS's TensorFlow image, such as `TensorFlow("2.19")`."""

    framework: ClassVar[str] = "tensorflow"

    if TYPE_CHECKING:

        def __init__(self, version: str) -> None: ...


class HuggingFace(FrameworkImage):
    """AWS's Hugging Face image, by the version of transformers: `HuggingFace("4.51")`; on Neuron, its Neuron build."""

    framework: ClassVar[str] = "huggingface"

    if TYPE_CHECKING:

        def __init__(self, version: str) -> None: ...


class HuggingFaceLLM(FrameworkImage):
    """AWS's image for large language models, by the version of its server: `HuggingFaceLLM("3.3")`."""

    framework: ClassVar[str] = "huggingface-llm"

    if TYPE_CHECKING:

        def __init__(self, version: str) -> None: ...


class Triton(FrameworkImage):
    """AWS's Triton Inference Server image, such as `Triton("25.04")`: the one for many models on one GPU."""

    framework: ClassVar[str] = "triton"

    if TYPE_CHECKING:

        def __init__(self, version: str) -> None: ...


BuiltInImage = XGBoost | SKLearn | PyTorch | TensorFlow | HuggingFace | HuggingFaceLLM | Triton
AnyImage = Image | BuiltInImage
