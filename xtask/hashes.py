"""Writes the hashes of all packages into a file of requirements, as pip itself resolves them.

    python3 xtask/hashes.py xtask/requirements.txt

Lines with a version are kept, and what they need is added; then pip is asked which file it would install, for each system
and each Python that the tests are run on. Run it after changing a version, and read the difference.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

SYSTEMS = {
    "x86_64": ["manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"],
    "aarch64": ["manylinux_2_28_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64"],
    "arm64": ["macosx_11_0_arm64", "macosx_12_0_arm64"],
}
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
NEEDED = "# What those need."


def main(path):
    text = path.read_text()
    # Hashes are made anew, and so is what was only needed.
    text = re.sub(r" \\\n    --hash=\S+", "", text).split(NEEDED)[0].rstrip()
    lines = text.splitlines()
    pinned = {name(line): line for line in lines if "==" in line}
    included = {
        name(line)
        for line in lines
        if line.startswith("-r ")
        for line in (path.parent / line[3:]).read_text().splitlines()
        if "==" in line
    }
    found = {}
    for platforms in SYSTEMS.values():
        for python in PYTHONS:
            for package, version, digest in resolve(pinned.values(), platforms, python):
                versions = found.setdefault(package, {})
                versions.setdefault(version, set()).add(digest)
    for package, versions in found.items():
        if len(versions) > 1:
            sys.exit(f"{package} is not the same everywhere: pin one of {sorted(versions)}")

    def hashed(package, line):
        (digests,) = found[package].values()
        return " \\\n".join([line] + [f"    --hash=sha256:{digest}" for digest in sorted(digests)])

    written = [hashed(name(line), line) if "==" in line else line for line in lines]
    needed = sorted(set(found) - set(pinned) - included)
    if needed:
        written.append(NEEDED)
        written += [hashed(package, f"{package}=={next(iter(found[package]))}") for package in needed]
    path.write_text("\n".join(written) + "\n")


def resolve(pins, platforms, python):
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--dry-run", "--ignore-installed", "--only-binary=:all:", "--report=-"]
    command += ["--target=unused", f"--python-version={python}"]
    command += [f"--platform={platform}" for platform in platforms]
    report = json.loads(subprocess.run(command + list(pins), check=True, capture_output=True).stdout)
    for package in report["install"]:
        metadata, archive = package["metadata"], package["download_info"]["archive_info"]
        yield name(metadata["name"]), metadata["version"], archive["hashes"]["sha256"]


def name(line):
    return re.sub(r"[-_.]+", "-", line.split("==")[0].strip()).lower()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
