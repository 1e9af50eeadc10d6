"""Lock files state versions and hashes, name no host, and hold what pyproject.toml asks for."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tools.files import ROOT, text, tracked

PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)
HOSTS = {
    "requirements.lock": re.compile(r"://|--(extra-)?index|--find-links"),
    "package-lock.json": re.compile(r'"resolved"'),
}


def pinned() -> dict[str, Version]:
    """The versions that requirements.lock states."""
    stated = (ROOT / "requirements.lock").read_text()
    return {canonicalize_name(name): Version(version) for name, version in PINNED.findall(stated)}


def asked() -> Iterator[Requirement]:
    """What pyproject.toml asks for, groups included."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        stated = tomllib.load(file)
    groups = [stated["project"]["dependencies"], *stated.get("dependency-groups", {}).values()]
    return (Requirement(line) for group in groups for line in group if isinstance(line, str))


def problems() -> Iterator[str]:
    """Everything that is wrong with the lock files."""
    versions = pinned()
    for requirement in asked():
        version = versions.get(canonicalize_name(requirement.name))
        if version is None:
            yield f"requirements.lock: {requirement.name} is missing"
        elif not requirement.specifier.contains(version, prereleases=True):
            yield f"requirements.lock: {requirement.name} {version} is not {requirement.specifier}"
    for path in tracked():
        hosts = HOSTS.get(path.name)
        if hosts and hosts.search(text(path) or ""):
            yield f"{path}: names a registry host"


def main() -> int:
    """Print what is wrong."""
    found = list(problems())
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
