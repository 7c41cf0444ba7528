"""W4 for pyinfra: the facts of its own that come nearest to what Ansible gathers."""

from pyinfra import host
from pyinfra.facts import hardware, server

FACTS = (
    *(server.Hostname, server.Kernel, server.KernelVersion, server.Arch, server.LinuxDistribution, server.Users),
    *(server.Groups, server.Mounts, server.Date, server.Os, server.OsVersion, server.SecurityLimits),
    *(hardware.Cpus, hardware.Memory, hardware.BlockDevices, hardware.NetworkDevices, hardware.Ipv4Addresses),
    hardware.Ipv6Addresses,
)

for fact in FACTS:
    host.get_fact(fact)
