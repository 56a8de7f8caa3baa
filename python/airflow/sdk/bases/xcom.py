"""XComs: values that tasks leave for each other."""

from __future__ import annotations

from typing import Any

from airflow._columns import WithColumns

XCOM_RETURN_KEY = "return_value"


class BaseXCom(metaclass=WithColumns):
    """How values become text and back; custom backends override both."""

    XCOM_RETURN_KEY = XCOM_RETURN_KEY

    @staticmethod
    def serialize_value(
        value: Any,
        *,
        key: str | None = None,
        task_id: str | None = None,
        dag_id: str | None = None,
        run_id: str | None = None,
        map_index: int | None = None,
    ) -> Any:
        """``value`` as what JSON knows; backends may give this, or the bytes of JSON."""
        from tradewind import xcom

        return xcom.serialize(value)

    @staticmethod
    def deserialize_value(result: Any) -> Any:
        """The value that was stored."""
        from tradewind import xcom

        return xcom.deserialize(result.value if hasattr(result, "value") else result)

    @classmethod
    def purge(cls, xcom: Any, *args: Any) -> None:
        """Remove what a backend keeps outside when an XCom is deleted."""

    @classmethod
    def get_one(
        cls,
        *,
        key: str,
        dag_id: str,
        task_id: str,
        run_id: str,
        map_index: int | None = None,
        include_prior_dates: bool = False,
    ) -> Any:
        """One value, ``None`` when there is none."""
        from airflow.sdk.definitions.context import get_current_context

        return get_current_context()["ti"].xcom_pull(
            task_ids=task_id,
            dag_id=dag_id,
            key=key,
            run_id=run_id,
            include_prior_dates=include_prior_dates,
            map_indexes=-1 if map_index is None else map_index,
            default=None,
        )


def resolve_xcom_backend() -> type[BaseXCom]:
    """The class named by ``[core] xcom_backend``."""
    from airflow.configuration import conf

    return conf.getimport("core", "xcom_backend") or BaseXCom


XCom = BaseXCom
