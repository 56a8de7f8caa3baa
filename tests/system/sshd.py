"""OpenSSH servers of our own: private keys, private configuration, an address of the loopback net each; never the system's."""
from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

from measure import free_port, until
from servers import program


class Sshd:
    """One port on several addresses, as if each were a machine."""

    def __init__(self, folder: Path, *addresses: str) -> None:
        self.folder, self.port = folder, free_port()
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        folder.mkdir(mode=0o700)
        for key in ("host", "client"):
            subprocess.run([program("ssh-keygen", "openssh-client"), "-q", "-t", "ed25519", "-N", "", "-f", str(folder / key)], check=True)
        (folder / "authorized").write_text((folder / "client.pub").read_text())
        (folder / "client.conf").write_text(
            f"IdentityFile {folder}/client\nIdentitiesOnly yes\nPort {self.port}\nUserKnownHostsFile {folder}/known\nGlobalKnownHostsFile none\n"
            "StrictHostKeyChecking accept-new\nBatchMode yes\nConnectTimeout 5\n")
        if os.geteuid() == 0:
            # The server separates privileges in it; a system that starts one makes it.
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        for address in addresses:
            self.start(address)

    def start(self, address: str) -> None:
        config = self.folder / f"{address}.conf"
        config.write_text(
            f"ListenAddress {address}:{self.port}\nHostKey {self.folder}/host\nAuthorizedKeysFile {self.folder}/authorized\nPidFile none\n"
            "UsePAM no\nStrictModes no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\n")
        with (self.folder / f"{address}.log").open("ab") as log:
            self.running[address] = subprocess.Popen([program("sshd", "openssh-server"), "-D", "-e", "-f", str(config)], stdout=log, stderr=log)
        until(lambda: self.answers(address), 20, f"sshd on {address} answers", 0.02)

    def answers(self, address: str) -> bool:
        with socket.socket() as client:
            return client.connect_ex((address, self.port)) == 0

    def stop(self, address: str) -> None:
        process = self.running.pop(address, None)
        if process is not None:
            process.kill()
            process.wait()

    def close(self) -> None:
        for address in list(self.running):
            self.stop(address)
