"""The version of the authoring API."""

from airflow import __version__

version = __version__
