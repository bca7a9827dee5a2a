"""What make says before there is an environment."""

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

PYTHON_3_10 = f"""#!/bin/sh
[ "$1" = --version ] && exec echo Python 3.10.2
exec {sys.executable} -c 'import sys; sys.version_info = (3, 10, 2); exec(sys.argv[1])' "$2"
"""


def test_a_python_that_is_too_old_is_said_in_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "requirements-uv.txt").touch()
    old = tmp_path / "python3"
    old.write_text(PYTHON_3_10, encoding="utf-8")
    old.chmod(0o755)
    outside = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    for python, found in ((old, "Python 3.10.2"), (tmp_path / "none", "not there")):
        command = ["make", "--file", str(ROOT / "Makefile"), f"PYTHON={python}"]
        ran = subprocess.run(command, cwd=tmp_path, env=outside, capture_output=True, text=True, check=False)
        assert ran.returncode != 0
        assert ran.stdout == (
            f"Python 3.11 or later is needed, and {python} is {found}. Name another: make demo PYTHON=python3.12\n"
        )
    assert not (tmp_path / ".venv").exists()
