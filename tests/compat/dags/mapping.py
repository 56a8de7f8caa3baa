"""Mapping, task groups, XComs, params, callbacks, retries, setup and teardown."""
from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

from airflow.exceptions import AirflowException, AirflowFailException, AirflowSkipException
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG, BaseNotifier, BaseOperator, Param, TaskGroup, XComArg, chain, dag, setup, task, task_group, teardown

START = dt.datetime(2024, 1, 1, tzinfo=dt.timezone.utc)
CALLS = Path.home() / f"calls-{os.getpid()}"


def note(text: str) -> None:
    with CALLS.open("a") as file:
        file.write(text + "\n")


def tells(name: str):
    def tell(context):
        error = context.get("exception")
        note(f"{name} {context['ti'].task_id} {context['ti'].map_index} try {context['ti'].try_number} {type(error).__name__ if error else ''}")

    return tell


class Note(BaseNotifier):
    template_fields = ("text",)

    def __init__(self, text, **kwargs):
        super().__init__(**kwargs)
        self.text = text

    def notify(self, context):
        note(f"notifier {self.text}")


def breaks(context):
    raise RuntimeError("in the callback")


class Adds(BaseOperator):
    template_fields = ("a", "b")

    def __init__(self, *, a, b=10, **kwargs):
        super().__init__(**kwargs)
        self.a, self.b = a, b

    def execute(self, context):
        return [self.a, self.b]


with DAG("mapping_values", schedule=None, start_date=START, params={"n": 3}):

    @task
    def numbers(count: int = 3):
        return list(range(count))

    @task
    def table():
        return {"a": 1, "b": [2]}

    @task
    def dicts():
        return [{"a": 1}, {"a": 2, "b": "{{ params.n }}"}]

    @task
    def gives(value):
        return value

    @task
    def both(x, y="default", *, ti=None):
        return [x, y, ti.map_index]

    @task
    def nothing():
        return None

    @task
    def text():
        return "abc"

    def odd(value):
        if value % 2 == 0:
            raise AirflowSkipException("even")
        return value * 100

    some = numbers()
    both.expand(x=some)
    both.override(task_id="product").expand(x=[1, 2], y=["a", "b", "c"])
    both.override(task_id="with_partial").partial(y="{{ params.n }}").expand(x=["{{ params.n }}", 1])
    both.override(task_id="over_dict").expand(x=table())
    both.override(task_id="over_literal_dict").expand(x={"k": 1, "l": 2})
    both.override(task_id="kwargs").expand_kwargs([{"x": 1}, {"x": 2, "y": 3}])
    both.override(task_id="kwargs_missing").expand_kwargs([{"x": 1}, {"y": 3}])
    both.override(task_id="kwargs_from_task").expand_kwargs(dicts().map(lambda d: {"x": d["a"], "y": d.get("b")}))
    both.override(task_id="mapped_function").expand(x=some.map(odd))
    both.override(task_id="twice_mapped").expand(x=some.map(lambda n: n + 1).map(lambda n: n * 10))
    both.override(task_id="zipped").expand(x=some.zip(dicts()))
    both.override(task_id="zipped_filled").expand(x=some.zip(dicts(), fillvalue="none"))
    both.override(task_id="joined").expand(x=some.concat(numbers.override(task_id="more")(2)))
    made = gives.override(task_id="made").expand(value=some)
    gives.override(task_id="again").expand(value=made)
    both.override(task_id="list_of_results").expand(x=[1, gives.override(task_id="single")(5)])
    both.override(task_id="empty").expand(x=numbers.override(task_id="none")(0)) >> EmptyOperator(task_id="after_empty") >> EmptyOperator(
        task_id="after_empty_done", trigger_rule="all_done")
    both.override(task_id="of_none").expand(x=nothing())
    both.override(task_id="of_text").expand(x=text())
    Adds.partial(task_id="operator", b="{{ params.n }}").expand(a=["{{ params.n }}", some])
    Adds.partial(task_id="operator_kwargs").expand_kwargs([{"a": 1}, {"a": "{{ ti.map_index }}", "b": 2}])
    Adds.partial(task_id="operator_xcom").expand(a=XComArg(gives.override(task_id="listed")([7, 8]).operator))
    BashOperator.partial(task_id="bash", do_xcom_push=True).expand(bash_command=["echo 1", "echo {{ ti.map_index }}", "exit 99", "exit 1"])
    BashOperator.partial(task_id="bash_env", bash_command="echo $A").expand(env=[{"A": "1"}, {"A": "{{ params.n }}"}])
    PythonOperator.partial(task_id="python", python_callable=lambda a, b=0: [a, b]).expand(op_args=[[1], [2, 3]])
    PythonOperator.partial(task_id="python_kwargs", python_callable=lambda a, b=0: [a, b], op_kwargs={"b": 5}).expand_kwargs([{"op_args": [1]}])
    Adds.partial(task_id="label", map_index_template="{{ task.a }}").expand(a=["x", "y"])

    @task
    def pulls(ti=None):
        return {
            "all": ti.xcom_pull(task_ids="made"),
            "one": ti.xcom_pull(task_ids="made", map_indexes=1),
            "some": ti.xcom_pull(task_ids="made", map_indexes=[2, 0]),
            "missing": ti.xcom_pull(task_ids="made", map_indexes=9, default="d"),
            "several": ti.xcom_pull(task_ids=["numbers", "table"]),
            "own": ti.xcom_pull(),
            "no_such": ti.xcom_pull(task_ids="nobody"),
            "key": ti.xcom_pull(task_ids="pushes", key="k"),
            "no_key": ti.xcom_pull(task_ids="pushes", key="none"),
        }

    @task
    def pushes(ti=None):
        ti.xcom_push("k", [1])
        ti.xcom_push("k", {"a": (1, 2)})
        return "returned"

    [made, pushes()] >> pulls()

with DAG("mapping_groups", schedule=None, start_date=START):

    @task
    def lists():
        return [1, 2, 3]

    @task
    def fails_at_two(n):
        if n == 2:
            raise AirflowFailException("two")
        return n

    @task
    def doubled(n):
        return n * 2

    @task
    def total(values):
        return sorted(v for v in values if v is not None)

    @task_group
    def worked(n, k="k"):
        one = fails_at_two(n)
        two = doubled(one)
        one >> EmptyOperator(task_id="always_done", trigger_rule="all_done")
        return two

    made = worked.expand(n=lists())
    total.override(trigger_rule="all_done")(made)

    @task_group(group_id="fixed", prefix_group_id=False, tooltip="tip")
    def fixed(n):
        doubled.override(task_id="fixed_double")(n)

    fixed(4)
    with TaskGroup("outer") as outer:
        with TaskGroup("inner") as inner:
            EmptyOperator(task_id="a") >> EmptyOperator(task_id="b")
        inner >> EmptyOperator(task_id="c")
    EmptyOperator(task_id="before") >> outer >> EmptyOperator(task_id="after")
    worked.override(group_id="twice").expand(n=[1, 3])

with DAG("mapping_callbacks", schedule=None, start_date=START, on_failure_callback=[breaks, Note("dag {{ reason }} {{ dag.dag_id }}")],
         default_args={"retry_delay": 0, "on_execute_callback": tells("execute"), "on_retry_callback": tells("retry"),
                       "on_failure_callback": [breaks, tells("failure")], "on_success_callback": tells("success"), "on_skipped_callback": tells("skipped")}):

    def does(what, ti):
        if what == "twice" and ti.try_number < 2:
            raise ValueError(what)
        if what == "skip":
            raise AirflowSkipException
        if what == "fail":
            raise AirflowFailException(what)
        if what == "value":
            raise ValueError(what)

    chain(*[PythonOperator(task_id=what, python_callable=does, op_args=[what], retries=1, trigger_rule="all_done")
            for what in ("works", "twice", "skip", "fail", "value")],
          PythonOperator.partial(task_id="mapped", python_callable=does, retries=1, trigger_rule="all_done",
                                 on_success_callback=Note("mapped {{ ti.map_index }}")).expand(op_args=[["works"], ["value"]]),
          PythonOperator(task_id="pre_fails", python_callable=does, op_args=["works"], pre_execute=breaks, trigger_rule="all_done"))

with DAG("mapping_ends_well", schedule=None, start_date=START, on_success_callback=Note("well {{ reason }} {{ run_id == dag_run.run_id }}"),
         on_failure_callback=Note("never")):
    EmptyOperator(task_id="fine", on_success_callback=tells("fine"))

with DAG("mapping_setups", schedule=None, start_date=START):

    @setup
    def begin():
        return "made"

    @teardown
    def end(value):
        return value

    @task
    def work(fails=False):
        if fails:
            raise AirflowException("as it should")

    with end(begin()):
        work() >> work(fails=True) >> work()
    first = PythonOperator(task_id="setup_fails", python_callable=lambda: 1 / 0).as_setup()
    last = EmptyOperator(task_id="last").as_teardown(setups=first)
    first >> EmptyOperator(task_id="between") >> last
    ok = EmptyOperator(task_id="ok").as_setup()
    broken = PythonOperator(task_id="broken_teardown", python_callable=lambda: 1 / 0).as_teardown(setups=ok)
    ok >> EmptyOperator(task_id="within") >> broken
    matters = PythonOperator(task_id="matters", python_callable=lambda: 1).as_teardown(on_failure_fail_dagrun=True)
    EmptyOperator(task_id="z") >> matters >> EmptyOperator(task_id="after_teardown")


@dag(schedule=None, start_date=START, params={"p": Param(5, type="integer", minimum=1), "t": "text", "d": Param(None, type=["null", "string"])})
def mapping_params(argument=7, other="{{ ds }}"):
    @task
    def shows(argument, other, params=None, dag_run=None):
        return [argument, other, dict(params), dag_run.conf]

    shows(argument, other)
    shows.override(task_id="own", params={"p": 9, "new": [1]})("{{ params.p }}", "{{ params.new }}")
    BashOperator(task_id="bash", bash_command="echo {{ params.argument }} {{ params.get('nothing', 'none') }} {{ params.t }}")
    BashOperator(task_id="missing", bash_command="echo {{ params.nothing }}")


mapping_params()

with DAG("mapping_templates", schedule=None, start_date=START, params={"n": 3}):

    @task
    def texts():
        return ["{{ params.n }}", "a"]

    @task
    def settings():
        return [{"x": "{{ params.n }}"}, {"x": ["{{ params.n }}"]}, {"x": {"k": "{{ params.n }}"}}, {"x": 1}]

    @task
    def one():
        return "{{ params.n }}"

    @task
    def shows(x):
        return x

    def calls(task_id):
        return PythonOperator.partial(task_id=task_id, python_callable=lambda x: x)

    shows.override(task_id="values").expand(x=texts())
    shows.override(task_id="values_of_map").expand(x=texts().map(lambda s: s + "{{ params.n }}"))
    shows.override(task_id="dicts").expand_kwargs(settings())
    shows.override(task_id="dicts_of_map").expand_kwargs(settings().map(lambda d: {"x": d["x"]}))
    shows.override(task_id="zipped").expand(x=texts().zip(texts()))
    shows.override(task_id="joined").expand(x=texts().concat(texts()))
    shows.override(task_id="plain")(one())
    shows.override(task_id="nested")([one(), {"k": one()}])
    shows.override(task_id="items").expand(x=[one(), "{{ params.n }}"])
    BashOperator.partial(task_id="bash").expand_kwargs(texts().map(lambda s: {"bash_command": "echo {{ params.n }} $A", "env": {"A": s}}))
    calls("op_args").expand(op_args=texts().map(lambda s: [s]))
    calls("op_kwargs").expand(op_kwargs=texts().map(lambda s: {"x": s}))
    PythonOperator(task_id="output", python_callable=lambda x: x, op_kwargs={"x": one().operator.output})
