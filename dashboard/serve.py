"""How the dashboard is started: one command line, for `yeoron dashboard` and for tests."""

from __future__ import annotations

import sys
from pathlib import Path

APP = Path(__file__).with_name("app.py")


def command(home: Path, port: int) -> list[str]:
    """The command that serves the dashboard of a home on this machine only."""
    flags = {
        "server.address": "127.0.0.1",
        "server.port": str(port),
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
    }
    given = [word for name, value in flags.items() for word in (f"--{name}", value)]
    return [sys.executable, "-m", "streamlit", "run", str(APP), *given, "--", "--home", str(home)]
