"""Work for the fault runs: every task tells a ledger what it does, stamped by the machine's monotonic clock."""
import os
import time
import zlib
from datetime import datetime

try:
    from airflow.sdk import DAG, task
except ImportError:
    from airflow import DAG
    from airflow.decorators import task

LEDGER = os.environ.get("FAULT_LEDGER", "/dev/null")
PAST = datetime(2024, 1, 1)


def work(context, seconds):
    ti = context["ti"]
    who = (ti.dag_id, context["run_id"], ti.task_id, ti.map_index, ti.try_number, os.environ["TRADEWIND_ATTEMPT_ID"], os.getpid())
    ledger = os.open(LEDGER, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def note(kind):
        # One small write to a file opened for appending is whole, whoever else writes.
        os.write(ledger, f"{kind} {time.monotonic():.6f} {' '.join(map(str, who))}\n".encode())

    end = time.monotonic() + seconds
    note("start")
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(left, 0.1))
        note("beat")
    note("end")


def length(*names):
    """0.1 to 0.6 s, the same for the same task in each fault run."""
    return 0.1 + zlib.crc32("/".join(map(str, names)).encode()) % 500 / 1000


def add(name, seconds=None, **options):
    @task(task_id=name, **options)
    def body(**context):
        work(context, length(context["run_id"], name) if seconds is None else seconds)

    return body()


with DAG("lanes", schedule=None, start_date=PAST, max_active_runs=64, max_active_tasks=64):
    last = add("last")
    for lane in range(4):
        first, middle, final = add(f"a{lane}"), add(f"b{lane}", pool="narrow", pool_slots=1 + lane % 2), add(f"c{lane}")
        first >> middle >> final >> last

with DAG("few", schedule=None, start_date=PAST, max_active_runs=64, max_active_tasks=2):
    for number in range(6):
        add(f"t{number}")

with DAG("single", schedule=None, start_date=PAST, max_active_runs=1):
    add("x") >> add("y") >> add("z")

with DAG("ticks", schedule="* * * * *", start_date=PAST, end_date=datetime(2024, 1, 1, 0, 59), catchup=True, max_active_runs=3):
    add("tick")

with DAG("long", schedule=None, start_date=PAST, max_active_runs=64):
    add("patience", seconds=25)
