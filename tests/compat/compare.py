"""Runs Airflow's own example DAGs under real Airflow and here, and compares the final states of their tasks: ``make compat``.

Both run in one virtual environment, so it shows as well that neither disturbs the other.
"""
from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
#: Files of our own, of which the values of tasks are compared too: those of the examples may be random.
OWN = {path.name for path in (Path(__file__).parent / "dags").glob("*.py")}
ROOT = HERE.parents[1]
VECTOR = ROOT / "python" / "tests" / "runtime" / "vectors" / "compat_dags.json"


@dataclass
class Report:
    """What was seen."""

    loaded: int = 0
    same: list[str] = field(default_factory=list)
    different: list[str] = field(default_factory=list)
    not_loaded: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def environment(work: Path) -> Path:
    """The virtual environment with real Airflow; its Python."""
    python = work / "venv" / "bin" / "python"
    stamp, wanted = work / "venv" / "ready", (HERE / "requirements.txt").read_text()
    if not stamp.exists() or stamp.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", str(work / "venv")], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", "uv"], check=True)
        uv = [str(python.parent / "uv"), "pip", "install", "-q", "--python", str(python)]
        subprocess.run([*uv, "-r", str(HERE / "requirements.txt")], check=True)
        stamp.write_text(wanted)
    return python


def settings(home: Path, seconds: int) -> dict[str, str]:
    """The same for both, in a home of its own."""
    home.mkdir(parents=True, exist_ok=True)
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "TRADEWIND", "PYTHON"))},
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW_CONN_FS_DEFAULT": json.dumps({"conn_type": "fs", "extra": {"path": "/"}}),
        "HOME": str(home),
        "COMPAT_LOG": str(home / "tasks.log"),
        "COMPAT_SECONDS": str(seconds),
    }


def run(python: Path, script: str, paths: list[Path], env: dict[str, str]) -> dict[str, dict[str, Any]]:
    """What a script says of each file, by path."""
    found = {}
    process = subprocess.Popen([str(python), str(HERE / script), *map(str, paths)], env=env, cwd=env["AIRFLOW_HOME"], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if not line.startswith("{"):
            continue
        answer = json.loads(line)
        found[answer["path"]] = answer
        print(f"{script} {Path(answer['path']).name} {answer.get('broken', '')}".strip(), flush=True)
    if process.wait() != 0 or len(found) < len(paths):
        raise SystemExit(f"{script} ended early; see {env['COMPAT_LOG']}")
    return found


def files(python: Path) -> list[Path]:
    """The example DAGs that the packages bring, and those of this folder."""
    site = subprocess.run([str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], check=True, capture_output=True, text=True)
    base = Path(site.stdout.strip()) / "airflow"
    places = [base / "example_dags", base / "providers" / "standard" / "example_dags"]
    found = [path for place in [*places, HERE / "dags"] for path in sorted(place.rglob("*.py")) if path.name != "__init__.py"]
    return [path for path in found if "DAG" in (text := path.read_text()) or "@dag" in text or "@asset" in text]


def compare(name: str, theirs: dict[str, Any], ours: dict[str, Any], report: Report) -> None:
    for where, text in ours["errors"].items():
        report.not_loaded.append(f"{name}: {where}: {text.strip().splitlines()[-1]}")
    for dag_id in sorted(set(theirs["dags"]) | set(ours["dags"])):
        there, here = theirs["dags"].get(dag_id), ours["dags"].get(dag_id)
        if there is None or here is None:
            report.different.append(f"{dag_id}: only {'here' if there is None else 'there'}")
        elif "error" in there:
            report.left_out.append(f"{dag_id}: real Airflow cannot run it: {there['error'].strip().splitlines()[-1]}")
        elif "error" in here:
            report.different.append(f"{dag_id}: {here['error']}")
        elif (there["run"], there["tasks"]) == (here["run"], here["tasks"]):
            values = other_values(there, here) if name in OWN else []
            if values:
                report.different.append(f"{dag_id}: " + "; ".join(values))
            else:
                report.same.append(dag_id)
        else:
            labels = sorted(set(there["tasks"]) | set(here["tasks"]))
            parts = [f"{task}: {there['tasks'].get(task, 'absent')} there, {here['tasks'].get(task, 'absent')} here"
                     for task in labels if there["tasks"].get(task, "absent") != here["tasks"].get(task, "absent")]
            if there["run"] != here["run"]:
                parts.append(f"run: {there['run']} there, {here['run']} here")
            said = "; ".join(f"{task} said {text}" for task, text in here.get("said", {}).items())
            report.different.append(f"{dag_id}: " + "; ".join(parts) + (f" ({said})" if said else ""))


def other_values(there: dict[str, Any], here: dict[str, Any]) -> list[str]:
    """What tasks gave there and not here. (A branch of Airflow 3.3.2 gives nothing when it skips something.)"""
    return [f"{task}: gave {value!r} there, {here['values'].get(task)!r} here" for task, value in there["values"].items()
            if here["values"].get(task) != value]


def record(real: dict[str, dict[str, Any]]) -> None:
    """Put what was said of some files into the vector; the other DAGs in it stay."""
    kept = json.loads(VECTOR.read_text())
    for answer in real.values():
        for dag_id, found in answer["dags"].items():
            kept["dags"][dag_id] = {"run": found["run"], "tasks": dict(sorted(found["tasks"].items())), "values": dict(sorted(found["values"].items()))}
    VECTOR.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "compat")
    parser.add_argument("--only", help="files whose names hold one of these, separated by commas")
    parser.add_argument("--record", action="store_true", help="keep what Airflow says of our own files for the tests in python/tests/runtime")
    parser.add_argument("--seconds", type=int, default=120, help="for one file")
    options = parser.parse_args()
    work = options.work.absolute()
    work.mkdir(parents=True, exist_ok=True)
    python = environment(work)
    report = Report()
    there, here = settings(work / "theirs", options.seconds), settings(work / "ours", options.seconds)
    here["PYTHONPATH"] = str(ROOT / "python")
    subprocess.run([str(python), "-m", "airflow", "db", "migrate"], env=there, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    paths = [path for path in files(python) if not options.only or any(part in path.name for part in options.only.split(","))]
    mine, real = run(python, "ours.py", paths, here), run(python, "theirs.py", paths, there)
    for path in paths:
        ours, theirs = mine[str(path)], real[str(path)]
        if "broken" in ours:
            report.not_loaded.append(f"{path.name}: {ours['broken']}")
            continue
        report.loaded += not ours["errors"]
        if "broken" in theirs:
            report.left_out.append(f"{path.name}: real Airflow does not run it: {theirs['broken'][-600:]}")
            continue
        compare(path.name, theirs, ours, report)
    if options.record:
        record({str(path): real[str(path)] for path in paths if path.name in OWN})
    for title, lines in (("left out", report.left_out), ("not loaded here", report.not_loaded), ("different", report.different)):
        for line in lines:
            print(f"{title}: {line}")
    print(f"{report.loaded} files loaded; {len(report.same)} DAGs end in the same states, {len(report.different)} differ, "
          f"{len(report.left_out)} were not compared, {len(report.not_loaded)} not loaded here")
    return 1 if report.different or report.not_loaded else 0


if __name__ == "__main__":
    sys.exit(main())
