"""An account's service quotas, read from AWS Service Quotas (`servicequotas:ListServiceQuotas`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mlstage.catalog.refresh.queries import CredentialsMissingError, RefreshError


@dataclass(frozen=True, slots=True)
class Quota:
    """A quota of the account in one region: its value now, and the code by which more of it is asked for."""

    value: float
    code: str


class Account:
    """Reads quotas through a client of boto3's `service-quotas`, each service once."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._read: dict[str, Mapping[str, Quota]] = {}

    def quotas(self, service: str) -> Mapping[str, Quota]:
        """Give a service's quotas by name: the account's own where there are any, else AWS's defaults.

        Raises `RefreshError` where AWS refuses, `CredentialsMissingError` without credentials.
        """
        if service not in self._read:
            defaults = dict(self._pages("list_aws_default_service_quotas", service))
            self._read[service] = {**defaults, **dict(self._pages("list_service_quotas", service))}
        return self._read[service]

    def _pages(self, operation: str, service: str) -> Iterator[tuple[str, Quota]]:
        from botocore.exceptions import (  # type: ignore[import-untyped]
            BotoCoreError,
            ClientError,
            NoCredentialsError,
        )

        try:
            for page in self._client.get_paginator(operation).paginate(ServiceCode=service):
                for one in page["Quotas"]:
                    yield one["QuotaName"], Quota(float(one["Value"]), one["QuotaCode"])
        except NoCredentialsError as error:
            raise CredentialsMissingError(str(error)) from error
        except (BotoCoreError, ClientError) as error:
            raise RefreshError(f"AWS Service Quotas refuses to list those of {service}: {error}") from error


def account(region: str) -> Account:
    """Read the quotas of the account whose credentials the shell has. Raises `ModuleNotFoundError` without boto3."""
    import boto3  # type: ignore[import-untyped]

    return Account(boto3.client("service-quotas", region_name=region))
