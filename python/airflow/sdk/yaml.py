"""YAML by PyYAML, which has to be installed for it; the fast loader where there is one."""

from __future__ import annotations

from typing import Any


def safe_load(stream: Any) -> Any:
    """The value of a YAML document."""
    import yaml

    return yaml.load(stream, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def dump(data: Any, stream: Any = None, **kwargs: Any) -> Any:
    """``data`` as a YAML document."""
    import yaml

    return yaml.dump(data, stream, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper), **kwargs)


def __getattr__(name: str) -> Any:
    import yaml

    return getattr(yaml, name)
