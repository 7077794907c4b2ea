"""The output formats: one file each beside this one, and one line here."""

from collections.abc import Mapping
from typing import Final

from mlstage.emit.formats.base import OutputFormat
from mlstage.emit.formats.kubernetes import KUBERNETES
from mlstage.emit.formats.pulumi import PULUMI
from mlstage.emit.formats.terraform import TERRAFORM

FORMATS: Final[Mapping[str, OutputFormat]] = {one.name: one for one in (PULUMI, TERRAFORM, KUBERNETES)}

__all__ = ["FORMATS", "OutputFormat"]
