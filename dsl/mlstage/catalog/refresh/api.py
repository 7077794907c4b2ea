"""The Price List API (`pricing:GetProducts`), which needs credentials of any AWS account."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from mlstage.catalog.prices import Price
from mlstage.catalog.refresh.queries import CredentialsMissingError, Query, RefreshError, read

# The API answers in a few regions only, whichever region is asked for.
ENDPOINT_REGION: Final = "us-east-1"


class Api:
    """Reads prices through a client of boto3's `pricing` service."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def prices(self, asked: Query) -> tuple[Price, ...]:
        """Read one price. Raises `RefreshError`."""
        items = list(self._items(asked))
        published = max((str(item.get("publicationDate", "")) for item in items), default="")[:10]
        source = f"AWS Price List API, {asked.offer}, published {published}"
        return read(asked, items, published, source)

    def _items(self, asked: Query) -> Iterator[Mapping[str, Any]]:
        from botocore.exceptions import (  # type: ignore[import-untyped]
            BotoCoreError,
            ClientError,
            NoCredentialsError,
        )

        filters = [{"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in asked.server.items()]
        pages = self._client.get_paginator("get_products").paginate(
            ServiceCode=asked.offer, FormatVersion="aws_v1", Filters=filters
        )
        try:
            for page in pages:
                for text in page["PriceList"]:
                    yield json.loads(text)
        except NoCredentialsError as error:
            raise CredentialsMissingError(str(error)) from error
        except (BotoCoreError, ClientError) as error:
            raise RefreshError(f"{asked}: AWS's Price List API refuses: {error}") from error


def client() -> Any:
    """Make the client. Raises `ModuleNotFoundError` without boto3."""
    import boto3  # type: ignore[import-untyped]

    return boto3.client("pricing", region_name=ENDPOINT_REGION)
