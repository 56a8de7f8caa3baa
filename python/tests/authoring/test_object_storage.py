"""``ObjectStoragePath``: its parts, files on the disk, and templates. What it gives was compared with Airflow 3.3.2."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import pytest

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, ObjectStoragePath


def test_parts_of_a_path_in_a_store() -> None:
    path = ObjectStoragePath("s3://c@bucket/a/b.tar.gz")
    assert (path.protocol, path.conn_id, path.bucket, path.key) == ("s3", "c", "bucket", "a/b.tar.gz")
    assert (path.name, path.stem, path.suffix, path.suffixes) == ("b.tar.gz", "b.tar", ".gz", [".tar", ".gz"])
    assert path.parts == ("bucket/", "a", "b.tar.gz")
    assert (path.anchor, path.drive, path.root, path.namespace) == ("bucket/", "bucket", "/", "s3://bucket")
    assert [str(folder) for folder in path.parents] == ["s3://c@bucket/a", "s3://c@bucket/"]
    assert str(path.with_stem("x")) == "s3://c@bucket/a/x.gz"
    assert str(path.with_suffix(".x")) == "s3://c@bucket/a/b.tar.x"
    assert (path.as_uri(), path.as_posix()) == ("s3://bucket/a/b.tar.gz", "s3://bucket/a/b.tar.gz")
    assert str(path.parent / "b" / "c") == str(path.parent.joinpath("b", "c")) == "s3://c@bucket/a/b/c"
    assert path.is_absolute()
    assert path.is_relative_to("s3://c@bucket/a")
    assert not path.is_relative_to("s3://bucket/a"), "another connection is another store"
    assert str(path.relative_to("s3://c@bucket/a")) == "b.tar.gz"
    with pytest.raises(ValueError, match="is not below 's3://c@bucket/x'"):
        path.relative_to("s3://c@bucket/x")
    assert path.match("*.gz")
    assert str(path.joinuri("d.txt")) == "s3://c@bucket/a/d.txt"


def test_the_bucket_alone() -> None:
    bucket = ObjectStoragePath("s3://bucket")
    assert (str(bucket), bucket.path, bucket.key) == ("s3://bucket/", "bucket/", "")
    assert bucket.parent == bucket == ObjectStoragePath("s3://bucket/")
    assert str(bucket / "x") == "s3://bucket/x"
    assert str(ObjectStoragePath("s3://bucket/a") / "/x") == "s3://bucket/a//x", "a key may have empty parts"


def test_local_paths() -> None:
    plain, with_scheme = ObjectStoragePath("/data/x"), ObjectStoragePath("file:///data/x")
    assert (str(plain), plain.protocol) == ("/data/x", "")
    assert (str(with_scheme), with_scheme.path, with_scheme.key) == ("file:///data/x", "/data/x", "data/x")
    assert with_scheme.parts == ("/", "data", "x")
    assert with_scheme.namespace == "file"
    assert str(with_scheme / ".." / "y") == "file:///data/x/../y"
    assert str((with_scheme / ".." / "y").resolve()) == "file:///data/y"
    assert str(with_scheme / "/other") == "file:///other"
    assert str(ObjectStoragePath()) == "."
    assert ObjectStoragePath("/a/http://b").path == "/a/http:/b", "not a scheme"


def test_connection_and_options_are_part_of_it() -> None:
    path = ObjectStoragePath("s3://bucket/a", conn_id="k", anon=True)
    assert str(path) == "s3://k@bucket/a"
    assert path != ObjectStoragePath("s3://bucket/a")
    assert ObjectStoragePath("s3://c@bucket/a", conn_id="k").conn_id == "c", "the address says more"
    assert ObjectStoragePath(path, "x").storage_options == {"anon": True}
    assert str(ObjectStoragePath("s3://c@bucket/a", "b", "c")) == "s3://c@bucket/a/b/c"
    assert path.serialize() == {"path": "s3://k@bucket/a", "conn_id": "k", "kwargs": {"anon": True}}
    assert ObjectStoragePath.deserialize(path.serialize(), 1) == path
    # What an earlier version has stored.
    assert ObjectStoragePath.deserialize({"path": "s3://bucket/a", "conn_id": "k", "kwargs": {}}, 1) == path
    assert pickle.loads(pickle.dumps(path)) == copy.copy(path) == path
    assert len({path, copy.copy(path)}) == 1


def test_files(tmp_path: Path) -> None:
    folder = ObjectStoragePath(f"file://{tmp_path}")
    file = folder / "a" / "b.txt"
    file.parent.mkdir()
    file.touch()
    assert file.write_text("hello") == 5
    facts = file.stat()
    assert (facts["size"], facts.st_size, facts["type"], facts.st_mtime) == (5, 5, "file", (tmp_path / "a/b.txt").stat().st_mtime)
    with pytest.raises(AttributeError, match="nothing is known of 'st_colour'"):
        _ = facts.st_colour
    with pytest.raises(FileExistsError):
        file.touch(exist_ok=False)
    file.touch(truncate=True)
    assert file.size() == 0
    (folder / "c.txt").touch()
    assert [item.name for item in sorted(folder.rglob("*.txt"))] == ["b.txt", "c.txt"]
    assert [(item.name, folders, files) for item, folders, files in folder.walk()] == [
        (tmp_path.name, ["a"], ["c.txt"]),
        ("a", [], ["b.txt"]),
    ]
    moved = (folder / "c.txt").rename(tmp_path / "d.txt")
    assert str(moved) == f"file://{tmp_path}/d.txt"
    assert moved.samefile(str(tmp_path / "d.txt"))
    assert not (folder / "c.txt").exists()
    assert moved.samestore(folder)
    assert not moved.samestore(ObjectStoragePath("s3://bucket/d.txt"))


@pytest.mark.parametrize("native", [False, True])
@pytest.mark.parametrize(
    ("path", "rendered", "conn_id"),
    [
        (ObjectStoragePath("file:///data/{{ ds }}/x"), "file:///data/2024-01-01/x", None),
        (ObjectStoragePath("s3://{{ c }}@b/{{ ds }}"), "s3://cc@b/2024-01-01", "cc"),
        (ObjectStoragePath("s3://b/{{ ds ~ '/' ~ c }}/x", conn_id="{{ c }}"), "s3://cc@b/2024-01-01/cc/x", "cc"),
        (ObjectStoragePath("{{ number }}"), "7", None),
        (ObjectStoragePath("s3://b/{{ ds }}/x.sql"), "s3://b/2024-01-01/x.sql", None),
    ],
)
def test_paths_are_rendered(native: bool, path: ObjectStoragePath, rendered: str, conn_id: str | None) -> None:
    with DAG("d", schedule=None, render_template_as_native_obj=native):
        task = EmptyOperator(task_id="t")
    task.template_ext = (".sql",)
    context = {"ds": "2024-01-01", "c": "cc", "number": 7}
    found: Any = task.render_template({"paths": [path]}, context)["paths"][0]
    assert (str(found), found.conn_id) == (rendered, conn_id)
    assert type(found) is ObjectStoragePath
    assert "{{" in str(path), "the template stays as it is"


def test_options_are_not_templates() -> None:
    task = EmptyOperator(task_id="t")
    found = task.render_template(ObjectStoragePath("s3://b/{{ ds }}", token="{{ ds }}"), {"ds": "x"})
    assert (str(found), found.storage_options) == ("s3://b/x", {"token": "{{ ds }}"})
