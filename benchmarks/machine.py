"""What the figures were measured on."""

import os
import platform
import re
import shutil
import subprocess
from pathlib import Path


def describe_machine() -> str:
    """Processor, cores, system, memory, versions, commit and load, in two lines."""
    return (
        f"machine: {_processor()}, {usable_cores()} cores, {_memory_gb()}, {platform.system()} {platform.release()}\n"
        f"python {platform.python_version()}, commit {_commit()}, load {os.getloadavg()[0]:.1f}"
    )


def usable_cores() -> int:
    """Cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _processor() -> str:
    table = Path("/proc/cpuinfo")
    found = re.search(r"^model name\s*: (.*)$", table.read_text(), re.MULTILINE) if table.exists() else None
    return found[1] if found else platform.processor() or platform.machine()


def _memory_gb() -> str:
    table = Path("/proc/meminfo")
    found = re.search(r"^MemTotal: +(\d+) kB$", table.read_text(), re.MULTILINE) if table.exists() else None
    return f"{int(found[1]) / 1e6:.0f} GB" if found else "memory unknown"


def _commit() -> str:
    git = shutil.which("git")
    if git is None:
        return "unknown"
    done = subprocess.run(
        [git, "describe", "--always", "--dirty"], cwd=Path(__file__).parent, capture_output=True, check=False, text=True
    )
    return done.stdout.strip() or "unknown"
