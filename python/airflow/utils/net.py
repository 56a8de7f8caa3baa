"""Names of this machine."""

from __future__ import annotations

import socket
from functools import cache

from airflow.configuration import conf


@cache
def getfqdn(name: str = "") -> str:
    """The whole name of a machine."""
    return socket.getfqdn(name)


def get_host_ip_address() -> str:
    """The address of this machine."""
    return socket.gethostbyname(getfqdn())


def get_hostname() -> str:
    """What ``[core] hostname_callable`` says, by default the whole name."""
    path = conf.get("core", "hostname_callable", fallback="") or "airflow.utils.net.getfqdn"
    if path.endswith(".getfqdn"):
        return getfqdn()
    from airflow.utils.module_loading import import_string

    return str(import_string(path)())
