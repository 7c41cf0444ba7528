"""What is packaged is what is there: a forgotten package works from the checkout and is missing from the wheel."""

import configparser
from pathlib import Path

ROOT = Path(__file__).parent.parent


def configuration() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def package_of(folder: Path) -> str:
    parts = folder.relative_to(ROOT).parts
    return ".".join(parts if parts[0] == "orchestra" else ("orchestra", *parts))


def test_the_package_list_names_every_folder_with_python_in_it() -> None:
    listed = configuration()["options"]["packages"].split()
    tops = [ROOT / "orchestra", ROOT / "modules"]
    folders = {path.parent for top in tops for path in top.rglob("*.py")}
    assert sorted(listed) == sorted(package_of(folder) for folder in folders)


def test_files_that_are_not_python_are_packaged_too() -> None:
    found = [path.relative_to(ROOT) for top in ("orchestra", "modules") for path in (ROOT / top).rglob("*")]
    others = [path for path in found if (ROOT / path).is_file() and path.suffix not in (".py", ".md", ".pyc")]
    assert others
    data = {package: patterns.split() for package, patterns in configuration()["options.package_data"].items()}
    missing = [
        str(path)
        for path in others
        if not any(path.match(pattern) for pattern in data.get(package_of(ROOT / path.parent), []))
    ]
    assert not missing, f"not in [options.package_data]: {missing}"


def test_the_version_is_one() -> None:
    import orchestra

    assert configuration()["metadata"]["version"] == "attr: orchestra.__version__"
    assert orchestra.__version__.count(".") == 2
