"""The real program, run for its JSON."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any


def run_program(*arguments: str, cache: Path) -> dict[str, Any]:
    """What `lipwright ARGUMENTS` prints; a check that fails exits with another status and prints it all the same.

    Args:
        cache: the folder where stages are kept.
    """
    done = subprocess.run(
        [sys.executable, "-m", "lipwright.cli.main", *arguments],
        capture_output=True,
        check=False,
        text=True,
        env={**os.environ, "LIPWRIGHT_CACHE_DIR": str(cache)},
    )
    if not done.stdout.startswith("{"):
        raise SystemExit(f"lipwright {arguments[0]} printed {done.stdout} {done.stderr}")
    document: dict[str, Any] = json.loads(done.stdout)
    if "error" in document:
        raise SystemExit(f"lipwright {arguments[0]}: {document['error']}")
    return document
