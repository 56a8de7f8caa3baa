"""The spelling of asset URIs (compared with Airflow 3.3.2), what provider packages say of their schemes, and assets at odds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import SplitResult

import pytest

from airflow import _providers, _warnings
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, Asset, ObjectStoragePath
from airflow.sdk.definitions.asset import Dataset
from airflow.sdk.definitions.asset._uri import provider_check
from tradewind.form import dag_form


@pytest.mark.parametrize(
    ("given", "uri"),
    [
        ("a", "a"), ("a b", "a b"), ("/abs/path", "/abs/path"), ("a/", "a/"),
        ("S3://Bucket/Key/", "s3://Bucket/Key"), ("s3://bucket", "s3://bucket/"), ("s3://bucket/", "s3://bucket/"),
        ("s3://bucket//a//b", "s3://bucket//a//b"), ("s3://u:p@bucket/key", "s3://bucket/key"), ("s3://u@bucket/key", "s3://u@bucket/key"),
        ("s3://b/k?b=2&a=1", "s3://b/k?a=1&b=2"), ("s3://b/k?a=1&b", "s3://b/k?a=1"), ("s3://b/k#part", "s3://b/k"),
        ("file:/tmp/x", "file:///tmp/x"), ("file:///tmp/x", "file:///tmp/x"), ("x-my://a//b/?z=1&a=2", "x-my://a//b/?z=1&a=2"),
        ("mailto:a@b", "mailto:a@b"), ("urn:isbn:5", "urn:isbn:5"), ("scheme://", "scheme:/"), ("http://x/y/", "http://x/y"),
    ],
)  # fmt: skip
def test_spelling(given: str, uri: str) -> None:
    asset = Asset(uri=given)
    assert (asset.name, asset.uri) == (given, uri), "the name is what was given"
    assert Asset(given).uri == uri
    assert asset.normalized_uri == (uri if ":" in uri else None)


@pytest.mark.parametrize("given", ["airflow://a", "airflow:a"])
def test_our_scheme_is_reserved(given: str) -> None:
    with pytest.raises(ValueError, match="'airflow' is reserved"):
        Asset(given)


def test_other_values() -> None:
    assert Asset("a", uri=ObjectStoragePath("s3://c@b/k")).uri == "s3://c@b/k"
    with pytest.raises(ValueError, match="group cannot exceed 1500"):
        Asset("a", group="g" * 1501)


def table_uri(uri: SplitResult) -> SplitResult:
    if not uri.path.strip("/"):
        raise ValueError("it has to name a table")
    return uri._replace(netloc=f"{uri.netloc}:7" if ":" not in uri.netloc else uri.netloc)


@pytest.fixture
def providers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    said = {
        "acme": {"asset-uris": [{"schemes": ["acme"], "handler": f"{__name__}.table_uri"}, {"schemes": ["plain"], "handler": None}]},
        "old": {"dataset-uris": [{"schemes": ["older"], "handler": f"{__name__}.table_uri"}]},
        "broken": {"asset-uris": [{"schemes": ["broken"], "handler": "no.such.module.function"}]},
    }
    monkeypatch.setattr(_providers, "infos", lambda: said)
    provider_check.cache_clear()
    yield
    provider_check.cache_clear()


def test_provider_packages_know_their_schemes(providers: None, caplog: pytest.LogCaptureFixture) -> None:
    assert Asset("acme://host/t/").uri == "acme://host:7/t"
    assert Asset("acme://host:8/t").uri == "acme://host:8/t"
    assert Asset("older://host/t").uri == "older://host:7/t"
    assert Asset("plain://host").uri == "plain://host/"
    assert Asset("broken://host/x").uri == "broken://host/x"
    assert "no.such.module.function cannot be imported" in caplog.text
    with pytest.raises(ValueError, match="'acme://host' is not valid for its scheme 'acme': it has to name a table"):
        Asset("acme://host")


def test_what_they_refuse_is_a_warning_in_2(providers: None, monkeypatch: pytest.MonkeyPatch) -> None:
    _warnings.clear()
    assert Dataset("acme://host").uri == "acme://host/"
    (said,) = _warnings.collected
    assert "it has to name a table" in str(said["message"])
    assert said["refused"] is True
    monkeypatch.setenv("AIRFLOW__CORE__STRICT_DATASET_URI_VALIDATION", "True")
    with pytest.raises(ValueError, match="it has to name a table"):
        Dataset("acme://host")


def conflicts(*outlets: Any, schedule: Any = None) -> list[str]:
    with DAG("d", schedule=schedule) as dag:
        EmptyOperator(task_id="t", outlets=list(outlets))
    return [said["message"] for said in dag_form(dag, "/").get("warnings", []) if said["type"] == "asset conflict"]


def test_assets_at_odds_are_a_warning() -> None:
    assert conflicts(Asset("a"), Asset("a", group="other"), Asset("b", "s3://x/y")) == []
    (name,) = conflicts(Asset("a", "s3://x/1"), Asset("a", "s3://x/2"))
    assert name.startswith("two assets have the name 'a': one with the uri 's3://x/1', one with 's3://x/2'")
    (uri,) = conflicts(Asset("a", "s3://x/1"), schedule=[Asset("b", "s3://x/1")])
    assert uri.startswith("two assets have the uri 's3://x/1': one with the name 'b', one with 'a'")
