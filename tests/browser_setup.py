"""Finds Chromium and wget for the tests, or installs them where that can be done: `python -m tests.browser_setup`."""

import os
import shutil
import subprocess
import sys

COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
UPDATE = ["apt-get", "update", "-qq"]
INSTALL = ["apt-get", "install", "-qq", "-y", "--no-install-recommends"]
HOW = "install Chromium (or name one with CHROMIUM=/path/to/it) and wget"


def find_chromium() -> str | None:
    """The path of a Chromium: the one that CHROMIUM names, else one on the PATH; None when there is none."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    return next((path for command in COMMANDS if (path := shutil.which(command))), None)


def browser_is_required() -> bool:
    """Whether a missing browser is a failure, as it is under CI=true."""
    return os.environ.get("CI", "").lower() in {"true", "1"}


def find_wget() -> str | None:
    """The path of a wget, which writes WARC files as other people's are; None when there is none."""
    return shutil.which("wget")


def install_chromium() -> str | None:
    """Install Debian's Chromium as root; None when it is there, else why not."""
    if os.environ.get("CHROMIUM"):
        return f"CHROMIUM={os.environ['CHROMIUM']} is no program"
    return install("chromium") or (
        None if find_chromium() else "apt-get installed no Chromium that can be found"
    )


def install(package: str) -> str | None:
    """Install a package of Debian's as root; None when that is done, else why not."""
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        return f"no {package} was found, and it can be installed here only by hand"
    print(f"The tests need {package}: installing Debian's …", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (UPDATE, [*INSTALL, package]):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            last = (done.stderr or done.stdout).strip().splitlines()[-1:]
            return f"`{' '.join(command)}` failed: {''.join(last)}"
    return None


def main() -> int:
    """Say only what somebody has to know; the exit code is 1 when a program is required and missing."""
    problems = [
        problem
        for problem in (
            None if find_chromium() else install_chromium(),
            None if find_wget() else install("wget"),
        )
        if problem
    ]
    if not problems:
        return 0
    verdict = "they must not be skipped under CI=true" if browser_is_required() else "they will be skipped"
    print(f"Some tests lack a program: {'; '.join(problems)}; {verdict}. To run them, {HOW}.")
    return 1 if browser_is_required() else 0


if __name__ == "__main__":
    sys.exit(main())
