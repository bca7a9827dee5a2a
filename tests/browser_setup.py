"""Finds a Chromium for the browser tests, or installs one where that can be done: `python -m tests.browser_setup`."""

import os
import shutil
import subprocess
import sys

COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
INSTALL = (
    ["apt-get", "update", "-qq"],
    ["apt-get", "install", "-qq", "-y", "--no-install-recommends", "chromium"],
)
HOW = "install Chromium, or name one with CHROMIUM=/path/to/it"


def find_chromium() -> str | None:
    """The path of a Chromium: the one that CHROMIUM names, else one on the PATH; None when there is none."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    return next((path for command in COMMANDS if (path := shutil.which(command))), None)


def browser_is_required() -> bool:
    """Whether a missing browser is a failure, as it is under CI=true."""
    return os.environ.get("CI", "").lower() in {"true", "1"}


def install() -> str | None:
    """Install Debian's Chromium as root; None when it is there, else why not."""
    if os.environ.get("CHROMIUM"):
        return f"CHROMIUM={os.environ['CHROMIUM']} is no program"
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        return "no Chromium was found, and it can be installed here only by hand"
    print("The browser tests need Chromium: installing Debian's …", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in INSTALL:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            last = (done.stderr or done.stdout).strip().splitlines()[-1:]
            return f"`{' '.join(command)}` failed: {''.join(last)}"
    return None if find_chromium() else "apt-get installed no Chromium that can be found"


def main() -> int:
    """Say only what somebody has to know; the exit code is 1 when a browser is required and missing."""
    if find_chromium():
        return 0
    problem = install()
    if problem is None:
        return 0
    verdict = "they must not be skipped under CI=true" if browser_is_required() else "they will be skipped"
    print(f"Browser tests: {problem}; {verdict}. To run them, {HOW}.")
    return 1 if browser_is_required() else 0


if __name__ == "__main__":
    sys.exit(main())
