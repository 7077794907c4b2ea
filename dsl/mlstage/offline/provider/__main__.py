"""Serve the stand-in AWS provider to the engine that started this program."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from pathlib import Path

from mlstage.offline.protocol import import_protocol_only

_LARGEST_MESSAGE = 400 * 1024 * 1024


def main() -> None:
    """Serve until the engine ends this process."""
    folder = os.environ.get("MLSTAGE_OFFLINE_WORLD", "")
    if len(sys.argv) < 2 or not folder:
        sys.exit("this is a plugin of Pulumi's engine, started by `mlstage up --offline`; it does nothing by itself")
    import_protocol_only()
    with contextlib.suppress(KeyboardInterrupt):  # the engine ends plugins by SIGINT
        asyncio.run(_serve(Path(folder)))


async def _serve(folder: Path) -> None:
    import grpc.aio
    from pulumi.runtime.proto import provider_pb2_grpc

    from mlstage.offline.lifetime import on_orphaned
    from mlstage.offline.provider.servicer import StandIn

    limits = [("grpc.max_receive_message_length", _LARGEST_MESSAGE), ("grpc.max_send_message_length", _LARGEST_MESSAGE)]
    server = grpc.aio.server(options=limits)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(StandIn(folder), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    on_orphaned(lambda: os._exit(0))
    print(port, flush=True)
    await server.wait_for_termination()


if __name__ == "__main__":
    main()
