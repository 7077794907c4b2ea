"""Kubernetes: claims for volumes, and the StorageClass that says what they are given."""

from __future__ import annotations

from typing import Final

from mlstage.graph import Graph, Resource
from mlstage.rules.truth import Field, Truth, field
from mlstage.rules.views.once import once

CLAIM: Final = "kubernetes.core.v1.PersistentVolumeClaim"
CLASS: Final = "kubernetes.storage.v1.StorageClass"
# The driver of Auto Mode, that of the add-on, and the one that was part of Kubernetes.
_EBS: Final = ("ebs.csi.eks.amazonaws.com", "ebs.csi.aws.com", "kubernetes.io/aws-ebs")
_GP3: Final = "gp3"


class Volumes:
    """The kinds of volumes of a graph by their names, found in one pass."""

    def __init__(self, graph: Graph) -> None:
        self._classes: dict[str, Resource] = {}
        for one in sorted(graph.of(CLASS), key=lambda one: one.name):
            if name := field(one, "metadata")["name"].text:
                self._classes.setdefault(name, one)

    def class_of(self, claim: Resource) -> Resource | None:
        """Find the class that a claim names; None where it names none, or one that is not in this stack."""
        name = class_of_claim(claim).text
        return self._classes.get(name) if name else None

    def kind_of(self, claim: Resource) -> str | None:
        """Say which type of EBS volume a claim is given, such as `gp3`; None where that is not known."""
        found = self.class_of(claim)
        if found is None or not is_ebs(found).value:
            return None
        return field(found, "parameters")["type"].text or _GP3


volumes_of: Final = once(Volumes)


def class_of_claim(claim: Resource) -> Field:
    """Give the field in which a claim names its class."""
    return field(claim, "spec")["storage_class_name"]


def is_ebs(storage_class: Resource) -> Truth:
    """Say whether volumes of a class are EBS's."""
    return field(storage_class, "provisioner").is_one_of(*_EBS)
