"""The base of timetables in 3.3."""

from airflow.timetables.base import Timetable as BaseTimetable

__all__ = ["BaseTimetable"]
