"""DAGs: what a pipeline file defines."""

from __future__ import annotations

import datetime as dt
import functools
import inspect
import os
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from airflow import _warnings
from airflow.configuration import conf
from airflow.sdk.definitions._internal.abstractoperator import collect_callbacks
from airflow.sdk.definitions._internal.contextmanager import DagContext
from airflow.sdk.definitions._internal.dates import as_utc, zone_of
from airflow.sdk.definitions._internal.graph import topological_order
from airflow.sdk.definitions._internal.node import validate_key
from airflow.sdk.definitions._internal.run_questions import RunQuestions
from airflow.sdk.definitions._internal.schedules import make_timetable
from airflow.sdk.definitions.param import DagParam, ParamsDict
from airflow.sdk.definitions.taskgroup import TaskGroup, read_doc_md
from airflow.sdk.exceptions import DuplicateTaskIdFound, NodeNotFound, ParamValidationError, TaskNotFound
from airflow.sdk.types import NOTSET, ArgNotSet
from airflow.task.trigger_rule import TriggerRule
from airflow.timetables.simple import AssetTriggeredTimetable
from airflow.utils.types import DagRunType

if TYPE_CHECKING:
    import jinja2

DAG_ARGS_EXPECTED_TYPES = {
    "description": str,
    "max_active_tasks": int,
    "concurrency": int,
    "max_active_runs": int,
    "max_consecutive_failed_dag_runs": int,
    "dagrun_timeout": dt.timedelta,
    "catchup": bool,
    "doc_md": str,
    "is_paused_upon_creation": bool,
    "render_template_as_native_obj": bool,
    "fail_fast": bool,
    "dag_display_name": str,
}
_OLD_AND_UNUSED = ("default_view", "orientation", "full_filepath", "access_control")


class DAG(RunQuestions):
    """A set of tasks with a schedule."""

    #: Whether a ``SubDagOperator`` has taken the tasks over.
    is_subdag = False
    subdags: tuple[DAG, ...] = ()
    parent_dag: DAG | None = None

    def __init__(
        self,
        dag_id: str,
        description: str | None = None,
        schedule: Any = NOTSET,
        *,
        schedule_interval: Any = NOTSET,
        timetable: Any = None,
        start_date: dt.datetime | None = None,
        end_date: dt.datetime | None = None,
        default_args: dict[str, Any] | None = None,
        template_searchpath: str | Iterable[str] | None = None,
        template_undefined: type[jinja2.Undefined] | None = None,
        user_defined_macros: dict[str, Any] | None = None,
        user_defined_filters: dict[str, Callable[..., Any]] | None = None,
        max_active_tasks: int | None = None,
        concurrency: int | None = None,
        max_active_runs: int | None = None,
        max_consecutive_failed_dag_runs: int | None = None,
        dagrun_timeout: dt.timedelta | None = None,
        deadline: Any = None,
        sla_miss_callback: Any = None,
        default_view: str | None = None,
        orientation: str | None = None,
        full_filepath: str | None = None,
        catchup: bool | None = None,
        on_success_callback: Any = None,
        on_failure_callback: Any = None,
        doc_md: str | None = None,
        params: Mapping[str, Any] | None = None,
        access_control: Any = None,
        is_paused_upon_creation: bool | None = None,
        jinja_environment_kwargs: dict[str, Any] | None = None,
        render_template_as_native_obj: bool = False,
        tags: Collection[str] | None = None,
        owner_links: dict[str, str] | None = None,
        auto_register: bool = True,
        fail_fast: bool = False,
        fail_stop: bool = False,
        allowed_run_types: Any = None,
        dag_display_name: str | None = None,
        task_group: TaskGroup | None = None,
        disable_bundle_versioning: bool | None = None,
        rerun_with_latest_version: bool | None = None,
        email: str | Iterable[str] | None = None,
        email_on_failure: bool | None = None,
        email_on_retry: bool | None = None,
        email_on_success: bool | None = None,
    ) -> None:
        validate_key(dag_id, "dag_id")
        self.dag_id = dag_id
        self._check_arguments(locals())
        self.description = description
        self.dag_display_name = dag_display_name or dag_id
        mail = {"email": email, "email_on_failure": email_on_failure, "email_on_retry": email_on_retry}
        mail["email_on_success"] = email_on_success
        self._set_params(_with_mail(dict(default_args or {}), mail), params)
        self._set_dates(start_date, end_date)
        self._set_templates(template_searchpath, template_undefined, user_defined_macros, user_defined_filters)
        self.jinja_environment_kwargs = jinja_environment_kwargs
        self.render_template_as_native_obj = render_template_as_native_obj
        self.dagrun_timeout = dagrun_timeout
        self._set_limits(
            max_active_tasks if concurrency is None else concurrency, max_active_runs, max_consecutive_failed_dag_runs
        )
        self._set_callbacks(on_success_callback, on_failure_callback)
        self.deadline, self.sla_miss_callback, self.access_control = deadline, sla_miss_callback, access_control
        self._check_deadline()
        self.is_paused_upon_creation = is_paused_upon_creation
        self.tags: Collection[str] = _checked_tags(tags, dag_id)
        self.owner_links = _checked_owner_links(owner_links or {}, dag_id)
        self.auto_register = auto_register
        self.fail_fast = fail_fast or fail_stop
        self.allowed_run_types = _run_types(allowed_run_types)
        self.disable_bundle_versioning = disable_bundle_versioning
        self.rerun_with_latest_version = rerun_with_latest_version
        self.edge_info: dict[str, dict[str, dict[str, Any]]] = {}
        self.task_dict: dict[str, Any] = {}
        self.fileloc = _calling_file()
        self.doc_md = read_doc_md(doc_md, os.path.dirname(self.fileloc))
        self._set_schedule(schedule, schedule_interval, timetable, catchup)
        self.task_group = task_group if task_group is not None else TaskGroup.create_root(self)
        self.task_group.dag = self

    def _check_arguments(self, given: Mapping[str, Any]) -> None:
        for name, kind in DAG_ARGS_EXPECTED_TYPES.items():
            value = given[name]
            if value is not None and (not isinstance(value, kind) or (kind is int and isinstance(value, bool))):
                what = f"{type(value).__name__}: {value!r}"
                raise TypeError(f"'{name}' of DAG {self.dag_id!r} has to be {kind.__name__}, not {what}")
        if isinstance(given["start_date"], str):
            raise TypeError(f"start_date of DAG {self.dag_id!r} has to be a datetime, not a text: {given['start_date']!r}")
        for name in _OLD_AND_UNUSED:
            if given[name] is not None:
                refused = name in ("default_view", "orientation", "full_filepath")
                _warnings.deprecated(f"DAG {self.dag_id!r} sets {name!r}, which has no effect", refused=refused)
        if given["concurrency"] is not None:
            _warnings.deprecated(f"DAG {self.dag_id!r} sets 'concurrency'; it is now 'max_active_tasks'", refused=True)

    def _check_deadline(self) -> None:
        if self.deadline is None:
            return
        from airflow.sdk.definitions.deadline import DeadlineAlert, deadlines_of

        wrong = [alert for alert in deadlines_of(self) if not isinstance(alert, DeadlineAlert)]
        if wrong:
            raise TypeError(f"deadline of DAG {self.dag_id!r} has to be a DeadlineAlert or a list of them, not {wrong[0]!r}")

    def _set_params(self, default_args: dict[str, Any], params: Mapping[str, Any] | None) -> None:
        self.params = ParamsDict(default_args.pop("params", None), source="dag")
        self.params.update(params if isinstance(params, ParamsDict) else dict(params or {}))
        self.default_args = default_args

    def _set_dates(self, start_date: Any, end_date: Any) -> None:
        first = start_date if start_date is not None else self.default_args.get("start_date")
        self._zone = zone_of(first) if first is not None else None
        self.start_date = as_utc(first, "start_date", self.dag_id)
        self.end_date = as_utc(end_date, "end_date", self.dag_id)

    def _set_templates(self, searchpath: Any, undefined: Any, macros: Any, filters: Any) -> None:
        self.template_searchpath: Iterable[str] | None = [searchpath] if isinstance(searchpath, str) else searchpath
        self.template_undefined: type[jinja2.Undefined] | None = undefined
        self.user_defined_macros: dict[str, Any] | None = macros
        self.user_defined_filters: dict[str, Callable[..., Any]] | None = filters

    def _set_limits(self, tasks: int | None, runs: int | None, failed_runs: int | None) -> None:
        self.max_active_tasks = _int_or_conf(tasks, "max_active_tasks_per_dag")
        self.max_active_runs = _int_or_conf(runs, "max_active_runs_per_dag")
        self.max_consecutive_failed_dag_runs = _int_or_conf(failed_runs, "max_consecutive_failed_dag_runs_per_dag")
        if self.max_consecutive_failed_dag_runs < 0:
            raise ValueError(f"max_consecutive_failed_dag_runs of DAG {self.dag_id!r} has to be 0 or more")

    def _set_callbacks(self, on_success: Any, on_failure: Any) -> None:
        where = f"DAG {self.dag_id!r}"
        self.on_success_callback = collect_callbacks(on_success, "on_success_callback", where)
        self.on_failure_callback = collect_callbacks(on_failure, "on_failure_callback", where)
        self.has_on_success_callback = bool(self.on_success_callback)
        self.has_on_failure_callback = bool(self.on_failure_callback)

    def _set_schedule(self, schedule: Any, schedule_interval: Any, timetable: Any, catchup: bool | None) -> None:
        given = [value for value in (schedule, schedule_interval, timetable) if not isinstance(value, ArgNotSet)]
        given = [value for value in given if value is not None]
        if len(given) > 1:
            raise ValueError(f"DAG {self.dag_id!r}: at most one of schedule, schedule_interval and timetable may be given")
        self.legacy_schedule = not isinstance(schedule_interval, ArgNotSet) or timetable is not None
        if not isinstance(schedule_interval, ArgNotSet):
            message = f"DAG {self.dag_id!r} uses 'schedule_interval', with its old meaning; it is now 'schedule'"
            _warnings.deprecated(message, refused=True)
        self.schedule = given[0] if given else None
        self.timetable = make_timetable(self.schedule, lambda: self.timezone, legacy=self.legacy_schedule)
        if catchup is None:
            catchup = conf.getboolean("scheduler", "catchup_by_default", fallback=False) or self.legacy_schedule
            self._catchup_given = False
        else:
            self._catchup_given = True
        self.catchup = catchup
        limit = self.timetable.active_runs_limit
        if limit is not None and self.max_active_runs > limit:
            raise ValueError(f"Invalid max_active_runs: {type(self.timetable).__name__} requires max_active_runs <= {limit}")
        if self.timetable.can_be_scheduled:
            self._check_params()
            self._check_run_types()
            has_schedule = not isinstance(self.schedule, (list, tuple, set)) and self.timetable.asset_condition is None
            if self._catchup_given and self.catchup and self.start_date is None and has_schedule:
                raise ValueError(f"DAG {self.dag_id!r}: start_date is required when catchup=True")

    def _check_params(self) -> None:
        try:
            self.params.validate()
        except ParamValidationError as error:
            raise ValueError(
                f"DAG {self.dag_id!r} is not allowed to define a Schedule, "
                f"as there are required params without default values, or the default values are not valid: {error}"
            ) from None

    def _check_run_types(self) -> None:
        if self.allowed_run_types is None:
            return
        only_assets = isinstance(self.timetable, AssetTriggeredTimetable)
        needed = DagRunType.ASSET_TRIGGERED if only_assets else DagRunType.SCHEDULED
        if needed.value not in self.allowed_run_types:
            raise ValueError(
                f"DAG {self.dag_id!r}: allowed_run_types has to contain {needed.value!r}, the type of run that its schedule makes"
            )

    @property
    def timezone(self) -> Any:
        """The zone in which the schedule is read: that of the start date, else the default zone."""
        if self._zone is not None:
            return self._zone
        from airflow.sdk import timezone

        return timezone.default_timezone()

    @property
    def schedule_interval(self) -> Any:
        """The schedule as it was given."""
        return self.schedule

    @property
    def concurrency(self) -> int:
        """The old name of ``max_active_tasks``."""
        return self.max_active_tasks

    @property
    def folder(self) -> str:
        """The folder of the DAG file."""
        return os.path.dirname(self.fileloc)

    @property
    def relative_fileloc(self) -> str:
        """The path of the DAG file below the DAGs folder."""
        folder = os.path.expanduser(conf.get("core", "dags_folder"))
        try:
            relative = os.path.relpath(self.fileloc, folder)
        except ValueError:
            return self.fileloc
        return self.fileloc if relative.startswith("..") else relative

    @property
    def owner(self) -> str:
        """The owners of all tasks."""
        return ", ".join(sorted({task.owner for task in self.tasks}))

    @property
    def tasks(self) -> list[Any]:
        """All tasks, in order of definition."""
        return list(self.task_dict.values())

    @property
    def task_ids(self) -> list[str]:
        """All task ids, in order of definition."""
        return list(self.task_dict)

    @property
    def task_count(self) -> int:
        """The number of tasks."""
        return len(self.task_dict)

    @property
    def task_group_dict(self) -> dict[str, TaskGroup]:
        """All task groups by id, without the root."""
        found = self.task_group.get_task_group_dict()
        return {group_id: group for group_id, group in found.items() if group_id is not None}

    @property
    def roots(self) -> list[Any]:
        """Tasks without upstream tasks."""
        return [task for task in self.tasks if not task.upstream_task_ids]

    @property
    def leaves(self) -> list[Any]:
        """Tasks without downstream tasks."""
        return [task for task in self.tasks if not task.downstream_task_ids]

    @property
    def teardowns(self) -> list[Any]:
        """All teardowns."""
        return [task for task in self.tasks if task.is_teardown]

    @property
    def has_task_with_mapped(self) -> bool:
        """Whether any task is expanded."""
        return any(task.is_mapped for task in self.tasks)

    @property
    def task(self) -> Any:
        """``@dag.task``: the decorator whose tasks go into this DAG."""
        from airflow.sdk.definitions.decorators import task

        def decorate(*args: Any, **kwargs: Any) -> Any:
            if len(args) == 1 and callable(args[0]) and not kwargs:
                return task(dag=self)(args[0])
            return task(*args, **{"dag": self, **kwargs})

        return decorate

    def add_task(self, task: Any) -> None:
        """Put ``task`` into the DAG."""
        known = self.task_dict.get(task.task_id)
        if known is task:
            return
        if known is not None or (task.task_id in self.task_group.used_group_ids):
            raise DuplicateTaskIdFound(f"Task id {task.task_id!r} has already been added to the DAG")
        if self.start_date is not None:
            task.start_date = self.start_date if task.start_date is None else max(task.start_date, self.start_date)
        if self.end_date is not None:
            task.end_date = self.end_date if task.end_date is None else min(task.end_date, self.end_date)
        self.task_dict[task.task_id] = task
        if not task.has_dag():
            task.dag = self
        if task.task_group is None:
            self.task_group.add(task)

    def add_tasks(self, tasks: Iterable[Any]) -> None:
        """Put several tasks into the DAG."""
        for task in tasks:
            self.add_task(task)

    def has_task(self, task_id: str) -> bool:
        """Whether there is a task of this id."""
        return task_id in self.task_dict

    def get_task(self, task_id: str, include_subdags: bool = False) -> Any:
        """The task of this id; a ``TaskNotFound`` when there is none."""
        try:
            return self.task_dict[task_id]
        except KeyError:
            raise TaskNotFound(f"Task {task_id} not found in DAG {self.dag_id}") from None

    def __getitem__(self, node_id: str) -> Any:
        found = self.task_dict.get(node_id) or self.task_group_dict.get(node_id)
        if found is None:
            raise NodeNotFound(f"Task or task group {node_id!r} not found in DAG {self.dag_id!r}")
        return found

    def set_dependency(self, upstream_task_id: str, downstream_task_id: str) -> None:
        """Draw an edge between two tasks that are in the DAG already."""
        self.get_task(upstream_task_id).set_downstream(self.get_task(downstream_task_id))

    def get_edge_info(self, upstream_task_id: str, downstream_task_id: str) -> dict[str, Any]:
        """What is known about an edge."""
        return self.edge_info.get(upstream_task_id, {}).get(downstream_task_id, {})

    def set_edge_info(self, upstream_task_id: str, downstream_task_id: str, info: dict[str, Any]) -> None:
        """Note something about an edge."""
        self.edge_info.setdefault(upstream_task_id, {})[downstream_task_id] = info

    def param(self, name: str, default: Any = NOTSET) -> DagParam:
        """A reference to a param, resolved when the task runs."""
        return DagParam(current_dag=self, name=name, default=default)

    def topological_sort(self) -> list[Any]:
        """All tasks, each after its upstream tasks."""
        return [self.task_dict[task_id] for task_id in topological_order(self)]

    def check_cycle(self) -> None:
        """Raise ``AirflowDagCycleException`` when tasks depend on each other in a circle."""
        topological_order(self)

    def validate(self) -> None:
        """Check what can only be checked when the file has been loaded."""
        self.timetable.validate()
        for task in self.tasks:
            if task.is_setup:
                self._validate_setup(task)

    def _validate_setup(self, setup: Any) -> None:
        for task in setup.downstream_list:
            if not task.is_teardown and task.trigger_rule != TriggerRule.ALL_SUCCESS:
                raise ValueError("Setup tasks must be followed with trigger rule ALL_SUCCESS.")

    def partial_subset(
        self,
        task_ids: str | Iterable[str],
        include_downstream: bool = False,
        include_upstream: bool = True,
        include_direct_upstream: bool = False,
        **_: Any,
    ) -> DAG:
        """A copy of the DAG with only the tasks named (or matched by a regular expression) and their neighbours."""
        from airflow.sdk.definitions._internal.subset import partial_subset

        return partial_subset(self, task_ids, include_downstream, include_upstream, include_direct_upstream)

    def get_template_env(self, *, force_sandboxed: bool = False, native: bool | None = None) -> jinja2.Environment:
        """The Jinja environment in which the DAG's templates are rendered."""
        from airflow.sdk.definitions._internal.environment import create_environment

        folders = [self.folder, *(self.template_searchpath or ())]
        return create_environment(
            native=self.render_template_as_native_obj if native is None else native,
            searchpath=folders,
            undefined=self.template_undefined,
            options=self.jinja_environment_kwargs,
            macros=self.user_defined_macros,
            filters=self.user_defined_filters,
        )

    def resolve_template_files(self) -> None:
        """Read the template files of all tasks."""
        for task in self.tasks:
            if not task.is_mapped:
                task.resolve_template_files()

    def add_result(self, result: Any) -> None:
        """Name the value that is the result of a run."""
        self._result = result

    def test(self, *args: Any, **kwargs: Any) -> Any:
        """Run the DAG once in this process."""
        from tradewind.inprocess import dag_test

        return dag_test(self, *args, **kwargs)

    def cli(self) -> None:
        """Offer the command line for this DAG."""
        from tradewind.inprocess import dag_cli

        dag_cli(self)

    def iter_dagrun_infos_between(self, earliest: Any, latest: Any, **_: Any) -> Iterator[Any]:
        """The runs between two dates, for timetables that compute them in Python."""
        from airflow.timetables.base import TimeRestriction

        last = None
        restriction = TimeRestriction(earliest, latest, catchup=True)
        for _count in range(100_000):
            info = self.timetable.next_dagrun_info(last_automated_data_interval=last, restriction=restriction)
            if info is None:
                return
            yield info
            last = info.data_interval

    def get_run_dates(self, start_date: dt.datetime, end_date: dt.datetime | None = None) -> list[Any]:
        """The logical dates between two dates."""
        from airflow.sdk import timezone

        infos = self.iter_dagrun_infos_between(start_date, end_date or timezone.utcnow())
        return [info.logical_date for info in infos]

    def __enter__(self) -> DAG:
        DagContext.push(self)
        return self

    def __exit__(self, _type: Any, _value: Any, _tb: Any) -> None:
        DagContext.pop()

    def __repr__(self) -> str:
        return f"<DAG: {self.dag_id}>"

    def __lt__(self, other: DAG) -> bool:
        return self.dag_id < other.dag_id


def _run_types(value: Any) -> frozenset[str] | None:
    if value is None:
        return None
    return frozenset(DagRunType(getattr(item, "value", item)).value for item in ([value] if isinstance(value, str) else value))


def _int_or_conf(value: int | None, key: str) -> int:
    return conf.getint("core", key) if value is None else value


class Tags(set[str]):
    """The tags of a DAG: a set, as in 3.x, that takes what is done to the list that 2.x has."""

    def __add__(self, other: Iterable[str]) -> list[str]:
        return [*self, *other]

    def __radd__(self, other: Iterable[str]) -> list[str]:
        return [*other, *self]

    def append(self, tag: str) -> None:
        """Add a tag."""
        self.add(tag)

    def extend(self, tags: Iterable[str]) -> None:
        """Add several tags."""
        self.update(tags)


def _with_mail(default_args: dict[str, Any], mail: dict[str, Any]) -> dict[str, Any]:
    """What a DAG says of mail counts for its tasks, unless ``default_args`` or the task say otherwise."""
    return {**{name: value for name, value in mail.items() if value is not None}, **default_args}


def _checked_tags(tags: Collection[str] | None, dag_id: str) -> Tags:
    found = Tags(tags or ())
    for tag in found:
        if not isinstance(tag, str):
            raise TypeError(f"tags of DAG {dag_id!r} have to be texts, not {tag!r}")
        if len(tag) > 100:
            raise ValueError(f"tag cannot be longer than 100 characters: {tag!r} of DAG {dag_id!r}")
    return found


def _checked_owner_links(links: dict[str, str], dag_id: str) -> dict[str, str]:
    for owner, link in links.items():
        parts = urlsplit(link)
        if not (parts.scheme and parts.netloc) and not (parts.scheme == "mailto" and "@" in parts.path):
            raise ValueError(f"Wrong link format was used for the owner {owner!r} of DAG {dag_id!r}: {link!r}")
    return links


def _calling_file() -> str:
    frame = _warnings.caller() or sys._getframe(1)
    return os.path.abspath(frame.f_code.co_filename)


def dag(dag_id: Any = "", **kwargs: Any) -> Any:
    """Make a function a factory of DAGs: its body defines the tasks, its arguments become params."""
    if callable(dag_id):
        return _dag_factory(dag_id, "", {})

    def decorate(function: Callable[..., Any]) -> Callable[..., DAG]:
        return _dag_factory(function, dag_id, kwargs)

    return decorate


def _dag_factory(function: Callable[..., Any], dag_id: str, options: dict[str, Any]) -> Callable[..., DAG]:
    @functools.wraps(function)
    def factory(*args: Any, **kwargs: Any) -> DAG:
        bound = inspect.signature(function).bind(*args, **kwargs)
        bound.apply_defaults()
        settings = dict(options)
        doc = settings.pop("doc_md", None) or function.__doc__
        with DAG(dag_id or function.__name__, doc_md=doc, **settings) as made:
            made.fileloc = os.path.abspath(function.__code__.co_filename)
            function(**{name: made.param(name, value) for name, value in bound.arguments.items()})
        return made

    return factory
