"""Ports for servers that tests start and start again."""

import random
import socket

# Below what systems give to outgoing connections: a port must not be taken while its server is away.
LOWEST, HIGHEST = 20_000, 32_000


def free_ports() -> int:
    """A port that is free together with the next one."""
    while True:
        port = random.randrange(LOWEST, HIGHEST, 2)
        if is_free(port) and is_free(port + 1):
            return port


def is_free(port: int) -> bool:
    with socket.socket() as listener:
        # As servers do: a connection that ended a minute ago is not in the way.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
