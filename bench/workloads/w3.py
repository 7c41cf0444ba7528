"""W3 for pyinfra: the same work as w3.yml by its own operations, with the facts that its template needs."""

from pathlib import Path

from pyinfra import host
from pyinfra.facts.server import LinuxDistribution
from pyinfra.operations import files

HERE = Path(__file__).parent
root = f"{host.data.bench_root}/{host.name}"
distribution = (host.get_fact(LinuxDistribution) or {}).get("name", "unknown")

for number in range(1, 11):
    files.directory(name=f"Folder {number}", path=f"{root}/folder{number}", mode="750")
for number in range(1, 11):
    files.put(
        name=f"Copy {number}",
        src=str(HERE / "files/payload.txt"),
        dest=f"{root}/folder{number}/payload.txt",
        mode="640",
    )
for number in range(1, 6):
    files.template(
        name=f"Template {number}",
        src=str(HERE / "templates/site.pyinfra.j2"),
        dest=f"{root}/folder{number}/site.conf",
        mode="640",
        number=number,
        distribution=distribution,
    )
for number in range(1, 6):
    files.line(
        name=f"Line {number}",
        path=f"{root}/lines",
        line=rf"^setting{number}.*",
        replace=f"setting{number} = on",
        ensure_newline=True,
    )
