"""What the operators do when they run."""

from __future__ import annotations

import datetime as dt
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pendulum
import pytest
from operator_runs import context_of, make, run

from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.datetime import BranchDateTimeOperator
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.python import BranchPythonOperator, PythonOperator, ShortCircuitOperator
from airflow.providers.standard.operators.weekday import BranchDayOfWeekOperator
from airflow.sdk import BaseOperator, TaskGroup, literal, task
from airflow.sdk.exceptions import AirflowException, AirflowSkipException, DownstreamTasksSkipped


def bash(**kwargs: Any) -> BashOperator:
    return BashOperator(task_id="t", dag=make(), **kwargs)


# Bash


def test_bash_returns_the_last_line_of_rendered_output() -> None:
    assert run(bash(bash_command="echo one; echo two {{ ds }}")) == "two 2024-01-01"
    assert run(bash(bash_command="true")) == ""
    assert run(bash(bash_command="echo '{\"a\": 1}'", output_processor=len)) == 8


def test_bash_joins_errors_and_output() -> None:
    assert run(bash(bash_command="echo out; echo err >&2")) == "err"


def test_bash_reads_other_encodings() -> None:
    assert run(bash(bash_command=r"printf '\xb0\xa1'", output_encoding="euc-kr")) == "가"
    assert run(bash(bash_command=r"printf 'a\xff'")) == "a\\xff"


def test_bash_fails_and_skips_by_exit_code() -> None:
    with pytest.raises(AirflowException, match="non-zero exit code 3"):
        run(bash(bash_command="exit 3"))
    with pytest.raises(AirflowSkipException):
        run(bash(bash_command="exit 99"))
    with pytest.raises(AirflowSkipException):
        run(bash(bash_command="exit 3", skip_on_exit_code=[3, 4]))
    with pytest.raises(AirflowException, match="exit code 99"):
        run(bash(bash_command="exit 99", skip_on_exit_code=None))


def test_bash_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FROM_OUTSIDE", "yes")
    command = 'echo "$FROM_OUTSIDE-$GIVEN"'
    assert run(bash(bash_command=command)) == "yes-"
    assert run(bash(bash_command=command, env={"GIVEN": "{{ ds }}"})) == "-2024-01-01"
    assert run(bash(bash_command=command, env={"GIVEN": "x"}, append_env=True)) == "yes-x"


def test_bash_working_folder(tmp_path: Path) -> None:
    assert run(bash(bash_command="pwd", cwd=str(tmp_path))) == str(tmp_path)
    assert run(bash(bash_command="pwd")) != os.getcwd()
    with pytest.raises(AirflowException, match="Can not find the cwd: /does/not/exist"):
        run(bash(bash_command="pwd", cwd="/does/not/exist"))


def test_bash_script_file_is_rendered_and_run(tmp_path: Path) -> None:
    (tmp_path / "script.sh").write_text('echo "$0" > $OUT\necho day {{ ds }}\n', encoding="utf-8")
    dag = make(template_searchpath=str(tmp_path))
    operator = BashOperator(task_id="t", bash_command="script.sh", env={"OUT": str(tmp_path / "name")}, append_env=True, dag=dag)
    assert run(operator) == "day 2024-01-01"
    assert (tmp_path / "name").read_text(encoding="utf-8").strip().endswith(".sh")
    with pytest.raises(Exception, match=r"missing\.sh"):
        run(BashOperator(task_id="u", bash_command="missing.sh", dag=dag))


def test_bash_is_stopped_with_everything_it_started(tmp_path: Path) -> None:
    fifo = tmp_path / "started"
    os.mkfifo(fifo)
    operator = bash(bash_command=f"(sleep 600 & echo $! > {fifo}; wait)")
    failed: list[BaseException] = []

    def work() -> None:
        try:
            run(operator)
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    child = int(fifo.read_text(encoding="utf-8"))
    operator.on_kill()
    thread.join(timeout=30)
    assert not thread.is_alive()
    assert isinstance(failed[0], AirflowException)
    # The output pipe is closed only when the last process of the group is gone; it may still be a zombie then.
    status = Path(f"/proc/{child}/stat")
    assert not status.exists() or status.read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z"


def test_bash_without_command_names_the_argument() -> None:
    with pytest.raises(TypeError, match="missing keyword argument 'bash_command' of BashOperator"):
        BashOperator(task_id="t", dag=make())  # type: ignore[call-arg]


# Python


def python(function: Callable[..., Any], **kwargs: Any) -> PythonOperator:
    return PythonOperator(task_id="t", python_callable=function, dag=make(), **kwargs)


def test_python_gets_what_it_asks_for() -> None:
    assert run(python(lambda ds, run_id: (ds, run_id))) == ("2024-01-01", "r")
    assert run(python(lambda **context: context["ds"])) == "2024-01-01"
    assert run(python(lambda x, ds=None: (x, ds), op_args=["{{ run_id }}"])) == ("r", "2024-01-01")
    assert run(python(lambda ds: ds, op_kwargs={"ds": "mine"})) == "mine"
    assert run(python(lambda x: x, op_kwargs={"x": ["{{ ds }}", {"k": ("{{ ds }}",)}]})) == ["2024-01-01", {"k": ("2024-01-01",)}]
    assert run(python(lambda templates_dict: templates_dict, templates_dict={"a": "{{ ds }}"})) == {"a": "2024-01-01"}
    assert run(python(lambda: 5)) == 5


def test_python_refuses_arguments_it_cannot_place() -> None:
    with pytest.raises(TypeError):
        run(python(lambda: 1, op_args=[1]))
    with pytest.raises(ValueError, match="ds"):
        run(python(lambda ds: ds, op_args=["x"]))


def test_python_runs_coroutines() -> None:
    async def work(ds: str) -> str:
        return ds

    assert run(python(work)) == "2024-01-01"


def test_python_callable_objects() -> None:
    class Adder:
        def __call__(self, x: int, ds: str | None = None) -> tuple[int, str | None]:
            return x + 1, ds

    assert run(python(Adder(), op_args=[1])) == (2, "2024-01-01")


def test_provide_context_of_old_files_is_accepted() -> None:
    assert run(python(lambda **context: context["ds"], provide_context=True)) == "2024-01-01"
    with make(default_args={"provide_context": True}):
        assert PythonOperator(task_id="t", python_callable=print).task_id == "t"


def test_template_fields_without_a_comma() -> None:
    class Forgetful(BaseOperator):
        template_fields = "sql"

    with pytest.raises(TypeError, match="needs a comma: 'sql'"):
        Forgetful(task_id="t", dag=make())


# Branches and short circuits


def branching(choice: Any) -> BranchPythonOperator:
    with make():
        operator = BranchPythonOperator(task_id="choose", python_callable=lambda: choice)
        a, b, c = (EmptyOperator(task_id=name) for name in "abc")
        with TaskGroup("g"):
            first = EmptyOperator(task_id="first")
            first >> EmptyOperator(task_id="second")
        operator >> [a, b, first]
        b >> c
        a >> c
    return operator


@pytest.mark.parametrize(
    ("choice", "skipped"),
    [
        ("a", ["b", "g.first"]),
        (["a", "b"], ["g.first"]),
        ("g", ["a", "b"]),
        (None, ["a", "b", "g.first"]),
        ([], ["a", "b", "g.first"]),
    ],
)
def test_branch(choice: Any, skipped: list[str]) -> None:
    with pytest.raises(DownstreamTasksSkipped) as signalled:
        run(branching(choice))
    assert sorted(signalled.value.tasks) == skipped  # type: ignore[type-var]
    assert signalled.value.return_value == choice


def test_branch_that_skips_nothing_returns_the_choice() -> None:
    assert run(branching(["a", "b", "g.first"])) == ["a", "b", "g.first"]


def test_branch_does_not_skip_what_a_followed_task_leads_to() -> None:
    with make():
        operator = BranchPythonOperator(task_id="choose", python_callable=lambda: "a")
        a, join = EmptyOperator(task_id="a"), EmptyOperator(task_id="join")
        operator >> [a, join]
        a >> join
    assert run(operator) == "a"


@pytest.mark.parametrize(("choice", "message"), [("nothing", "Invalid tasks found: {'nothing'}"), ([1], "expected all task IDs are strings"), (5, "must be either None")])  # fmt: skip
def test_bad_branch(choice: Any, message: str) -> None:
    with pytest.raises(AirflowException, match=message):
        run(branching(choice))


def short_circuit(value: Any, **kwargs: Any) -> ShortCircuitOperator:
    with make():
        operator = ShortCircuitOperator(task_id="check", python_callable=lambda: value, **kwargs)
        a, b = EmptyOperator(task_id="a"), EmptyOperator(task_id="b")
        operator >> a >> b >> EmptyOperator(task_id="end").as_teardown(setups=a)
    return operator


def test_short_circuit() -> None:
    assert run(short_circuit([1])) == [1]
    with pytest.raises(DownstreamTasksSkipped) as signalled:
        run(short_circuit(0))
    assert signalled.value.tasks == ["a", "b"]
    assert signalled.value.return_value == 0
    with pytest.raises(DownstreamTasksSkipped) as signalled:
        run(short_circuit("", ignore_downstream_trigger_rules=False))
    assert signalled.value.tasks == ["a"]


def test_branch_by_day_and_time() -> None:
    with make(start_date=pendulum.datetime(2024, 1, 1, tz="Asia/Seoul")):
        by_day = BranchDayOfWeekOperator(
            task_id="day",
            follow_task_ids_if_true="a",
            follow_task_ids_if_false="b",
            week_day="Monday",
            use_task_logical_date=True,
        )
        by_time = BranchDateTimeOperator(
            task_id="time",
            follow_task_ids_if_true="a",
            follow_task_ids_if_false="b",
            target_lower=dt.time(22),
            target_upper=dt.time(4),
            use_task_logical_date=True,
        )
    # 2024-01-01 is a Monday; 15:00 UTC is Tuesday midnight in Seoul.
    assert by_day.choose_branch(context_of(by_day)) == "a"
    assert by_day.choose_branch(context_of(by_day, logical_date=pendulum.datetime(2024, 1, 1, 15))) == "b"
    assert by_time.choose_branch(context_of(by_time, logical_date=pendulum.datetime(2024, 1, 1, 14))) == "a"
    assert by_time.choose_branch(context_of(by_time, logical_date=pendulum.datetime(2024, 1, 1, 4))) == "b"
    with pytest.raises(AttributeError, match="Funday"):
        BranchDayOfWeekOperator(
            task_id="x", follow_task_ids_if_true="a", follow_task_ids_if_false="b", week_day="Funday", dag=make()
        )


# Decorators


def test_decorated_tasks_run() -> None:
    with make() as dag:

        @task
        def add(x: int, y: int = 1, ds: str | None = None) -> tuple[int, str | None]:
            return x + y, ds

        @task.bash(env={"A": "{{ run_id }}"}, append_env=True)
        def command(word: str) -> str:
            return f"echo {word} $A {{{{ ds }}}}"

        @task.branch
        def choose() -> str:
            return "left"

        @task.short_circuit
        def check() -> bool:
            return True

        add(1, y=2)
        command("hi")
        choose() >> [EmptyOperator(task_id="left"), EmptyOperator(task_id="right")]
        check()
    assert run(dag.get_task("add")) == (3, "2024-01-01")
    assert run(dag.get_task("command")) == "hi r 2024-01-01"
    with pytest.raises(DownstreamTasksSkipped) as signalled:
        run(dag.get_task("choose"))
    assert signalled.value.tasks == ["right"]
    assert run(dag.get_task("check")) is True


def test_bash_decorator_wants_a_command() -> None:
    with make() as dag:

        @task.bash
        def command() -> str:
            return " "

        command()
    with pytest.raises(TypeError, match="non-empty string"):
        run(dag.get_task("command"))


@pytest.mark.parametrize(
    ("decorate", "message"),
    [
        (lambda: task.run_if(lambda c: False), "Run condition is not met"),
        (lambda: task.run_if(lambda c: (False, "because")), "because"),
        (lambda: task.skip_if(lambda c: c["ds"] == "2024-01-01", skip_message="today"), "today"),
    ],
)
def test_conditions_skip(decorate: Any, message: str) -> None:
    with make() as dag:

        @decorate()
        @task
        def work() -> None: ...

        work()
    operator = dag.get_task("work")
    with pytest.raises(AirflowSkipException, match=message):
        operator.pre_execute(context_of(operator))


def test_conditions_let_pass_and_keep_the_hook() -> None:
    called = []
    with make() as dag:

        @task.run_if(lambda c: True)
        @task.skip_if(lambda c: False)
        @task(pre_execute=called.append)
        def work() -> None: ...

        work()
    dag.get_task("work").pre_execute(context_of(dag.get_task("work")))
    assert len(called) == 1
    with pytest.raises(TypeError, match="above @task"):
        task.run_if(lambda c: True)(print)


def test_unmapped_operator_has_the_arguments_of_its_instance() -> None:
    with make(default_args={"retries": 3}) as dag:
        BashOperator.partial(task_id="m", env={"A": "1"}).expand(bash_command=["echo a", "echo b"])

        @task
        def add(x: int, y: int) -> int:
            return x + y

        add.partial(y=10).expand(x=[1, 2])
    mapped = dag.get_task("m")
    operator = mapped.unmap({"bash_command": "echo b"})
    assert (operator.bash_command, operator.env, operator.retries, operator.task_id) == ("echo b", {"A": "1"}, 3, "m")
    assert operator.dag is dag
    assert dag.get_task("m") is mapped
    assert run(operator) == "b"
    assert run(dag.get_task("add").unmap({"x": 2})) == 12
    assert dag.task_ids == ["m", "add"]


def test_expand_kwargs_refuses_repeated_arguments() -> None:
    with make() as dag:
        BashOperator.partial(task_id="m", env={"A": "1"}).expand_kwargs([{"bash_command": "true"}])
    with pytest.raises(TypeError, match="'env'"):
        dag.get_task("m").unmap({"bash_command": "true", "env": {}})


# Rendering


class Carrier:
    template_fields = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


class Rendered(BaseOperator):
    template_fields = ("value",)
    template_ext = (".sql",)

    def __init__(self, *, value: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.value = value

    def execute(self, context: Any) -> Any:
        return self.value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("{{ ds }}", "2024-01-01"),
        ("plain text", "plain text"),
        ("ends with a newline\n", "ends with a newline"),
        (["{{ ds }}", 5], ["2024-01-01", 5]),
        ({"{{ ds }}": "{{ ds }}"}, {"{{ ds }}": "2024-01-01"}),
        (("{{ ds }}",), ("2024-01-01",)),
        ({"{{ ds }}"}, {"2024-01-01"}),
        (literal("{{ ds }}"), "{{ ds }}"),
        ("{{ ds | length }}{# note #}", "10"),
        ("{{ dag_run.logical_date | ds_nodash }}", "20240101"),
        (None, None),
        (0, 0),
    ],
)
def test_rendering(value: Any, expected: Any) -> None:
    assert run(Rendered(task_id="t", value=value, dag=make())) == expected


def test_rendering_of_objects_files_macros_and_native_values(tmp_path: Path) -> None:
    carrier = Carrier("{{ ds }}")
    run(Rendered(task_id="t", value=[carrier, carrier], dag=make()))
    assert carrier.text == "2024-01-01"
    (tmp_path / "q.sql").write_text("select '{{ ds }}'", encoding="utf-8")
    assert run(Rendered(task_id="t", value="q.sql", dag=make(template_searchpath=[str(tmp_path)]))) == "select '2024-01-01'"
    own = make(user_defined_macros={"twice": lambda x: x * 2}, user_defined_filters={"loud": str.upper})
    assert run(Rendered(task_id="t", value="{{ twice('ab') | loud }}", dag=own)) == "ABAB"
    assert run(Rendered(task_id="t", value="{{ [1, 2] }}", dag=make(render_template_as_native_obj=True))) == [1, 2]
    assert run(Rendered(task_id="t", value="<< ds >>", dag=make(jinja_environment_kwargs={"variable_start_string": "<<", "variable_end_string": ">>"}))) == "2024-01-01"  # fmt: skip
    asked = Rendered(task_id="t", value=lambda context, jinja_env: context["ds"], dag=make())
    assert run(asked) == "2024-01-01"
    with pytest.raises(Exception, match="'nope' is undefined"):
        run(Rendered(task_id="t", value="{{ nope }}", dag=make()))


def test_signals_are_left_alone() -> None:
    """Running a command must not change how this process is stopped."""
    before = signal.getsignal(signal.SIGTERM)
    run(bash(bash_command="true"))
    assert signal.getsignal(signal.SIGTERM) == before


def test_arguments_that_the_function_does_not_take_are_dropped(caplog: pytest.LogCaptureFixture) -> None:
    made = PythonOperator(task_id="t", python_callable=lambda a: a, op_kwargs={"a": 1, "typo": 2}, dag=make())
    with caplog.at_level("WARNING", logger="airflow.task"):
        assert run(made) == 1
    assert "<lambda> takes no argument typo: not passed" in caplog.text
    untold = PythonOperator(task_id="u", python_callable=dict, op_kwargs={"a": 1}, dag=make())
    assert run(untold) == {"a": 1}, "a function that does not tell its parameters gets what is given"
