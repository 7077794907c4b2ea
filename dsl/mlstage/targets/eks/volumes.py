"""Checkpoints on a disk: a volume of EBS that outlives the pods of a job, and what kind of volume it is.

A volume lies in one zone and hangs on one machine at a time. It is made only when the first pod has a machine, in that
machine's zone; from then on Auto Mode starts machines for the job in that zone only.
https://docs.aws.amazon.com/eks/latest/userguide/create-storage-class.html
"""

from __future__ import annotations

from typing import Final

from mlstage.graph import Resource, Value
from mlstage.spec.per_stage import known
from mlstage.spec.purchase import Volume
from mlstage.spec.text import gigabytes_up
from mlstage.targets.eks.naming import LOGS_ADD_ON, METRICS_ADD_ON, Cluster, object_name
from mlstage.targets.iam import Statement, allow
from mlstage.targets.place import Place

CLASS: Final = "checkpoint-volumes"
_CLASS_LIMIT: Final = 63
# Auto Mode's own driver; the add-on of the same purpose has another name, and cannot reach nodes of Auto Mode.
_DRIVER: Final = "ebs.csi.eks.amazonaws.com"
_AUTO_NODES: Final[Value] = {
    "match_label_expressions": ({"key": "eks.amazonaws.com/compute-type", "values": ("auto",)},),
}


def class_name(cluster: Cluster) -> str:
    """Name the kind of volume in its cluster, where other environments may have theirs."""
    return cluster.place.physical("checkpoints", limit=_CLASS_LIMIT)


def storage_class(cluster: Cluster) -> Resource:
    """Say what volumes for checkpoints are: encrypted, where the first pod is, and kept in production.

    The stage's own key is used where it has one, else the account's key for EBS.
    """
    place = cluster.place
    parameters: dict[str, Value] = {
        "type": "gp3",
        "encrypted": "true",
        # Without the lost+found that ext4 has, which scripts take for a checkpoint.
        "csi.storage.k8s.io/fstype": "xfs",
        **({"kmsKeyId": place.key} if place.key else {}),
    }
    kept = "In production, a volume whose claim is deleted stays, and is deleted in EC2 by who no longer wants it."
    return cluster.object(
        cluster.shared(CLASS),
        "storage.v1.StorageClass",
        class_name(cluster),
        {
            "provisioner": _DRIVER,
            "parameters": parameters,
            "volume_binding_mode": "WaitForFirstConsumer",
            "reclaim_policy": "Retain" if place.production else "Delete",
            "allow_volume_expansion": True,
            "allowed_topologies": (_AUTO_NODES,),
        },
        namespaced=False,
        needs=[] if cluster.existing or place.production else _goes_after(cluster),
        comment=kept if place.production else "",
    )


def _goes_after(cluster: Cluster) -> list[str]:
    """Name what a cluster loses after its claims: it deletes their volumes meanwhile, which nobody else would."""
    return [cluster.shared(add_on) for add_on in (METRICS_ADD_ON, LOGS_ADD_ON)]


def claim(cluster: Cluster, workload: str, kept: str, volume: Volume) -> Resource:
    """Ask for the volume of a job, which every run and every retry of it finds again."""
    return cluster.object(
        cluster.place.name(workload, "checkpoints"),
        "core.v1.PersistentVolumeClaim",
        object_name(kept),
        {
            "spec": {
                "access_modes": ("ReadWriteOnce",),
                "storage_class_name": class_name(cluster),
                "resources": {"requests": {"storage": f"{gigabytes_up(known(volume.size))}Gi"}},
            }
        },
        workload=workload,
        needs=[cluster.shared(CLASS)],
        # It is pending until a pod wants it, for which no deployment should wait.
        annotations={"pulumi.com/skipAwait": "true"},
    )


def use_key(place: Place) -> tuple[Statement, ...]:
    """Let the cluster, which makes the volumes, encrypt them with the stage's own key.

    https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html
    """
    if place.key is None:
        return ()
    lends = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]
    uses = ["Decrypt", "DescribeKey", "GenerateDataKeyWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo"]
    return (
        allow("LendKeyToVolumes", lends, [place.key], {"Bool": {"kms:GrantIsForAWSResource": "true"}}),
        allow("EncryptVolumes", [f"kms:{verb}" for verb in uses], [place.key]),
    )
