"""Timetables that are classes beside their DAGs: one that works, some that do not."""
from datetime import timedelta

import pendulum
from airflow import DAG
from airflow.operators.empty import EmptyOperator
from airflow.timetables.base import DagRunInfo, DataInterval, Timetable
from airflow.timetables.interval import CronDataIntervalTimetable

DAY = timedelta(days=1)


class Workdays(Timetable):
    """A run about each working day, when it is over."""

    description = "After each working day"

    def infer_manual_data_interval(self, *, run_after):
        day = run_after.start_of("day")
        return DataInterval(day - DAY, day)

    def next_dagrun_info(self, *, last_automated_data_interval, restriction):
        start = restriction.earliest if last_automated_data_interval is None else last_automated_data_interval.start + DAY
        while start.weekday() >= 5:
            start += DAY
        if restriction.latest is not None and start > restriction.latest:
            return None
        return DagRunInfo.interval(start, start + DAY)


class Shifted(CronDataIntervalTimetable):
    """A built-in timetable, an hour late."""

    def next_dagrun_info(self, *, last_automated_data_interval, restriction):
        info = super().next_dagrun_info(last_automated_data_interval=last_automated_data_interval, restriction=restriction)
        return info and DagRunInfo(info.run_after + timedelta(hours=1), info.data_interval)


class Endless(Workdays):
    def next_dagrun_info(self, *, last_automated_data_interval, restriction):
        while True:
            pass


class Naive(Workdays):
    def next_dagrun_info(self, *, last_automated_data_interval, restriction):
        return DagRunInfo.exact(pendulum.naive(2024, 1, 1))


def dag(name, timetable, **more):
    with DAG(name, schedule=timetable, start_date=pendulum.datetime(2024, 1, 1), catchup=True, **more):
        EmptyOperator(task_id="done")


dag("workdays", Workdays(), end_date=pendulum.datetime(2024, 2, 29))
dag("shifted", Shifted("0 2 * * *", timezone="UTC"), end_date=pendulum.datetime(2024, 1, 3))
dag("endless", Endless())
dag("naive", Naive())
