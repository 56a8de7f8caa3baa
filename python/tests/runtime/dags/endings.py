"""A task for each way a task can end."""

import multiprocessing
import os
import signal
import sys
import threading
import time
from datetime import datetime, timedelta

from airflow.exceptions import AirflowFailException, AirflowSkipException
from airflow.sdk import DAG, get_current_context, task


def note(name):
    def callback(context):
        print(f"callback {name} {context['ti'].task_id} {type(context.get('exception')).__name__}")

    return callback


callbacks = {f"on_{name}_callback": note(name) for name in ("execute", "success", "failure", "retry", "skipped")}

with DAG("endings", start_date=datetime(2024, 1, 1), schedule=None, default_args=callbacks):

    @task
    def ok(ds=None):
        print("plain line")
        return {"ds": ds, "env": os.environ["AIRFLOW_CTX_TASK_ID"]}

    @task
    def nothing():
        return None

    @task
    def fails():
        raise ValueError("broken on purpose")

    @task
    def fails_for_good():
        raise AirflowFailException("never again")

    @task
    def skips():
        raise AirflowSkipException("not today")

    @task(execution_timeout=timedelta(seconds=0.2))
    def too_long():
        time.sleep(30)

    @task
    def segfault():
        os.kill(os.getpid(), signal.SIGSEGV)

    @task
    def leaves_hard():
        os._exit(7)

    @task
    def sys_exit(code=0):
        sys.exit(code)

    @task
    def interrupted():
        raise KeyboardInterrupt

    @task
    def waits():
        print("waiting")
        time.sleep(60)

    @task
    def talks():
        line = "x" * 1023
        for _ in range(50 * 1024):
            print(line)

    @task
    def threads():
        stop = threading.Event()
        threading.Thread(target=stop.wait, args=(3600,)).start()
        return threading.active_count()

    @task
    def unstorable():
        return object()

    @task(multiple_outputs=True)
    def several():
        return {"a": 1, "b": [2]}

    @task
    def pushes():
        ti = get_current_context()["ti"]
        ti.xcom_push("k", (1, 2))
        return ti.xcom_pull(task_ids="several", key="a", default="none")

    @task
    def too_large():
        return "x" * (65 << 20)

    @task
    def surrogates():
        print("printed a\udcffb")
        return "a\udcffb"

    @task
    def takes_all(**context):
        return [context["ds"], context["next_ds"]]

    @task
    def looks_back(**context):
        return str(context["prev_start_date_success"])

    @task
    def pool():
        with multiprocessing.get_context("fork").Pool(2) as workers:
            return workers.map(abs, [-1, -2])

    @task
    def forks():
        pid = os.fork()
        if pid:
            os.waitpid(pid, 0)
        return "once"

    pool()
    forks()
    for function in (too_large, surrogates, takes_all, looks_back):
        function()
    for function in (ok, nothing, fails, fails_for_good, skips, too_long, segfault, leaves_hard, sys_exit, interrupted):
        function()
    for function in (waits, talks, threads, unstorable, several, pushes):
        function()
