"""Where a workload comes up: its environment, stack and region, and the names of what it shares with others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from mlstage.catalog.regions import partition
from mlstage.graph import Join, Ref, join
from mlstage.passes.names import physical_name
from mlstage.spec.stages import Network, OwnNetwork
from mlstage.spec.watching import Watch

BUDGET_TAG: Final = "mlstage:budget"


@dataclass(frozen=True, slots=True)
class Reach:
    """What a workload has to reach, and has to be reached by.

    `network` says that it cannot do without a VPC. `services` are the AWS services that it calls from inside one, by
    the last part of their endpoints' names; `internet` says that endpoints are not enough, `public` that callers come
    from the internet. `kubernetes` says that a cluster looks for subnets, which it does by tags.
    """

    network: bool = False
    services: frozenset[str] = frozenset()
    internet: bool = False
    public: bool = False
    kubernetes: bool = False

    def and_(self, other: Reach) -> Reach:
        """Give what two workloads reach together."""
        return Reach(
            self.network or other.network,
            self.services | other.services,
            self.internet or other.internet,
            self.public or other.public,
            self.kubernetes or other.kubernetes,
        )


@dataclass(frozen=True, slots=True)
class Place:
    """One environment in one stack, as targets see it.

    `key` is the ARN of a KMS key that exists already. `watch` says which alarms there are and whom they tell. `reach`
    is what all workloads together have to reach. `billed_to` is the value of the tag that a budget counts by; empty
    without a budget. `former` are the names that renamed workloads had before, by those that they have now.
    """

    environment: str
    stack: str
    tier: str
    region: str
    network: Network | OwnNetwork | None = None
    key: str | None = None
    watch: Watch | None = None
    reach: Reach = Reach()
    billed_to: str = ""
    former: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def production(self) -> bool:
        """Whether people depend on what runs here."""
        return self.tier == "production"

    @property
    def partition(self) -> str:
        """The partition of ARNs: `aws`, `aws-cn` or `aws-us-gov`."""
        return partition(self.region) or "aws"

    @property
    def account(self) -> Ref:
        """The account that the stack is deployed to, known when it is."""
        return Ref(self.shared("account"), "account_id")

    @property
    def key_arn(self) -> Ref | str:
        """The KMS key of the environment's data: its own, or the stage's."""
        return self.key or Ref(self.shared("key"), "arn")

    def shared(self, part: str) -> str:
        """Name, logically, something that the environment's workloads share."""
        return f"{self.environment}-{part}"

    def name(self, workload: str, *parts: str) -> str:
        """Name a workload's resource, logically."""
        return "-".join(part for part in (self.environment, workload, *parts) if part)

    def physical(self, *parts: str, limit: int = 63) -> str:
        """Name something in AWS, unique in the account: environment, stack and parts, shortened with a hash.

        A renamed workload, which is the first part, keeps what AWS knows it by: most names cannot be changed there.
        """
        kept = (self.former.get(parts[0], parts[0]), *parts[1:]) if parts else ()
        return physical_name(self.environment, self.stack, *kept, limit=limit)

    def tags(self, workload: str) -> dict[str, str]:
        """Give the tags of what AWS makes by itself, such as jobs and machines, and no pass sees."""
        own = {"environment": self.environment, "stack": self.stack, "workload": workload}
        return {f"mlstage:{key}": value for key, value in own.items()}

    def arn(self, service: str, *resource: str | Ref | Join, region: bool = True) -> str | Join:
        """Write an ARN of this account and, unless the service is global, this region."""
        where = self.region if region else ""
        return join(f"arn:{self.partition}:{service}:{where}:", self.account, ":", *resource)

    def s3_arn(self, path: str) -> str:
        """Write the ARN of a bucket or of objects in it."""
        return f"arn:{self.partition}:s3:::{path}"
