"""Stand-ins for what an installation has and a folder of public DAG files does not: other people's packages, variables, connections."""

from __future__ import annotations

import builtins
import dis
import importlib.machinery
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import repository
import surroundings
import tolerance
from installations import INSTALLATIONS, Installation, all_set, be, guess, number

#: Names that were replaced while the current file was loaded.
used: set[str] = set()


_OPERATOR_ENDINGS = ("Operator", "Sensor", "SensorAsync", "OperatorAsync", "Transfer")
#: Functions whose names end so are likely to give a text.
_TEXTS = (
    "md",
    "docmd",
    "doc",
    "text",
    "path",
    "name",
    "str",
    "string",
    "sql",
    "query",
    "render",
    "format",
    "getenv",
    "cron",
    "case",
)
#: Functions that give a setting by its name.
_OF_SETTINGS = ("decouple.config",)
_ERROR_ENDINGS = ("Error", "Exception", "Warning", "Timeout")
#: What the standard library looks for and does without.
_LEFT_TO_THEIR_USERS = (
    "_multiprocessing",
    "_winapi",
    "_posixshmem",
    "_scproxy",
    "org",
    "java",
    "nt",
    "winreg",
    "msvcrt",
    "_pydatetime",
)
#: Parts of ``airflow`` that other packages bring.
_PROVIDED = (
    "airflow.providers.",
    "airflow.contrib.",
    "airflow.operators.",
    "airflow.sensors.",
    "airflow.hooks.",
    "airflow.example_dags.",
)


class StandIn(int):
    """Answers whatever is asked of it: any attribute, call, item and operation gives another one. A number where one is needed."""

    def __new__(cls, name: str = "stand_in") -> StandIn:
        made = super().__new__(cls, 1)
        made.__dict__["__name__"] = made.__dict__["_name"] = name
        return made

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return _named(name, f"{self._name}.{name}")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and not kwargs and callable(args[0]) and not isinstance(args[0], StandIn):
            # Used as a decorator; what groups commands is asked for more than the function has.
            return StandIn(self._name) if "group" in self._name.rpartition(".")[2] else args[0]
        if args and isinstance(args[0], str) and self._name in _OF_SETTINGS:
            return kwargs["default"] if "default" in kwargs else StandInText(guess(args[0]))
        if args and isinstance(args[0], str) and self._name.lower().endswith("case"):
            return args[0]
        if self._name.rpartition(".")[2].lower().endswith(_TEXTS):
            return StandInText(guess(self._name))
        return StandIn(f"{self._name}()")

    def __getitem__(self, key: Any) -> Any:
        return StandIn(f"{self._name}[]")

    def __setitem__(self, key: Any, value: Any) -> None: ...

    def __delitem__(self, key: Any) -> None: ...

    def __iter__(self) -> Iterator[Any]:
        return iter([StandIn(f"{self._name}[{at}]") for at in range(_wanted_items())])

    def __contains__(self, item: Any) -> bool:
        return False

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return True

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None: ...

    def __hash__(self) -> int:
        return hash(self._name)

    def __str__(self) -> str:
        return number(self._name)

    def __format__(self, spec: str) -> str:
        return format(1, spec) if spec and spec[-1] in "dfeg%" else str(self)

    def __repr__(self) -> str:
        return f"<stand-in {self._name}>"

    def __fspath__(self) -> str:
        return "stand_in"

    def __eq__(self, other: object) -> bool:
        return self is other

    def __lt__(self, other: Any) -> bool:
        return False

    __le__ = __gt__ = __ge__ = __lt__

    def _same(self, *_: Any) -> Any:
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _same
    __mod__ = __rmod__ = __floordiv__ = __rfloordiv__ = __pow__ = __and__ = __or__ = __neg__ = __invert__ = _same
    __rand__ = __ror__ = __rshift__ = __lshift__ = __rrshift__ = __rlshift__ = _same

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        return (_plain_class(self._name),)


def _wanted_items() -> int:
    """How many items the code that iterates needs: as many as names stand on the left of an assignment."""
    frame = sys._getframe(2)
    operation, argument = frame.f_code.co_code[frame.f_lasti : frame.f_lasti + 2]
    return argument if dis.opname[operation] == "UNPACK_SEQUENCE" else 0


class StandInText(str):
    """The value of a variable: a text that is also a number, and that gives something for any key."""

    def __getitem__(self, key: Any) -> Any:
        return StandIn("variable") if isinstance(key, str) else super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        return StandIn("variable") if default is None else default

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return StandIn(f"text.{name}")

    def __index__(self) -> int:
        return int(str(self))


class AnyKey(dict):  # type: ignore[type-arg]
    """The extra of a connection or a variable in JSON: something for every key."""

    def __getitem__(self, key: Any) -> Any:
        return [] if isinstance(key, slice) else super().__getitem__(key)

    def __missing__(self, key: Any) -> Any:
        likely = guess(str(key))
        return StandIn(str(key)) if likely == "1" else StandInText(likely)

    def __len__(self) -> int:
        return 1

    def __contains__(self, key: object) -> bool:
        return True

    def get(self, key: Any, default: Any = None) -> Any:
        return self[key] if default is None else default

    def pop(self, key: Any = 0, default: Any = None) -> Any:
        return self.get(key, default)


class _AnyAttribute(type):
    def __getattr__(cls, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return _named(name, f"{cls.__name__}.{name}")

    def __iter__(cls) -> Iterator[Any]:
        return iter(())

    def __or__(cls, other: Any) -> Any:
        return cls

    __ror__ = __or__


def _plain_class(name: str) -> type:
    def take_anything(self: Any, *args: Any, **kwargs: Any) -> None: ...

    def any_attribute(self: Any, attribute: str) -> Any:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        return _named(attribute, f"{name}.{attribute}")

    members: dict[str, Any] = {"__init_subclass__": classmethod(lambda cls, **kwargs: None)}
    members |= {
        "__init__": take_anything,
        "__getattr__": any_attribute,
        "__class_getitem__": classmethod(lambda cls, item: cls),
    }
    for member in (
        "__call__",
        "__getitem__",
        "__iter__",
        "__len__",
        "__contains__",
        "__enter__",
        "__exit__",
        "__str__",
        "__fspath__",
    ):
        members[member] = getattr(StandIn, member)
    members["_name"] = name
    return _AnyAttribute(name.rpartition(".")[2], (), members)


def _group_class(name: str) -> type:
    from airflow.sdk.definitions.taskgroup import TaskGroup

    def make_group(self: Any, group_id: str = "group", *args: Any, **kwargs: Any) -> None:
        TaskGroup.__init__(self, group_id, dag=kwargs.get("dag"), add_suffix_on_collision=True)

    return type(name, (TaskGroup,), {"__init__": make_group})


def _operator_class(name: str, sensor: bool) -> type:
    from airflow.sdk.bases.operator import BaseOperator
    from airflow.sdk.bases.sensor import BaseSensorOperator

    base: Any = BaseSensorOperator if sensor else BaseOperator

    def make_operator(self: Any, **kwargs: Any) -> None:
        from airflow.sdk.bases._construction import accepted_names

        known = accepted_names(base)
        # Those of pods and clusters are other things than the operator's own.
        for key in [key for key in kwargs if key == "resources" or (key not in known and key != "provide_context")]:
            self.__dict__[key] = kwargs.pop(key)
        base.__init__(self, **kwargs)

    def any_attribute(self: Any, attribute: str) -> Any:
        if attribute.startswith("_") or attribute in ("render_template_as_native_obj",):
            raise AttributeError(attribute)
        return StandIn(attribute)

    def partial(cls: Any, **kwargs: Any) -> Any:
        return StandInPartial(cls, kwargs)

    return type(base)(
        name,
        (base,),
        {
            "__init__": make_operator,
            "__getattr__": any_attribute,
            "partial": classmethod(partial),
        },
    )


class StandInPartial:
    """A mapped operator of a stand-in: any argument may be expanded."""

    def __init__(self, operator_class: Any, kwargs: dict[str, Any]) -> None:
        self._class, self._kwargs = operator_class, kwargs

    def expand(self, **mapped: Any) -> Any:
        mapped.pop("params", None)
        return self._class(**{**self._kwargs, **mapped})

    def expand_kwargs(self, mapped: Any, **_: Any) -> Any:
        from airflow.sdk.bases._construction import init_parameters

        init = self._class.__init__
        _, required, _ = init_parameters(getattr(init, "wrapped_init", init))
        filled = {name: StandIn(name) for name in required if name not in self._kwargs}
        return self._class(**{**self._kwargs, **filled, "expanded": mapped})


def _named(name: str, full: str) -> Any:
    """What a name of a stand-in module is likely to be, by how it is written."""
    if name[:1].isupper() and ("Operator" in name or name.endswith(_OPERATOR_ENDINGS)) and not name.endswith(_ERROR_ENDINGS):
        return _operator_class(name, "Sensor" in name)
    if name.endswith("TaskGroup"):
        return _group_class(name)
    if name.endswith(_ERROR_ENDINGS) and name[:1].isupper():
        return type(name, (Exception,), {"__init__": lambda self, *args, **kwargs: Exception.__init__(self, *args)})
    if name == "Timedelta":
        return surroundings.Timedelta
    if name[:1].isupper() and not name.isupper():
        return _plain_class(full)
    return StandIn(full)


class _Module(ModuleType):
    __path__: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":
            return _names_without_a_home()
        if name.startswith("__"):
            raise AttributeError(name)
        value = _named(name, f"{self.__name__}.{name}")
        self.__dict__[name] = value
        return value


def _names_without_a_home() -> list[str]:
    """What ``from x import *`` has to give: names that the importing module uses and nobody has defined so far."""
    frame: Any = sys._getframe(2)
    while frame is not None and frame.f_code.co_filename.startswith("<frozen importlib"):
        frame = frame.f_back
    if frame is None:
        return []
    known = {*frame.f_globals, *dir(builtins)}
    waiting, used_names = [frame.f_code], set()
    while waiting:
        code: CodeType = waiting.pop()
        for instruction in dis.get_instructions(code):
            if instruction.opname in ("LOAD_NAME", "LOAD_GLOBAL"):
                used_names.add(str(instruction.argval))
        waiting += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return sorted(used_names - known)


class _Finder:
    """Last on ``sys.meta_path``: a module that nobody else finds becomes a stand-in."""

    def __init__(self, own: repository.OwnModules) -> None:
        self._own = own

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        top = name.partition(".")[0]
        if self._own.owns(sys.modules.get(name.rpartition(".")[0])):
            return None
        if top == "airflow" and not name.startswith(_PROVIDED) and name not in ("airflow.contrib", "airflow.example_dags"):
            return None
        if name.startswith(("airflow.providers.standard", "pkg_resources.extern", "setuptools.extern")):
            return None
        if top in ("tradewind", "airflow_local_settings", *_LEFT_TO_THEIR_USERS):
            return None
        used.add(".".join(name.split(".")[: 3 if top == "airflow" else 1]))
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: Any) -> ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: ModuleType) -> None: ...


def _fields(connection: Any) -> dict[str, Any]:
    names = ("conn_id", "conn_type", "host", "login", "password", "schema", "port")
    return {name: getattr(connection, name) for name in names}


def _stand_in_values() -> None:
    from airflow.sdk.definitions.connection import Connection
    from airflow.sdk.definitions.variable import Variable

    original_get = Variable.get.__func__  # type: ignore[attr-defined]

    def get(cls: Any, key: str, *args: Any, **kwargs: Any) -> Any:
        try:
            found = original_get(cls, key, *args, **kwargs)
            if (
                found not in ({}, [], "")
                and found is not None
                and not (kwargs.get("deserialize_json") and isinstance(found, str))
            ):
                return found
            used.add(f"Variable {key}")
            return AnyKey() if kwargs.get("deserialize_json") and (found == {} or isinstance(found, str)) else found
        except Exception:
            used.add(f"Variable {key}")
            return AnyKey() if kwargs.get("deserialize_json") else StandInText(guess(key))

    def get_connection(cls: Any, conn_id: str) -> Any:
        used.add(f"Connection {conn_id}")
        made = Connection(
            conn_id=conn_id,
            conn_type="generic",
            host="localhost",
            login="1",
            password="1",
            schema="1",
            port=1,
        )
        return type("StandInConnection", (Connection,), {"extra_dejson": AnyKey()})(**_fields(made))

    Variable.get = classmethod(get)  # type: ignore[assignment, method-assign]
    Connection.get = classmethod(get_connection)  # type: ignore[assignment, method-assign]

    from tradewind.dagrun import DagRun

    DagRun.find = classmethod(lambda cls, *args, **kwargs: [])  # type: ignore[method-assign, assignment]

    original_loads = json.loads

    def loads(text: Any, *args: Any, **kwargs: Any) -> Any:
        return AnyKey() if isinstance(text, (StandIn, StandInText)) else original_loads(text, *args, **kwargs)

    json.loads = loads

    original_eval = builtins.eval

    def evaluate(source: Any, *names: Any) -> Any:
        if isinstance(source, (StandIn, StandInText)) or not isinstance(source, (str, bytes, CodeType)):
            return AnyKey()
        frame = sys._getframe(1)
        return original_eval(source, *(names or (frame.f_globals, frame.f_locals)))

    builtins.eval = evaluate


def _stand_in_environment() -> None:
    kind = type(os.environ)
    original = kind.__getitem__

    def lookup(self: Any, key: Any) -> Any:
        try:
            return original(self, key)
        except KeyError:
            if isinstance(key, str) and not key.startswith(("AIRFLOW", "TRADEWIND", "PYTHON")) and _asked_by_user():
                used.add(f"environment {key}")
                return StandInText(guess(key))
            raise

    original_get = kind.get

    def optional(self: Any, key: Any, default: Any = None) -> Any:
        found = original_get(self, key, default)
        if found is not None or not all_set() or not isinstance(key, str) or key.startswith(("AIRFLOW", "TRADEWIND", "PYTHON")):
            return found
        # os.getenv stands between.
        if not any(_of_a_user(sys._getframe(depth)) for depth in (1, 2)):
            return found
        used.add(f"environment {key}")
        return StandInText(guess(key))

    kind.get = optional  # type: ignore[assignment, method-assign]
    kind.__getitem__ = lookup  # type: ignore[assignment, method-assign]


def _asked_by_user() -> bool:
    """``os.environ[...]`` written in a file, not the look-up inside ``os.environ.get``."""
    return not sys._getframe(2).f_code.co_filename.startswith("<frozen")


def _of_a_user(frame: Any) -> bool:
    name = frame.f_code.co_filename
    return (
        not name.startswith("<")
        and "site-packages" not in name
        and f"{os.sep}lib{os.sep}python" not in name
        and _OURS not in name
    )


#: The folder of our own packages.
_OURS = os.path.join("python", "airflow")


def _stand_in_decorators() -> None:
    from airflow.sdk.definitions.decorators import TaskDecoratorCollection, task

    original = TaskDecoratorCollection.__getattr__

    def any_decorator(self: Any, name: str) -> Any:
        try:
            return original(self, name)
        except AttributeError:
            used.add(f"@task.{name}")
            return lambda *args, **kwargs: task(*args) if args and callable(args[0]) else task(**_base_arguments(kwargs))

    TaskDecoratorCollection.__getattr__ = any_decorator  # type: ignore[method-assign]


def _stand_in_plugins() -> None:
    """Operators that plugins of 1.10 put into ``airflow.operators``."""
    from airflow import _redirect

    original = _redirect._of_plugins

    def any_plugin(module: str, name: str) -> Any:
        try:
            return original(module, name)
        except ImportError:
            used.add(f"plugin {name}")
            return _named(name, name)

    _redirect._of_plugins = any_plugin
    loader: Any = _redirect._PluginLoader
    original_exec = loader.exec_module

    def exec_module(self: Any, module: ModuleType) -> None:
        original_exec(self, module)

        def any_name(name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            used.add(f"plugin {name}")
            return _named(name, name)

        module.__dict__["__getattr__"] = any_name

    loader.exec_module = exec_module


def _stand_in_relations() -> None:
    """A task before or after a stand-in: there is nothing to link."""
    from airflow.sdk.definitions._internal.node import DAGNode, DependencyMixin

    def tolerant(original: Any) -> Any:
        return lambda self, other: other if _is_stand_in(other) else original(self, other)

    for name in ("__rshift__", "__lshift__", "__rrshift__", "__rlshift__"):
        setattr(DependencyMixin, name, tolerant(getattr(DependencyMixin, name)))
    original_relatives = DAGNode._set_relatives

    def set_relatives(self: Any, other: Any, **kwargs: Any) -> None:
        others = other if isinstance(other, (list, tuple)) else [other]
        original_relatives(self, [item for item in others if not _is_stand_in(item)], **kwargs)

    DAGNode._set_relatives = set_relatives  # type: ignore[method-assign, assignment]


def _is_stand_in(value: Any) -> bool:
    return isinstance(value, StandIn) or type(type(value)) is _AnyAttribute


def _base_arguments(kwargs: dict[str, Any]) -> dict[str, Any]:
    from airflow.sdk.bases._construction import accepted_names
    from airflow.sdk.bases.operator import BaseOperator

    return {name: value for name, value in kwargs.items() if name in accepted_names(BaseOperator) or name == "multiple_outputs"}


def install(file: Path, root: Path, dags: Path, like: Installation = INSTALLATIONS[0]) -> None:
    """Put the stand-ins into this process, as an installation like this one has things."""
    be(like)
    surroundings.home_of_images(dags)
    own = repository.OwnModules(file, root)
    if like.as_stated:
        used.update(repository.settle(root, like.environment))
        sys.meta_path.append(own)  # type: ignore[arg-type]
    sys.meta_path.append(_Finder(own))  # type: ignore[arg-type]
    _stand_in_values()
    _stand_in_decorators()
    _stand_in_plugins()
    _stand_in_relations()
    _stand_in_environment()
    tolerance.install(StandIn, StandInText, used)
    surroundings.no_outside_world()
    surroundings.settings_of_their_own(used)
    surroundings.no_run_yet(used)
