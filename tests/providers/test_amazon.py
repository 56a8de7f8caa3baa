"""The amazon provider against moto."""
from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from airflow.sdk import Connection, ObjectStoragePath, task


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(autouse=True)
def account(moto: str, fake_connections: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "s", "AWS_DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(name, value)
    fake_connections["aws_default"] = Connection(conn_id="aws_default", conn_type="aws", login="a", password="s",
                                                 extra={"region_name": "us-east-1", "endpoint_url": moto})


def test_s3(dag_of: Any) -> None:
    from airflow.providers.amazon.aws.hooks.s3 import S3Hook
    from airflow.providers.amazon.aws.operators.s3 import (
        S3CopyObjectOperator,
        S3CreateBucketOperator,
        S3CreateObjectOperator,
        S3DeleteObjectsOperator,
        S3ListOperator,
    )
    from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor
    from airflow.providers.amazon.aws.transfers.local_to_s3 import LocalFilesystemToS3Operator

    def define() -> None:
        bucket = S3CreateBucketOperator(task_id="bucket", bucket_name="sales")
        write = S3CreateObjectOperator(task_id="write", s3_bucket="sales", s3_key="in/{{ ds }}.json", data='{"n": 1}')
        up = LocalFilesystemToS3Operator(task_id="up", filename=__file__, dest_key="code/test.py", dest_bucket="sales")
        wait = S3KeySensor(task_id="wait", bucket_name="sales", bucket_key="in/*.json", wildcard_match=True, poke_interval=0.1, timeout=5)
        copy = S3CopyObjectOperator(task_id="copy", source_bucket_name="sales", source_bucket_key="in/{{ ds }}.json",
                                    dest_bucket_name="sales", dest_bucket_key="out/{{ ds }}.json")
        found = S3ListOperator(task_id="found", bucket="sales", prefix="")
        drop = S3DeleteObjectsOperator(task_id="drop", bucket="sales", keys="in/{{ ds }}.json")
        bucket >> [write, up] >> wait >> copy >> found >> drop

    result = dag_of(define)
    assert sorted(result.xcom("found")) == ["code/test.py", "in/2024-03-01.json", "out/2024-03-01.json"]
    hook = S3Hook()
    assert json.loads(hook.read_key("out/2024-03-01.json", "sales")) == {"n": 1}
    assert not hook.check_for_key("in/2024-03-01.json", "sales")


def test_object_storage(dag_of: Any) -> None:
    from airflow.providers.amazon.aws.hooks.s3 import S3Hook

    S3Hook().create_bucket("paths")

    def define() -> None:
        @task
        def write(ds: Any = None) -> Any:
            path = ObjectStoragePath("s3://aws_default@paths/a", conn_id="aws_default") / f"{ds}.txt"
            path.write_text("hello")
            return path

        @task
        def read(path: Any) -> str:
            return str(path.read_text())

        read(write())

    assert dag_of(define).xcom("read") == "hello"
    assert S3Hook().read_key("a/2024-03-01.txt", "paths") == "hello"


def test_queues_and_tables(dag_of: Any) -> None:
    from airflow.providers.amazon.aws.hooks.dynamodb import DynamoDBHook
    from airflow.providers.amazon.aws.hooks.sqs import SqsHook
    from airflow.providers.amazon.aws.operators.sns import SnsPublishOperator
    from airflow.providers.amazon.aws.operators.sqs import SqsPublishOperator
    from airflow.providers.amazon.aws.sensors.sqs import SqsSensor

    url = SqsHook().create_queue("news")["QueueUrl"]
    from airflow.providers.amazon.aws.hooks.sns import SnsHook

    topic = SnsHook().get_conn().create_topic(Name="topic")["TopicArn"]
    DynamoDBHook().get_conn().create_table(
        TableName="items", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}], BillingMode="PAY_PER_REQUEST")

    def define() -> None:
        say = SqsPublishOperator(task_id="say", sqs_queue=url, message_content="for {{ ds }}")
        hear = SqsSensor(task_id="hear", sqs_queue=url, poke_interval=0.1, timeout=5)
        say >> hear >> SnsPublishOperator(task_id="publish", target_arn=topic, message="hello")

        @task
        def keep() -> None:
            DynamoDBHook(table_keys=["id"], table_name="items").write_batch_data([{"id": "1", "n": 2}])

        keep()

    result = dag_of(define)
    assert result.xcom("hear", "messages")[0]["Body"] == "for 2024-03-01"


def test_secrets(moto: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import boto3

    from airflow import secrets
    from airflow.sdk import Variable

    boto3.client("secretsmanager", endpoint_url=moto).create_secret(Name="airflow/variables/hello", SecretString="world")
    boto3.client("secretsmanager", endpoint_url=moto).create_secret(Name="airflow/connections/db", SecretString="postgres://h/s")
    monkeypatch.setenv("AIRFLOW__SECRETS__BACKEND", "airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend")
    monkeypatch.setenv("AIRFLOW__SECRETS__BACKEND_KWARGS", json.dumps({"endpoint_url": moto, "region_name": "us-east-1"}))
    assert secrets.custom_backend() is not None
    assert Variable.get("hello") == "world"
    assert Connection.get("db").host == "h"
