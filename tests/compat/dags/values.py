"""Values between tasks, variables, connections, the context, ways to end, retry policies, assets."""
from __future__ import annotations

import datetime as dt
import decimal
import enum
import json
import os
import uuid
from typing import NamedTuple

from airflow.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowNotFoundException,
    AirflowRescheduleException,
    AirflowSkipException,
    AirflowTaskTimeout,
)
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import (
    DAG,
    Asset,
    AssetAlias,
    BaseHook,
    BaseOperator,
    Connection,
    ExceptionRetryPolicy,
    Metadata,
    Param,
    RetryAction,
    RetryDecision,
    RetryPolicy,
    RetryRule,
    Variable,
    get_current_context,
    task,
)
from airflow.sdk.exceptions import AirflowRuntimeError

START = dt.datetime(2024, 1, 1, tzinfo=dt.timezone.utc)
os.environ |= {
    "AIRFLOW_VAR_PLAIN": "text", "AIRFLOW_VAR_JSON": '{"a": [1]}', "AIRFLOW_VAR_EMPTY": "", "AIRFLOW_VAR_NUMBER": "5",
    "AIRFLOW_CONN_URI": "postgres://me:p%40ss@host:5432/db?sslmode=require", "AIRFLOW_CONN_BARE": "http://",
    "AIRFLOW_CONN_JSON": json.dumps({"conn_type": "ssh", "host": "h", "port": "22", "login": "u", "extra": {"k": {"n": 1}}}),
}


class Pair(NamedTuple):
    a: int
    b: str


class Colour(str, enum.Enum):
    RED = "red"


class Number(enum.IntEnum):
    ONE = 1


class Plain(enum.Enum):
    A = "a"


VALUES = {
    "text": "한글\n", "number": 5, "float": 1.5, "none_in_list": [None], "bool": True, "dict": {"a": {"b": [1]}}, "tuple": (1, ("a",)),
    "set": {1}, "frozenset": frozenset({1}), "date": dt.date(2024, 2, 29), "moment": START, "naive": dt.datetime(2024, 1, 1), "delta": dt.timedelta(1, 2, 3),
    "decimal": decimal.Decimal("1.10"), "uuid": uuid.UUID(int=5), "named_tuple": Pair(1, "x"), "enum": Colour.RED, "dict_of_dates": {"d": [dt.date(2024, 1, 1)]},
    "int_enum": Number.ONE, "empty_dict": {}, "empty_list": [], "empty_text": "", "zero": 0, "long": "x" * 5000,
}
REFUSED = {
    "bytes": b"x", "object": object(), "function": len, "class": int, "generator": (n for n in [1]), "complex": 1j, "time": dt.time(1, 2),
    "int_keys": {1: "a"}, "mixed_keys": {1: "a", "b": 2}, "param": Param(5), "exception": ValueError("x"), "plain_enum": Plain.A,
}

with DAG("values_xcoms", schedule=None, start_date=START):

    def gives(name):
        return VALUES[name] if name in VALUES else REFUSED[name]

    def takes(value):
        return repr(value)

    for name in VALUES:
        PythonOperator(task_id=f"takes_{name}", python_callable=takes,
                       op_args=[PythonOperator(task_id=name, python_callable=gives, op_args=[name]).output])
    for name in REFUSED:
        PythonOperator(task_id=name, python_callable=gives, op_args=[name])

    @task
    def pushes(ti=None):
        answers = {}
        for key, value in {"k": 1, "a b": (1,), "none": None}.items():
            try:
                ti.xcom_push(key=key, value=value)
                answers[key] = ti.xcom_pull(task_ids="pushes", key=key)
            except Exception as error:
                answers[key] = type(error).__name__
        return str(answers)

    pushes()

with DAG("values_lookups", schedule=None, start_date=START):

    def tried(function, *args, **kwargs):
        try:
            return repr(function(*args, **kwargs))
        except AirflowNotFoundException:
            return "AirflowNotFoundException"
        except AirflowRuntimeError:
            return "AirflowRuntimeError"

    @task
    def variables():
        get = Variable.get
        return [
            tried(get, "plain"), tried(get, "json", deserialize_json=True), tried(get, "json"), tried(get, "empty"), tried(get, "number", deserialize_json=True),
            tried(get, "missing"), tried(get, "missing", default=None), tried(get, "missing", default="d"),
            tried(get, "missing", default={"a": 1}, deserialize_json=True), tried(get, "PLAIN"),
        ]

    @task
    def connections():
        found = []
        for conn_id in ("uri", "json", "bare"):
            conn = BaseHook.get_connection(conn_id)
            found.append([conn.conn_id, conn.conn_type, conn.host, conn.login, conn.password, conn.schema, conn.port, conn.extra_dejson, conn.get_uri()])
        return [*found, tried(BaseHook.get_connection, "missing"), tried(Connection.get, "missing"), Connection.get("uri").host]

    @task
    def context_names():
        context = get_current_context()
        wanted = ("dag", "task", "ti", "task_instance", "run_id", "params", "ds", "ts", "logical_date", "data_interval_start", "macros", "var", "conn", "inlets",
                  "outlets", "inlet_events", "outlet_events", "triggering_asset_events", "task_instance_key_str", "task_reschedule_count", "prev_start_date_success")
        return [name for name in wanted if name not in context]

    @task
    def templates(a, b, c, d):
        return [a, b, c, d]

    variables()
    connections()
    context_names()
    templates("{{ var.value.plain }} {{ var.json.json.a[0] }}", "{{ var.value.get('missing', 'd') }} {{ var.json.get('missing', {'a': 1}).a }}",
              "{{ conn.uri.host }} {{ conn.json.extra_dejson.k.n }} {{ conn.get('missing', 'no') }}", "{{ macros.ds_add('2024-02-28', 2) }}")
    for name, template in {
        "var_missing": "{{ var.value.missing }}", "conn_missing": "{{ conn.missing.host }}", "json_wrong": "{{ var.json.plain }}", "ti_missing": "{{ ti.nothing }}",
    }.items():
        PythonOperator(task_id=name, python_callable=print, op_args=[template])

with DAG("values_ends", schedule=None, start_date=START, default_args={"retry_delay": 0}):

    class Never(RetryPolicy):
        def evaluate(self, exception, try_number, max_tries, context=None):
            return RetryDecision.fail("never") if isinstance(exception, KeyError) else RetryDecision.default()

    def ends(how, ti):
        if how == "retries":
            if ti.try_number < 3:
                raise ValueError
            return ti.try_number
        if how == "reschedules":
            if ti.try_number == 1 and not os.path.exists(f"{os.environ['HOME']}/rescheduled-{os.getpid()}"):
                open(f"{os.environ['HOME']}/rescheduled-{os.getpid()}", "w").close()
                raise AirflowRescheduleException(dt.datetime.now(dt.timezone.utc))
            return ti.try_number
        raise {"skip": AirflowSkipException, "fail": AirflowFailException, "value": ValueError, "key": KeyError, "airflow": AirflowException, "timeout": AirflowTaskTimeout,
               "exit": SystemExit, "base": BaseException, "keyboard": KeyboardInterrupt, "assertion": AssertionError, "stop": StopIteration}[how]("x")

    for how in ("skip", "fail", "value", "key", "airflow", "timeout", "exit", "assertion", "stop", "retries", "reschedules"):
        PythonOperator(task_id=how, python_callable=ends, op_args=[how], retries=2)
    policy = ExceptionRetryPolicy([RetryRule(KeyError, action=RetryAction.FAIL), RetryRule([ValueError], retry_delay=dt.timedelta(0))])
    for how in ("key", "value", "assertion"):
        PythonOperator(task_id=f"policy_{how}", python_callable=ends, op_args=[how], retries=1, retry_policy=policy)
        PythonOperator(task_id=f"own_policy_{how}", python_callable=ends, op_args=[how], retries=1, retry_policy=Never())

with DAG("values_assets", schedule=None, start_date=START):
    first, second = Asset("values_first", "s3://bucket/first"), Asset("values_second")

    @task(outlets=[first])
    def writes(outlet_events=None):
        outlet_events[first].extra = {"rows": 5}
        return outlet_events[first].extra

    @task(outlets=[second])
    def yields():
        yield Metadata(second, {"a": 1})

    @task(outlets=[AssetAlias("values_alias")])
    def adds(outlet_events=None):
        outlet_events[AssetAlias("values_alias")].add(Asset("values_third"), extra={"b": 2})

    @task(outlets=[first])
    def wrong(outlet_events=None):
        return outlet_events[second].extra

    @task(inlets=[first])
    def reads(inlet_events=None, inlets=None):
        return [str(asset.name) for asset in inlets]

    @task(do_xcom_push=False)
    def returns():
        return first

    writes()
    yields()
    adds()
    wrong()
    reads()
    returns()
    EmptyOperator(task_id="empty", outlets=[first])
    BaseOperator(task_id="base")
