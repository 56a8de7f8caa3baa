"""Provider packages: our standard provider, and those installed from elsewhere."""

import os
import sys


def _installed() -> list[str]:
    own = os.path.dirname(os.path.abspath(__file__))
    found = []
    for entry in sys.path:
        folder = os.path.join(entry or os.getcwd(), "airflow", "providers")
        if os.path.isdir(folder) and os.path.abspath(folder) != own:
            found.append(folder)
    return found


__path__ += _installed()
