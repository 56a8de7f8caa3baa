"""The operators of the standard set and the kinds of ``@task``, with their parameters."""
from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from airflow.exceptions import AirflowException, AirflowFailException, AirflowSkipException
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.datetime import BranchDateTimeOperator
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.latest_only import LatestOnlyOperator
from airflow.providers.standard.operators.python import (
    BranchExternalPythonOperator,
    BranchPythonOperator,
    ExternalPythonOperator,
    PythonOperator,
    ShortCircuitOperator,
)
from airflow.providers.standard.operators.smooth import SmoothOperator
from airflow.providers.standard.operators.weekday import BranchDayOfWeekOperator
from airflow.sdk import (
    DAG,
    BaseBranchOperator,
    BaseOperator,
    Label,
    TaskGroup,
    chain,
    get_current_context,
    literal,
    task,
    task_group,
)

START = dt.datetime(2024, 1, 1, tzinfo=dt.timezone.utc)
FOLDER = Path.home() / f"operators-{os.getpid()}"
FOLDER.mkdir(exist_ok=True)
(FOLDER / "script.sh").write_text("echo {{ params.word }} from a file\n")
(FOLDER / "ask.sql").write_text("select {{ params.word }}\n")
NOW = dt.datetime.now(dt.timezone.utc)
TODAY, OTHER_DAY = NOW.strftime("%A"), (NOW + dt.timedelta(days=3)).strftime("%A")


class Files(BaseOperator):
    template_fields = ("one", "many", "nested", "made")
    template_ext = (".sql",)
    template_fields_renderers = {"one": "sql"}

    def __init__(self, *, one=None, many=None, nested=None, made=None, **kwargs):
        super().__init__(**kwargs)
        self.one, self.many, self.nested, self.made = one, many, nested, made

    def prepare_template(self):
        self.prepared = True

    def execute(self, context):
        many = sorted(self.many) if isinstance(self.many, set) else self.many
        return [self.one, many, self.nested, self.made, getattr(self, "prepared", False)]


class OwnBranch(BaseBranchOperator):
    def choose_branch(self, context):
        return ["own_left", "g.inner"]


def answer(error: str):
    kinds = {"skip": AirflowSkipException, "fail": AirflowFailException, "value": ValueError, "airflow": AirflowException}
    raise kinds[error](error)


with DAG("operators_bash", schedule=None, start_date=START, params={"word": "hello"}, template_searchpath=str(FOLDER)):
    for name, options in {
        "plain": {"bash_command": "echo one; echo two"},
        "stderr": {"bash_command": "echo out; echo err >&2"},
        "empty": {"bash_command": "true"},
        "blank_last_line": {"bash_command": "echo x; echo"},
        "template": {"bash_command": "echo {{ params.word }} $WORD {{ ds is defined }}", "env": {"WORD": "{{ params.word }}"}},
        "env_alone": {"bash_command": "echo ${HOME:-no home} $A", "env": {"A": "1"}},
        "env_more": {"bash_command": "test -n \"$HOME\" && echo $A", "env": {"A": "1"}, "append_env": True},
        "context_env": {"bash_command": "echo $AIRFLOW_CTX_TASK_ID $AIRFLOW_CTX_DAG_ID $AIRFLOW_CTX_TRY_NUMBER $AIRFLOW_CTX_DAG_OWNER"},
        "context_env_with_env": {"bash_command": "echo $AIRFLOW_CTX_TASK_ID", "env": {"A": "1"}},
        "file": {"bash_command": "script.sh"},
        "file_with_blank": {"bash_command": "bash script.sh ", "cwd": str(FOLDER)},
        "cwd": {"bash_command": "pwd | xargs basename", "cwd": "/"},
        "cwd_missing": {"bash_command": "true", "cwd": "/nothing/there"},
        "cwd_file": {"bash_command": "true", "cwd": "/etc/passwd"},
        "encoding": {"bash_command": "printf '\\xe9'", "output_encoding": "latin-1"},
        "encoding_wrong": {"bash_command": "printf 'a\\xe9'"},
        "processor": {"bash_command": "echo '{\"a\": [1]}'", "output_processor": __import__("json").loads},
        "processor_breaks": {"bash_command": "echo x", "output_processor": __import__("json").loads},
        "exit_1": {"bash_command": "exit 1"},
        "exit_99": {"bash_command": "exit 99"},
        "exit_99_not_skipped": {"bash_command": "exit 99", "skip_on_exit_code": None},
        "exit_7_skipped": {"bash_command": "exit 7", "skip_on_exit_code": 7},
        "exit_8_in_list": {"bash_command": "exit 8", "skip_on_exit_code": [7, 8]},
        "exit_0_in_list": {"bash_command": "exit 0", "skip_on_exit_code": [0]},
        "no_push": {"bash_command": "echo x", "do_xcom_push": False},
        "pipe_fails": {"bash_command": "false | true"},
        "syntax": {"bash_command": "if then"},
        "undefined": {"bash_command": "echo {{ nothing }}"},
        "literal": {"bash_command": literal("echo '{{ params.word }}'")},
        "timeout": {"bash_command": "sleep 30", "execution_timeout": dt.timedelta(seconds=0.5)},
        "missing_file": {"bash_command": "nothing.sh"},
    }.items():
        BashOperator(task_id=name, **options)

    @task.bash
    def decorated(word: str) -> str:
        return f"echo {word} {{{{ params.word }}}}"

    @task.bash(env={"A": "{{ params.word }}"}, append_env=True, skip_on_exit_code=3)
    def decorated_env(code: int) -> str:
        return f"echo $A; exit {code}"

    @task.bash
    def decorated_wrong():
        return 5

    @task.bash
    def decorated_empty():
        return ""

    decorated("said")
    decorated_env(0)
    decorated_env.override(task_id="decorated_env_skips")(3)
    decorated_wrong()
    decorated_empty()

with DAG("operators_files", schedule=None, start_date=START, params={"word": "w"}, template_searchpath=[str(FOLDER)],
         user_defined_macros={"twice": lambda text: text * 2, "number": 5}, user_defined_filters={"shout": str.upper}):
    Files(task_id="file", one="ask.sql", many=["ask.sql", "{{ params.word }}"], nested={"a": "ask.sql", "{{ key }}": 1})
    Files(task_id="macros", one="{{ twice(params.word) }} {{ 'a' | shout }} {{ number + 1 }}")
    Files(task_id="callable", made=lambda context, jinja_env: context["params"]["word"] + jinja_env.from_string("{{ 1 + 1 }}").render())
    Files(task_id="falsy", one="", many=[], nested={}, made=0)
    Files(task_id="tuples", one=("{{ params.word }}", ("{{ 1 }}",)), many={"{{ params.word }}", "b"})
    Files(task_id="missing", one="nothing.sql")
    Files(task_id="missing_in_list", many=["nothing.sql"])
    Files(task_id="own_params", one="{{ params.word }}{{ params.more }}", params={"word": "own", "more": 2})
    Files(task_id="owner", one="{{ task.owner }} {{ dag.dag_id }} {{ ti.task_id }} {{ ti.try_number }} {{ ti.map_index }} {{ run_id == dag_run.run_id }}")
    Files(task_id="jinja_do", one="{% set x = [] %}{% do x.append(1) %}{{ x }}")
    Files(task_id="private", one="{{ params.word.__class__ }}")
    Files(task_id="native_here", one="{{ [1, 2] }}", render_template_as_native_obj=True)
    Files.partial(task_id="mapped", many=["{{ params.word }}"]).expand(one=["ask.sql", "{{ ti.map_index }}"])
    Files(task_id="literal", one=literal("{{ params.word }}"), many=[literal("{{ a }}")])

with DAG("operators_python", schedule=None, start_date=START, params={"n": 2}):

    def shows(*args, ti, params, extra="default", **kwargs):
        return [list(args), ti.task_id, params["n"], extra, "dag_run" in kwargs, kwargs.get("templates_dict")]

    PythonOperator(task_id="everything", python_callable=shows, op_args=[1, "{{ params.n }}"], op_kwargs={"extra": "{{ task.task_id }}"},
                   templates_dict={"a": "{{ params.n }}"})
    PythonOperator(task_id="no_arguments", python_callable=lambda: None)
    PythonOperator(task_id="op_kwargs_win", python_callable=lambda params: params, op_kwargs={"params": 5})
    PythonOperator(task_id="unknown_kwarg", python_callable=lambda: 1, op_kwargs={"a": 1})
    PythonOperator(task_id="missing_argument", python_callable=lambda needed: 1)
    PythonOperator(task_id="hidden", python_callable=lambda: {"secret": 1}, show_return_value_in_logs=False)
    PythonOperator(task_id="several", python_callable=lambda: {"a": 1, "b": [2]}, multiple_outputs=True)
    PythonOperator(task_id="several_wrong_type", python_callable=lambda: [1], multiple_outputs=True)
    PythonOperator(task_id="several_wrong_key", python_callable=lambda: {1: 2}, multiple_outputs=True)
    PythonOperator(task_id="tuple", python_callable=lambda: (1, {2}, dt.timedelta(1)))
    PythonOperator(task_id="not_storable", python_callable=lambda: object())
    PythonOperator(task_id="not_stored", python_callable=lambda: object(), do_xcom_push=False)
    PythonOperator(task_id="generator", python_callable=lambda: (n for n in [1, 2]))
    PythonOperator(task_id="exits", python_callable=lambda: sys.exit(0))
    for error in ("skip", "fail", "value", "airflow"):
        PythonOperator(task_id=f"raises_{error}", python_callable=answer, op_args=[error], retries=1, retry_delay=0)

    async def waits(n):
        return n + 1

    PythonOperator(task_id="coroutine", python_callable=waits, op_args=[1])
    PythonOperator(task_id="pre", python_callable=lambda: 1, pre_execute=lambda context: answer("skip"))
    PythonOperator(task_id="post", python_callable=lambda: 1, post_execute=lambda context, result: answer("skip"))
    PythonOperator(task_id="post_fails", python_callable=lambda: 1, post_execute=lambda context, result: answer("value"))
    PythonOperator(task_id="timeout", python_callable=lambda: __import__("time").sleep(20), execution_timeout=dt.timedelta(seconds=0.3))

    @task
    def plain(a, b="b", *, ti=None, params=None):
        return [a, b, ti.task_id, params["n"]]

    @task(multiple_outputs=True)
    def outputs() -> dict:
        return {"x": 1, "y": "{{ params.n }}"}

    @task
    def inferred() -> dict[str, int]:
        return {"x": 1}

    @task
    def not_inferred() -> dict[str, int] | None:
        return {"x": 1}

    @task
    def mapping() -> Mapping:
        return {"z": 1}

    @task
    def uses(value):
        return value

    @task
    def context_here():
        context = get_current_context()
        return [context["ti"].task_id, sorted(context["params"])]

    @task
    async def awaited(value):
        return value * 2

    @task(show_return_value_in_logs=False, templates_dict={"a": "{{ params.n }}"})
    def templated(templates_dict=None):
        return templates_dict

    @task.skip_if(lambda context: (True, "because"))
    @task
    def skipped():
        return 1

    @task.run_if(lambda context: context["params"]["n"] == 2)
    @task
    def run():
        return 1

    @task.run_if(lambda context: False, skip_message="not today")
    @task.bash
    def run_bash():
        return "echo 1"

    plain(1)
    plain(1, b="{{ params.n }}")
    plain.override(task_id="overridden", retries=3)(a={"k": ["{{ ti.task_id }}"]})
    made = outputs()
    uses(made["x"])
    uses(made["y"])
    uses(made)
    uses([made["x"], {"k": inferred()}])
    uses(not_inferred())
    uses(mapping())
    uses(f"{made['x']}")
    context_here()
    awaited(uses(4))
    templated()
    skipped()
    run()
    run_bash()

with DAG("operators_branches", schedule=None, start_date=START):

    def branch(name, chosen, **options):
        made = BranchPythonOperator(task_id=name, python_callable=lambda: chosen, **options)
        left, right = EmptyOperator(task_id=f"{name}_left"), EmptyOperator(task_id=f"{name}_right")
        join = EmptyOperator(task_id=f"{name}_join", trigger_rule="none_failed_min_one_success")
        done = EmptyOperator(task_id=f"{name}_done", trigger_rule="all_done")
        made >> [left, right] >> join
        right >> done
        return made

    branch("one", "one_left")
    branch("both", ["both_left", "both_right"])
    branch("none", None)
    branch("no_list", [])
    branch("join", "join_join") >> EmptyOperator(task_id="join_other")
    branch("unknown", "nothing_there")
    branch("number", 5)
    branch("tuple", ("tuple_left",))
    branch("elsewhere", "one_left")
    OwnBranch(task_id="own") >> [EmptyOperator(task_id="own_left"), EmptyOperator(task_id="own_right")]
    with TaskGroup("g") as group:
        EmptyOperator(task_id="inner") >> EmptyOperator(task_id="last")
    OwnBranch(task_id="own_to_group") >> [group, EmptyOperator(task_id="not_followed")]

    @task.branch
    def decorated():
        return "g2"

    @task_group
    def g2():
        EmptyOperator(task_id="first") >> EmptyOperator(task_id="second")

    decorated() >> Label("yes") >> [g2(), EmptyOperator(task_id="g3")]

    for name, options in {"ignores": {}, "rules": {"ignore_downstream_trigger_rules": False}}.items():
        for value in (True, False, 0, "x", None):
            stop = ShortCircuitOperator(task_id=f"{name}_{value}", python_callable=lambda value=value: value, **options)
            direct, later = EmptyOperator(task_id=f"{name}_{value}_direct"), EmptyOperator(task_id=f"{name}_{value}_later", trigger_rule="all_done")
            clean = EmptyOperator(task_id=f"{name}_{value}_clean").as_teardown()
            chain(stop, direct, later, clean)

    @task.short_circuit(ignore_downstream_trigger_rules=False)
    def stops():
        return 0

    stops() >> EmptyOperator(task_id="stopped") >> EmptyOperator(task_id="goes_on", trigger_rule="all_done")

    for name, days in {"today": TODAY, "other": [OTHER_DAY], "both_days": {TODAY, OTHER_DAY}}.items():
        made = BranchDayOfWeekOperator(task_id=f"day_{name}", week_day=days, follow_task_ids_if_true=f"day_{name}_yes", follow_task_ids_if_false=f"day_{name}_no")
        made >> [EmptyOperator(task_id=f"day_{name}_yes"), EmptyOperator(task_id=f"day_{name}_no")]
    for name, (low, high) in {
        "within": (NOW - dt.timedelta(1), NOW + dt.timedelta(1)), "before": (NOW + dt.timedelta(1), None), "after": (None, NOW - dt.timedelta(1)),
        "times": (dt.time(0, 0), dt.time(23, 59, 59)), "open": (None, NOW + dt.timedelta(1)),
    }.items():
        made = BranchDateTimeOperator(task_id=f"date_{name}", target_lower=low, target_upper=high, follow_task_ids_if_true=[f"date_{name}_yes"],
                                      follow_task_ids_if_false=f"date_{name}_no")
        made >> [EmptyOperator(task_id=f"date_{name}_yes"), EmptyOperator(task_id=f"date_{name}_no")]
    LatestOnlyOperator(task_id="latest") >> EmptyOperator(task_id="latest_next")
    SmoothOperator(task_id="smooth")

with DAG("operators_other_python", schedule=None, start_date=START, params={"n": 2}):

    def adds(a, b=1):
        return a + b

    def leaves(code):
        import sys

        sys.exit(code)

    def chooses():
        return "ext_left"

    ExternalPythonOperator(task_id="adds", python=sys.executable, python_callable=adds, op_args=[1], op_kwargs={"b": "{{ 3 }}"}, expect_airflow=False)
    ExternalPythonOperator(task_id="adds_numbers", python=sys.executable, python_callable=adds, op_args=[1], op_kwargs={"b": 3}, expect_airflow=False)
    ExternalPythonOperator(task_id="skips", python=sys.executable, python_callable=leaves, op_args=[4], skip_on_exit_code=4, expect_airflow=False)
    ExternalPythonOperator(task_id="skips_list", python=sys.executable, python_callable=leaves, op_args=[4], skip_on_exit_code=[4, 5], expect_airflow=False)
    ExternalPythonOperator(task_id="fails", python=sys.executable, python_callable=leaves, op_args=[3], expect_airflow=False)
    ExternalPythonOperator(task_id="no_python", python="/nothing/python", python_callable=adds, op_args=[1], expect_airflow=False)
    BranchExternalPythonOperator(task_id="ext", python=sys.executable, python_callable=chooses, expect_airflow=False) >> [
        EmptyOperator(task_id="ext_left"), EmptyOperator(task_id="ext_right")]

    @task.external_python(python=sys.executable, expect_airflow=False, env_vars={"WORD": "said"}, inherit_env=False)
    def decorated(value):
        import os

        return [value, os.environ.get("WORD"), "HOME" in os.environ]

    @task.branch_external_python(python=sys.executable, expect_airflow=False)
    def decorated_branch():
        return "dec_left"

    decorated({"k": [1]})
    decorated_branch() >> [EmptyOperator(task_id="dec_left"), EmptyOperator(task_id="dec_right")]
