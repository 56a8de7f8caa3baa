"""Assets start runs: producers, and consumers by all kinds of conditions."""
from __future__ import annotations

from airflow.sdk import DAG, Asset, AssetAlias, AssetOrTimeSchedule, CronTriggerTimetable, asset, task

ORDERS = Asset("orders", "s3://shop/orders", extra={"owner": "ann"})
PRICES = Asset("prices", "s3://shop/prices")
RATES = Asset("rates", "s3://shop/rates")
DAILY = AssetAlias("daily")

with DAG("makes_orders", schedule=None):

    @task(outlets=[ORDERS])
    def make(*, outlet_events, dag_run):
        outlet_events[ORDERS].extra = {"rows": dag_run.conf.get("rows", 0)}
        return dag_run.conf.get("rows", 0)

    make()

with DAG("makes_prices", schedule=None):

    @task(outlets=[PRICES])
    def price():
        return 1

    price()

with DAG("makes_daily", schedule=None):

    @task(outlets=[DAILY])
    def found(*, outlet_events, dag_run):
        outlet_events[DAILY].add(Asset(f"part_{dag_run.conf['part']}"), {"part": dag_run.conf["part"]})

    found()


def reads(dag_id, schedule):
    with DAG(dag_id, schedule=schedule, max_active_runs=4):

        @task
        def read(*, triggering_asset_events):
            return [
                [event.asset.name, event.extra, event.source_task_instance and event.source_task_instance.xcom_pull()]
                for events in triggering_asset_events.values()
                for event in events
            ]

        read()


reads("wants_both", ORDERS & PRICES)
reads("wants_any", PRICES | RATES)
reads("wants_daily", DAILY)
reads("by_name_or_time", AssetOrTimeSchedule(timetable=CronTriggerTimetable("0 0 1 1 *", timezone="UTC"), assets=[Asset.ref(name="rates")]))

with DAG("looks_back", schedule=None):

    @task(inlets=[ORDERS])
    def look(*, inlet_events):
        return [event.extra for event in inlet_events[ORDERS]]

    look()


@asset(schedule=ORDERS, uri="s3://shop/report")
def report(self, orders, inlet_events):
    return [self.uri, orders.uri, inlet_events[orders][-1].extra]
