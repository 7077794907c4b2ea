"""Objects of Kubernetes, and kinds that its extensions bring."""

from __future__ import annotations

from typing import Final

from mlstage.graph.vocabulary.entry import TypeInfo, custom_object, kubernetes_object

# How a program reaches a cluster; Pulumi's own kind of type, which Terraform has a block for.
_PROVIDER: Final = TypeInfo("kubernetes.Provider", "pulumi:providers:kubernetes", "")
_SELECTOR: Final = "spec.selector"

KUBERNETES: Final = (
    _PROVIDER,
    kubernetes_object("core.v1.Namespace"),
    kubernetes_object("core.v1.ServiceAccount"),
    kubernetes_object("core.v1.ConfigMap"),
    kubernetes_object("core.v1.Secret", replaces="type"),
    kubernetes_object("core.v1.Pod", replaces="spec"),
    kubernetes_object("core.v1.Service"),
    kubernetes_object("core.v1.PersistentVolumeClaim", replaces="spec.access_modes spec.storage_class_name"),
    kubernetes_object("core.v1.ResourceQuota"),
    kubernetes_object("core.v1.LimitRange"),
    kubernetes_object("apps.v1.Deployment", replaces=_SELECTOR),
    kubernetes_object("apps.v1.StatefulSet", replaces="spec.selector spec.service_name spec.volume_claim_templates"),
    kubernetes_object("apps.v1.DaemonSet", replaces=_SELECTOR),
    kubernetes_object("apps.v1.ReplicaSet", replaces=_SELECTOR),
    kubernetes_object("batch.v1.Job", replaces="spec.completion_mode spec.completions spec.selector spec.template"),
    kubernetes_object("batch.v1.CronJob"),
    kubernetes_object("autoscaling.v2.HorizontalPodAutoscaler"),
    kubernetes_object("policy.v1.PodDisruptionBudget"),
    kubernetes_object("networking.v1.NetworkPolicy", "networking.k8s.io"),
    kubernetes_object("networking.v1.Ingress", "networking.k8s.io"),
    kubernetes_object("scheduling.v1.PriorityClass", "scheduling.k8s.io", "preemption_policy value"),
    kubernetes_object(
        "storage.v1.StorageClass", "storage.k8s.io", "parameters provisioner reclaim_policy volume_binding_mode"
    ),
    kubernetes_object("rbac.v1.Role", "rbac.authorization.k8s.io"),
    kubernetes_object("rbac.v1.RoleBinding", "rbac.authorization.k8s.io", "role_ref"),
    kubernetes_object("rbac.v1.ClusterRole", "rbac.authorization.k8s.io"),
    kubernetes_object("rbac.v1.ClusterRoleBinding", "rbac.authorization.k8s.io", "role_ref"),
    custom_object("karpenter.v1.NodePool", "karpenter.sh"),
    custom_object("karpenter.v1.EC2NodeClass", "karpenter.k8s.aws"),
    custom_object("eks.v1.NodeClass", "eks.amazonaws.com"),
    custom_object("secretsstore.v1.SecretProviderClass", "secrets-store.csi.x-k8s.io"),
)
