"""The modules of the system family on real systemd hosts: real apt and dpkg, real units, accounts and crontabs.

`settle` runs each three times: check mode foretells a change, a run makes it, a second run has nothing to do.
"""

import os
from typing import Any

import pytest

from tests.fleet.machine import Machine
from tests.fleet.modulehost import ModuleHost

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILE5IXHEBAkWW1NAvqfgPaSHL2haMobWK4jnuJPA0Qm3 me@here"


@pytest.fixture
def host(machine: Machine) -> ModuleHost:
    return ModuleHost(machine)


def said(host: ModuleHost, *argv: str) -> str:
    return host.machine.run(*argv, check=False).stdout.strip()


def version(host: ModuleHost, name: str) -> str:
    text = said(host, "dpkg-query", "-W", "-f", "${db:Status-Abbrev}${Version}", name)
    return "" if text.startswith("un") else text


def state_of(host: ModuleHost) -> str:
    """What check mode must not touch."""
    script = "dpkg-query -W; getent passwd; getent group; cat /etc/shadow; "
    script += "find /etc /root -newer /opt/orchestra-test/driver.py"
    return said(host, "sh", "-c", script + " | grep -v -e /etc/.pwd.lock -e '^/etc$'")


# --- packages ---


def test_apt_installs_upgrades_removes_and_purges(host: ModuleHost) -> None:
    host.settle("apt", name="fleet-hello=1.0")
    assert version(host, "fleet-hello") == "ii 1.0"
    assert not host.run("apt", name="fleet-hello")["changed"]
    first = host.settle("apt", name="fleet-hello", state="latest")
    assert version(host, "fleet-hello") == "ii 2.0"
    assert "1 upgraded" in first["diff"]["prepared"]
    host.settle("apt", name="fleet-config")
    host.settle("apt", name="fleet-config", state="absent")
    assert version(host, "fleet-config").startswith("rc ")
    host.settle("apt", name="fleet-config", state="absent", purge=True)
    assert version(host, "fleet-config") == ""
    assert "cache_update_time" in host.run("apt", name="fleet-hello")


def test_apt_versions_globs_and_virtual_packages(host: ModuleHost) -> None:
    host.settle("apt", name="fleet-hello=1.*")
    assert version(host, "fleet-hello") == "ii 1.0"
    assert not host.run("apt", name="fleet-hello>=1.0")["changed"]
    host.settle("apt", name="fleet-hello>=2.0")
    refused = host.run("apt", name="fleet-hello=1.0")
    assert "--allow-downgrades" in refused["msg"]
    host.settle("apt", name="fleet-hello=1.0", allow_downgrade=True)
    host.settle("apt", name="fleet-rec*")
    host.settle("apt", name="fleet-mail-transport")
    assert version(host, "fleet-mailer") == "ii 1.0"
    host.settle("apt", name="fleet-r*", state="absent")


def test_apt_dependencies_orphans_and_recommends(host: ModuleHost) -> None:
    host.settle("apt", name=["fleet-needs-hello"])
    assert version(host, "fleet-base") == "ii 1.5"
    host.settle("apt", name="fleet-needs-hello", state="absent")
    host.settle("apt", autoremove=True)
    assert version(host, "fleet-base") == ""
    host.settle("apt", name="fleet-recommends", install_recommends=False)
    assert version(host, "fleet-base") == ""
    host.settle("apt", name="fleet-hello")
    kept = host.run("apt", name="fleet-hates-hello", fail_on_autoremove=True)
    assert "remove is disabled" in kept["msg"]


def test_apt_says_what_is_wrong(host: ModuleHost) -> None:
    assert host.run("apt", name="fleet-helo")["msg"] == (
        "No package matching 'fleet-helo' is available, did you mean fleet-hello or fleet-needs-hello "
        "or fleet-hates-hello?"
    )
    assert host.run("apt", name="fleet-hello=9.9")["msg"] == (
        "no available installation candidate for fleet-hello=9.9; available: 2.0, 1.0"
    )
    unmet = host.run("apt", name="fleet-unmet")
    assert "held broken packages" in unmet["msg"]
    assert "fleet-nobody-has-this" in unmet["msg"]
    broken = host.run("apt", name="fleet-broken")
    assert "fleet-broken" in broken["msg"]
    assert "post-installation script" in broken["msg"]
    assert broken["rc"] == 100
    assert host.run("apt", name="fleet-broken", state="absent")["changed"]
    assert "fleet-helo" in host.run("apt", check=True, name="fleet-helo")["msg"]


def test_apt_waits_for_the_lock_and_names_who_holds_it(host: ModuleHost) -> None:
    program = "import fcntl, time; f = open('/var/lib/dpkg/lock-frontend', 'w'); fcntl.lockf(f, fcntl.LOCK_EX); "
    hold = f"{program} print('held', flush=True); time.sleep(SECONDS)"
    host.machine.run("sh", "-c", f'python3 -c "{hold.replace("SECONDS", "600")}" > /tmp/held 2>&1 & sleep 0.5')
    late = host.run("apt", name="fleet-hello", lock_timeout=1)
    assert late["failed"]
    assert "lock_timeout=1" in late["msg"]
    assert "python3" in late["msg"]
    said(host, "pkill", "-f", "lock-frontend")
    host.machine.run("sh", "-c", f'python3 -c "{hold.replace("SECONDS", "2")}" > /tmp/held 2>&1 & sleep 0.5')
    assert host.run("apt", name="fleet-hello", lock_timeout=60)["changed"]


def test_apt_lists_upgrade_and_files(host: ModuleHost) -> None:
    host.machine.run("sh", "-c", "touch -d '2 days ago' /var/lib/apt/lists")
    assert host.run("apt", cache_valid_time=3600)["changed"]
    fresh = host.run("apt", cache_valid_time=3600, update_cache=True)
    assert (fresh["changed"], fresh["cache_updated"]) == (False, False)
    host.run("apt", name="fleet-hello=1.0")
    host.settle("apt", upgrade="dist")
    assert version(host, "fleet-hello") == "ii 2.0"
    host.settle("apt", deb="/srv/apt/fleet-config_1.0_all.deb")
    assert "there is no file" in host.run("apt", deb="/srv/none.deb")["msg"]
    assert host.run("apt", name="fleet-service", policy_rc_d=101)["changed"]
    assert said(host, "ls", "/usr/sbin/policy-rc.d") == ""


def test_apt_configuration_of_the_user_stays(host: ModuleHost) -> None:
    host.run("apt", name="fleet-config=1.0")
    host.machine.run("sh", "-c", "echo 'colour = mine' > /etc/fleet-config.conf")
    host.settle("apt", name="fleet-config", state="latest")
    assert said(host, "cat", "/etc/fleet-config.conf") == "colour = mine"


def test_package_finds_the_manager(host: ModuleHost) -> None:
    host.settle("package", name="fleet-hello", state="present", update_cache=True)
    host.settle("package", name=["fleet-hello"], state="absent")
    assert "is not an option" in host.run("package", name="x", state="present", colour="blue")["msg"]


def test_repositories_and_keys(host: ModuleHost) -> None:
    host.machine.run("cp", "-r", "/srv/apt", "/srv/second")
    line = "deb [trusted=yes] file:/srv/second ./"
    first = host.settle("apt_repository", repo=line)
    assert first["sources_added"] == ["/etc/apt/sources.list.d/file_srv_second.list"]
    host.settle("apt_repository", repo=line, state="absent")
    bad = host.run("apt_repository", repo="deb [trusted=yes] file:/srv/none ./", update_cache_retries=1)
    assert "Failed to fetch" in bad["msg"]
    assert said(host, "ls", "/etc/apt/sources.list.d") == ""
    host.machine.run("gpg", "--batch", "--quiet", "--passphrase", "", "--quick-gen-key", "me <me@here>", "ed25519")
    key = host.machine.run("gpg", "--armor", "--export").stdout
    added = host.settle("apt_key", data=key)
    assert added["fp"] in said(host, "gpg", "--list-keys", "--with-colons")
    host.settle("apt_key", id=added["short_id"], state="absent")


# --- services ---


def test_service_through_its_life(host: ModuleHost) -> None:
    host.run("apt", name="fleet-service")
    host.settle("service", name="fleet-service", state="started", enabled=True)
    assert said(host, "systemctl", "is-active", "fleet-service") == "active"
    assert said(host, "systemctl", "is-enabled", "fleet-service") == "enabled"
    pid = said(host, "systemctl", "show", "-p", "MainPID", "fleet-service")
    assert host.run("service", name="fleet-service", state="restarted")["changed"]
    assert said(host, "systemctl", "show", "-p", "MainPID", "fleet-service") != pid
    assert host.run("systemd", name="fleet-service", state="reloaded")["status"]["ActiveState"] == "active"
    host.settle("systemd", name="fleet-service", state="stopped", enabled=False)
    host.settle("systemd", name="fleet-service", masked=True)
    refused = host.run("systemd", name="fleet-service", state="started")
    assert "is masked" in refused["msg"]
    host.settle("systemd", name="fleet-service", masked=False, state="started")


def test_a_unit_that_is_not_there_and_one_that_does_not_start(host: ModuleHost) -> None:
    assert host.run("service", name="nothere", state="started")["msg"] == (
        "Could not find the requested service nothere: host"
    )
    unit = "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo the disk is missing >&2; exit 3'\n"
    (host.machine.root / "etc/systemd/system/fails.service").write_text(unit)
    failed = host.run("systemd", name="fails", state="started", daemon_reload=True)
    assert failed["failed"]
    assert "the disk is missing" in failed["msg"]
    assert not host.run("systemd", daemon_reload=True)["changed"]
    static = host.run("systemd", name="systemd-journald", enabled=True)
    assert not static["changed"]


def test_where_systemd_does_not_run_units_are_enabled_on_disk(host: ModuleHost) -> None:
    host.run("apt", name="fleet-service")
    script = "mount --bind / /mnt && mount -t tmpfs none /mnt/run && chroot /mnt python3 /opt/orchestra-test/driver.py"
    request = host.machine.root / "opt/orchestra-test/offline.json"
    tasks = '[["systemd", {"name": "fleet-service", "enabled": true, "state": "started"}]]'
    request.write_text('{"tasks": %s, "check": false, "diff": false}' % tasks)
    out = said(host, "unshare", "-m", "sh", "-c", f"{script} /opt/orchestra-test/offline.json 2>&1")
    assert '"changed": true' in out, out
    assert "this is a chroot or systemd is offline" in out
    assert said(host, "systemctl", "is-enabled", "fleet-service") == "enabled"


def test_check_mode_foretells_for_later_tasks(host: ModuleHost) -> None:
    before = state_of(host)
    results = host.sequence(
        ("apt", {"name": "fleet-service"}),
        ("service", {"name": "fleet-service", "state": "started", "enabled": True}),
        ("group", {"name": "app", "gid": 4000}),
        ("user", {"name": "app", "group": "app", "groups": ["sudo"], "generate_ssh_key": True}),
        ("file", {"path": "/home/app/data", "state": "directory", "owner": "app", "group": "app", "mode": "0750"}),
        ("authorized_key", {"user": "app", "key": KEY}),
        ("cron", {"name": "job", "job": "true", "user": "app"}),
        ("copy", {"dest": "/etc/systemd/system/own.service", "content": "[Service]\nExecStart=/bin/true\n"}),
        ("systemd", {"name": "own", "state": "started", "enabled": True, "daemon_reload": True}),
        check=True,
    )
    assert [result.get("msg") for result in results if result.get("failed")] == []
    assert all(result["changed"] for result in results)
    assert state_of(host) == before


# --- accounts ---


def test_group(host: ModuleHost) -> None:
    host.settle("group", name="app", gid=4000)
    host.settle("group", name="app", gid=4001)
    assert said(host, "getent", "group", "app") == "app:x:4001:"
    assert host.run("group", name="sys", system=True)["gid"] < 1000
    host.settle("group", name="app", state="absent")


def test_user_from_making_to_removing(host: ModuleHost) -> None:
    host.run("group", name="app")
    options: dict[str, Any] = {"name": "app", "group": "app", "groups": ["sudo", "adm"], "comment": "The App"}
    options |= {"password": "$6$salt$hash", "shell": "/bin/bash", "expires": 1893456000.0, "password_expire_max": 90}
    made = host.settle("user", **options)
    assert made["password"] == "NOT_LOGGING_PASSWORD"
    assert said(host, "id", "-Gn", "app").split() == ["app", "adm", "sudo"]
    assert said(host, "getent", "shadow", "app").split(":")[1] == "$6$salt$hash"
    assert said(host, "chage", "-l", "app").count("Jan 01, 2030") == 1
    assert not host.run("user", name="app", groups="adm", append=True)["changed"]
    host.settle("user", name="app", groups=["adm"])
    host.settle("user", name="app", groups=[])
    host.settle("user", name="app", password_lock=True)
    host.settle("user", name="app", password_lock=False)
    host.settle("user", name="app", home="/srv/app", move_home=True)
    assert said(host, "stat", "-c", "%U", "/srv/app") == "app"
    assert not host.run("user", name="app", password="$6$salt$other", update_password="on_create")["changed"]
    host.settle("user", name="app", state="absent", remove=True)
    assert said(host, "ls", "/srv") == "apt"


def test_user_key_and_home(host: ModuleHost) -> None:
    made = host.settle("user", name="app", generate_ssh_key=True, ssh_key_type="ed25519", ssh_key_comment="hello")
    assert made["ssh_public_key"].endswith("hello")
    assert said(host, "stat", "-c", "%U %a", "/home/app/.ssh/id_ed25519") == "app 600"
    host.run("user", name="locked", generate_ssh_key=True, ssh_key_passphrase="secret-1")
    assert said(host, "ssh-keygen", "-y", "-P", "secret-1", "-f", "/home/locked/.ssh/id_rsa").startswith("ssh-rsa")
    host.run("user", name="homeless", create_home=False)
    host.settle("user", name="homeless")
    assert "homeless 644" in said(host, "stat", "-c", "%U %a", "/home/homeless/.profile")


def test_user_refusals(host: ModuleHost) -> None:
    assert host.run("user", name="app", groups="nobody-has")["msg"] == "Group nobody-has does not exist"
    assert "already exists" in host.run("user", name="daemon", uid=0)["msg"]
    warned = host.run("user", name="app", password="plain")
    assert "appears not to have been hashed" in warned["warnings"][0]


def test_authorized_key(host: ModuleHost) -> None:
    host.run("user", name="app")
    host.settle("authorized_key", user="app", key=KEY)
    assert said(host, "stat", "-c", "%U %a", "/home/app/.ssh", "/home/app/.ssh/authorized_keys") == "app 700\napp 600"
    other = KEY.replace("Qm3", "Qm4")
    host.settle("authorized_key", user="app", key=other, key_options='no-pty,command="a b, c"')
    host.settle("authorized_key", user="app", key=other, exclusive=True)
    assert said(host, "cat", "/home/app/.ssh/authorized_keys") == other
    host.settle("authorized_key", user="app", key=other, state="absent")


# --- the machine ---


def test_cron_in_a_users_table(host: ModuleHost) -> None:
    host.settle("cron", name="a b", job="/bin/true", minute="5", hour="3")
    host.settle("cron", name="a b", job="/bin/false", special_time="daily", backup=True)
    host.settle("cron", name="PATH", env=True, job="/x:/y")
    assert said(host, "crontab", "-l") == 'PATH="/x:/y"\n#Ansible: a b\n@daily /bin/false'
    host.settle("cron", name="a b", state="absent")
    host.settle("cron", name="PATH", env=True, state="absent")


def test_cron_in_a_file(host: ModuleHost) -> None:
    host.settle("cron", name="job", job="true", cron_file="fleet", user="daemon")
    assert said(host, "cat", "/etc/cron.d/fleet") == "#Ansible: job\n* * * * * daemon true"
    host.settle("cron", name="job", state="absent", cron_file="fleet")
    assert "fleet" not in said(host, "ls", "/etc/cron.d")


def test_hostname(host: ModuleHost) -> None:
    result = host.settle("hostname", name="new.example.org")
    assert result["ansible_facts"]["ansible_hostname"] == "new"
    assert said(host, "hostnamectl", "hostname") == "new.example.org"
    assert said(host, "hostname") == "new.example.org"


def test_sysctl(host: ModuleHost) -> None:
    path = "/etc/sysctl.d/90-fleet.conf"
    host.settle("sysctl", name="net.ipv4.ip_forward", value="1", sysctl_file=path)
    assert said(host, "sysctl", "-n", "net.ipv4.ip_forward") == "1"
    host.machine.run("sysctl", "-w", "net.ipv4.ip_forward=0")
    host.settle("sysctl", name="net.ipv4.ip_forward", value="yes", sysctl_file=path, sysctl_set=True)
    host.settle("sysctl", name="net.ipv4.ip_forward", state="absent", sysctl_file=path)
    missing = host.run("sysctl", name="no.such", value="1", sysctl_file=path)
    assert "no/such" in missing["msg"]
    assert not host.run("sysctl", name="no.such", value="1", sysctl_file=path, ignoreerrors=True).get("failed")


def test_mount(host: ModuleHost) -> None:
    options = {"path": "/mnt/data", "src": "tmpfs", "fstype": "tmpfs"}
    host.settle("mount", **options, opts="size=1m", state="mounted")
    host.settle("mount", **options, opts="size=2m", state="mounted")
    assert "size=2048k" in said(host, "grep", "/mnt/data", "/proc/mounts")
    host.settle("mount", path="/mnt/data", state="unmounted")
    host.settle("mount", path="/mnt/data", state="absent")
    assert said(host, "ls", "/mnt") == ""
    failed = host.run("mount", path="/mnt/x", src="/dev/none", fstype="ext4", state="mounted")
    assert "does not exist" in failed["msg"]
    assert "/dev/none" not in said(host, "cat", "/etc/fstab")


def test_facts_of_a_real_host(host: ModuleHost) -> None:
    facts = host.run("setup")["ansible_facts"]
    expected = {
        "distribution": "Debian",
        "os_family": "Debian",
        "pkg_mgr": "apt",
        "service_mgr": "systemd",
        "hostname": host.machine.name,
        "virtualization_type": "container",
        "user_id": "root",
        "is_chroot": False,
    }
    assert {name: facts[f"ansible_{name}"] for name in expected} == expected
    assert facts["ansible_default_ipv4"]["address"] == host.machine.address
    assert facts["ansible_systemd"]["version"] >= 252
    services = host.run("service_facts")["ansible_facts"]["services"]
    assert services["ssh.service"] == {
        "name": "ssh.service",
        "state": "running",
        "status": "enabled",
        "source": "systemd",
    }
    packages = host.run("package_facts")["ansible_facts"]["packages"]
    assert packages["bash"][0]["version"] == said(host, "dpkg-query", "-W", "-f", "${Version}", "bash")
    entries = host.run("getent", database="passwd", key="root")["ansible_facts"]["getent_passwd"]
    assert entries == {"root": ["x", "0", "0", "root", "/root", "/bin/bash"]}


def test_facts_cost_little(host: ModuleHost) -> None:
    """Target CPU of a whole setup, with the start of an interpreter; the bound leaves room for a loaded machine."""
    program = (
        "import resource, subprocess, sys; subprocess.run([sys.executable, '/opt/orchestra-test/driver.py', "
        "'/opt/orchestra-test/setup.json'], stdout=subprocess.DEVNULL); "
        "used = resource.getrusage(resource.RUSAGE_CHILDREN); print(used.ru_utime + used.ru_stime)"
    )
    request = host.machine.root / "opt/orchestra-test/setup.json"
    request.write_text('{"tasks": [["setup", {}]], "check": false, "diff": false}')
    host.machine.run("python3", "-m", "compileall", "-q", "/opt/orchestra-test")
    seconds = min(float(said(host, "python3", "-c", program)) for _ in range(3))
    assert seconds < float(os.environ.get("ORCHESTRA_FACTS_SECONDS", "0.25"))


def test_holds_alternatives_zones_and_locales(host: ModuleHost) -> None:
    host.settle("dpkg_selections", name="bash", selection="hold")
    assert said(host, "dpkg", "--get-selections", "bash").split() == ["bash", "hold"]
    host.settle("alternatives", name="fleet", path="/bin/true", link="/usr/bin/fleet")
    host.settle("alternatives", name="fleet", path="/bin/false", priority=90)
    assert said(host, "readlink", "-f", "/usr/bin/fleet").endswith("/false")
    host.settle("alternatives", name="fleet", path="/bin/false", state="absent")
    host.settle("timezone", name="Etc/GMT-3")
    assert said(host, "date", "+%z") == "+0300"
    host.settle("deb822_repository", name="Second", uris="file:/srv/apt", suites="./", trusted=True)
    assert host.run("apt", update_cache=True)["changed"]
