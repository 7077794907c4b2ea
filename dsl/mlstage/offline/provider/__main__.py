"""Serve a stand-in provider to the engine that started this program: AWS's, or with `kubernetes` that of a cluster."""

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
    kubernetes = "kubernetes" in sys.argv[1:2]
    if len(sys.argv) < (3 if kubernetes else 2) or not folder:
        sys.exit("this is a plugin of Pulumi's engine, started by `mlstage up --offline`; it does nothing by itself")
    import_protocol_only()
    with contextlib.suppress(KeyboardInterrupt):  # the engine ends plugins by SIGINT
        asyncio.run(_serve(Path(folder), kubernetes=kubernetes))


async def _serve(folder: Path, *, kubernetes: bool) -> None:
    import grpc.aio
    from pulumi.runtime.proto import provider_pb2_grpc

    from mlstage.offline.lifetime import on_orphaned
    from mlstage.offline.provider.servicer import StandIn

    stand_in = StandIn(folder)
    if kubernetes:
        from mlstage.offline.provider.kubernetes import KubernetesStandIn

        stand_in = KubernetesStandIn(folder)
    limits = [("grpc.max_receive_message_length", _LARGEST_MESSAGE), ("grpc.max_send_message_length", _LARGEST_MESSAGE)]
    server = grpc.aio.server(options=limits)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(stand_in, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    on_orphaned(lambda: os._exit(0))
    print(port, flush=True)
    await server.wait_for_termination()


if __name__ == "__main__":
    main()
