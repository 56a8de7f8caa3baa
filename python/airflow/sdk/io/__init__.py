"""Files in object stores."""

from airflow.sdk.io.path import ObjectStoragePath
from airflow.sdk.io.store import attach, get_fs, has_fs
from airflow.sdk.io.typedef import Properties

__all__ = ["ObjectStoragePath", "Properties", "attach", "get_fs", "has_fs"]
