"""A network in a box: the tests run in a network namespace of their own, and a second one, the street, is a cable away.

Nothing here touches the machine's own interfaces: `./huddle test e2e` starts pytest with `unshare --net`.
"""

import os
import stat
import subprocess
from pathlib import Path

HOME_ADDRESS = "10.77.0.1"
STREET_ADDRESS = "10.77.0.2"

CUT = """
table inet cut {
  chain inward { type filter hook input priority 0; iifname "street0" drop; }
  chain outward { type filter hook output priority 0; oifname "street0" drop; }
}
"""


def is_private():
    """True if this process runs in the namespace that `./huddle` made for it."""
    return os.environ.get("HUDDLEBOX_PRIVATE_NETWORK") == "yes"


class Street:
    """The namespace where people outside the house are."""

    def __init__(self):
        self.holder = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", "echo ready; exec sleep infinity"], stdout=subprocess.PIPE, text=True
        )
        assert self.holder.stdout.readline() == "ready\n"
        pid = str(self.holder.pid)
        ip("link", "add", "home0", "type", "veth", "peer", "name", "street0", "netns", pid)
        ip("addr", "add", f"{HOME_ADDRESS}/24", "dev", "home0")
        ip("link", "set", "home0", "up")
        # A default route, or WebRTC finds no address of its own to offer.
        ip("route", "add", "default", "via", STREET_ADDRESS)
        self.run("ip", "link", "set", "lo", "up")
        self.run("ip", "addr", "add", f"{STREET_ADDRESS}/24", "dev", "street0")
        self.run("ip", "link", "set", "street0", "up")
        self.run("ip", "route", "add", "default", "via", HOME_ADDRESS)

    def run(self, *command, **options):
        subprocess.run(["nsenter", "-t", str(self.holder.pid), "-n", *command], check=True, **options)

    def program(self, folder, program):
        """A script that runs `program` in the street."""
        script = Path(folder) / f"{Path(program).name}-in-the-street"
        script.write_text(f'#!/bin/sh\nexec nsenter -t {self.holder.pid} -n "{program}" "$@"\n')
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        return script

    def cut(self):
        """From now on nothing goes in or out, and nobody is told: packets vanish."""
        self.run("nft", "-f", "-", input=CUT, text=True)

    def mend(self):
        self.run("nft", "delete", "table", "inet", "cut")

    def close(self):
        self.holder.kill()
        self.holder.wait()


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True)
