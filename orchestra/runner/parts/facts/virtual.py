"""Whether this is a guest, a container or a host of such, and of which kind.

Everything found goes into virtualization_tech_guest and _host; the first that is found is virtualization_type.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.parts.facts.source import Source

DMI = "/sys/devices/virtual/dmi/id/"
KVM_PRODUCTS = ("KVM", "KVM Server", "Bochs", "AHV", "CloudStack KVM Hypervisor")
KVM_BIOSES = ("Amazon EC2", "DigitalOcean", "Hetzner", "Linode")
KVM_VENDORS = ("QEMU", "Amazon EC2", "DigitalOcean", "Google", "Scaleway", "Nutanix")
VENDORS = {
    "oVirt": "oVirt",
    "KubeVirt": "KubeVirt",
    "Microsoft Corporation": "VirtualPC",
    "Parallels Software International Inc.": "parallels",
    "OpenStack Foundation": "openstack",
}
PROCESSORS = (
    ("model name", "QEMU Virtual CPU", "kvm"),
    ("vendor_id", "User Mode Linux", "uml"),
    ("model name", "UML", "uml"),
    ("machine", "CHRP IBM pSeries (emulated by qemu)", "kvm"),
    ("vendor_id", "PowerVM Lx86", "powervm_lx86"),
    ("vendor_id", "IBM/S390", "PR/SM"),
)


class _Found:
    """What was found so far; the first entry settles type and role."""

    def __init__(self) -> "None":
        self.kind = ""
        self.role = ""
        self.tech = {"guest": [], "host": []}  # type: dict[str, list[str]]

    def add(self, kind: "str", role: "str" = "guest", shown: "str" = "") -> "None":
        if kind not in self.tech["guest" if role == "LPAR" else role]:
            self.tech["guest" if role == "LPAR" else role].append(kind)
        if not self.kind:
            self.kind, self.role = shown or kind, role

    def facts(self) -> "dict[str, Any]":
        return {
            "virtualization_type": self.kind or "NA",
            "virtualization_role": self.role or "NA",
            "virtualization_tech_guest": sorted(self.tech["guest"]),
            "virtualization_tech_host": sorted(self.tech["host"]),
        }


def virtual(source: "Source", facts: "dict[str, Any]") -> "dict[str, Any]":
    """virtualization_type, _role, _tech_guest and _tech_host."""
    found = _Found()
    for look in (_containers, _xen, _firmware, _vserver, _processors, _modules):
        look(source, found)
    if source.exists("/dev/kvm"):
        found.add("kvm", "host")
    return found.facts()


def _containers(source: "Source", found: "_Found") -> "None":
    for line in source.lines("/proc/1/cgroup"):
        if "/docker/" in line or ("/docker-" in line and ".scope" in line):
            found.add("docker")
        if "/lxc/" in line or "/machine.slice/machine-lxc" in line:
            found.add("lxc")
        if "/system.slice/containerd.service" in line:
            found.add("containerd")
    for entry in (source.raw("/proc/1/environ") or b"").split(b"\0"):
        for mark, kind in ((b"container=lxc", "lxc"), (b"container=podman", "podman")):
            if mark in entry:
                found.add(kind)
        if entry.startswith(b"container=") and len(entry) > 10:
            found.add("container")
    if source.exists("/proc/vz") and not source.exists("/proc/lve"):
        found.add("openvz", "host" if source.exists("/proc/bc") else "guest")
    _container_marks(source, found)


def _container_marks(source: "Source", found: "_Found") -> "None":
    said = source.read("/run/systemd/container")
    if said:
        found.add(said)
    if source.exists("/.dockerenv") or source.exists("/.dockerinit"):
        found.add("docker")
    inside = {"docker", "lxc", "podman", "openvz", "containerd"}.intersection(found.tech["guest"])
    if (inside or said) and "container" not in found.tech["guest"]:
        found.tech["guest"].append("container")


def _xen(source: "Source", found: "_Found") -> "None":
    if not source.exists("/proc/xen"):
        return
    if "control_d" in source.read("/proc/xen/capabilities", ""):
        found.add("xen", "host")
    elif not found.kind:
        found.kind, found.role = "xen", "guest"


def _firmware(source: "Source", found: "_Found") -> "None":
    product = source.read(DMI + "product_name", "")
    vendor = source.read(DMI + "sys_vendor", "")
    bios = source.read(DMI + "bios_vendor", "")
    tests = (
        (product in KVM_PRODUCTS, "kvm"),
        (vendor == "oVirt", "oVirt"),
        (vendor == "Red Hat" and source.read(DMI + "product_family") == "RHV", "RHV"),
        (vendor == "Red Hat" and product == "RHEV Hypervisor", "RHEV"),
        (product.startswith("VMware"), "VMware"),
        (product in ("OpenStack Compute", "OpenStack Nova"), "openstack"),
        (bios == "Xen", "xen"),
        (bios == "innotek GmbH", "virtualbox"),
        (bios in KVM_BIOSES or vendor in KVM_VENDORS, "kvm"),
        (vendor in VENDORS, VENDORS.get(vendor, "")),
        ("BHYVE" in product, "bhyve"),
    )
    for matches, kind in tests:
        if matches:
            found.add(kind)


def _vserver(source: "Source", found: "_Found") -> "None":
    for line in source.lines("/proc/self/status"):
        if line.startswith("VxID:"):
            found.add("linux_vserver", "host" if line.split()[-1] == "0" else "guest")


def _processors(source: "Source", found: "_Found") -> "None":
    for line in source.lines("/proc/cpuinfo"):
        for key, mark, kind in PROCESSORS:
            if line.startswith(key) and mark in line:
                found.add(kind, "LPAR" if kind == "PR/SM" else "guest")


def _modules(source: "Source", found: "_Found") -> "None":
    names = {line.partition(" ")[0] for line in source.lines("/proc/modules")}
    if "kvm" in names:
        rhev = source.is_dir("/rhev/") and _runs(source, ("vdsm", "vdsmd"))
        found.add("kvm", "host", shown="RHEV" if rhev else "")
        if rhev:
            found.add("RHEV", "host")
    if "vboxdrv" in names:
        found.add("virtualbox", "host")
    if "virtio" in names and not found.kind:
        found.kind, found.role = "kvm", "guest"
    if "virtio" in names and "kvm" not in found.tech["host"]:
        found.tech["host"].append("kvm")  # as playbooks know it


def _runs(source: "Source", names: "tuple[str, ...]") -> "bool":
    pids = (name for name in source.names("/proc") if name.isdigit())
    return any(source.read("/proc/{}/comm".format(pid)) in names for pid in pids)
