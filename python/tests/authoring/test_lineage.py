"""What hooks say of what they read and write."""

from __future__ import annotations

from airflow.sdk.lineage import HookLineageCollector, HookLineageReader, get_hook_lineage_collector


def test_assets_are_counted() -> None:
    collector = HookLineageCollector()
    assert not collector.has_collected
    hook = object()
    for _ in range(2):
        collector.add_input_asset(hook, uri="s3://bucket/in")
    collector.add_output_asset(hook, scheme="file", uri="file:///tmp/out", asset_extra={"rows": 3})
    collector.add_input_asset(hook, scheme="s3", asset_kwargs={"bucket": "b"})
    collector.add_extra(hook, "query", "SELECT 1")
    found = collector.collected_assets
    assert [(info.asset.uri, info.count, info.context) for info in found.inputs] == [("s3://bucket/in", 2, hook)]
    assert [(info.asset.uri, info.asset.extra) for info in found.outputs] == [("file:///tmp/out", {"rows": 3})]
    assert [entry[:2] for entry in found.extra] == [("query", "SELECT 1")]
    assert collector.has_collected


def test_a_flood_is_cut() -> None:
    collector = HookLineageCollector()
    for number in range(150):
        collector.add_output_asset(None, uri=f"s3://bucket/{number}")
    assert len(collector.collected_assets.outputs) == collector.LIMIT


def test_readers_see_the_collector_of_the_process() -> None:
    reader = HookLineageReader()
    assert reader.lineage_collector is get_hook_lineage_collector()
    assert reader.retrieve_hook_lineage() == get_hook_lineage_collector().collected_assets
