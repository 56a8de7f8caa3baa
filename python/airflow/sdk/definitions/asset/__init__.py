"""Assets: names of data that tasks read and write."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple
from urllib.parse import urlsplit

from airflow.sdk.definitions.asset._uri import normalize_uri


class BaseAsset:
    """Something that a DAG can be scheduled by."""

    def __or__(self, other: Any) -> AssetAny:
        if not isinstance(other, BaseAsset):
            return NotImplemented
        return AssetAny(self, other)

    def __and__(self, other: Any) -> AssetAll:
        if not isinstance(other, BaseAsset):
            return NotImplemented
        return AssetAll(self, other)

    def as_expression(self) -> Any:
        """The condition as JSON."""
        raise NotImplementedError

    def iter_assets(self) -> Iterator[Asset]:
        """All assets in the condition."""
        return iter(())


def _check_identifier(value: str, what: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"Asset {what} must be a string, not {type(value).__name__}")
    if not value or value.isspace():
        raise ValueError(f"Asset {what} cannot be empty or just whitespace")
    if len(value) > 1500:
        raise ValueError(f"Asset {what} cannot exceed 1500 characters")
    return value


class Asset(BaseAsset):
    """A piece of data, known by name and URI."""

    asset_type: ClassVar[str] = "asset"
    #: What a provider package says against a URI is a warning, as in 2.x.
    _lenient: ClassVar[bool] = False

    def __init__(
        self,
        name: str | None = None,
        uri: Any = None,
        *,
        group: str | None = None,
        extra: Mapping[str, Any] | None = None,
        watchers: Collection[Any] | None = None,
        access_control: Any = None,
    ) -> None:
        if name is None and uri is None:
            raise TypeError("Asset() requires either 'name' or 'uri'")
        uri_text = str(uri) if uri is not None else None
        self.name = _check_identifier(name if name is not None else uri_text or "", "name")
        given = _check_identifier(uri_text if uri_text is not None else self.name, "uri")
        self.uri = normalize_uri(given, lenient=self._lenient)
        self.group = _check_identifier(group or self.asset_type, "group")
        self.extra = dict(extra or {})
        self.watchers = list(watchers or [])
        self.access_control = access_control

    @property
    def normalized_uri(self) -> str | None:
        """The URI, ``None`` when it is a plain text."""
        return self.uri if _get_normalized_scheme(self.uri) else None

    @staticmethod
    def ref(*, name: str = "", uri: str = "") -> BaseAsset:
        """A reference to an asset that is defined elsewhere."""
        if bool(name) == bool(uri):
            raise TypeError("Asset reference requires either name or URI")
        return AssetNameRef(name) if name else AssetUriRef(uri)

    def serialize(self) -> dict[str, Any]:
        """As an XCom keeps it."""
        return {"name": self.name, "uri": self.uri, "group": self.group, "extra": self.extra}

    @classmethod
    def deserialize(cls, data: dict[str, Any], version: int) -> Asset:
        """From an XCom."""
        kept = {key: data.get(key) for key in ("uri", "group", "extra") if key in data}
        return cls(**kept) if issubclass(cls, Dataset) else cls(data.get("name"), **kept)

    def as_expression(self) -> Any:
        """The asset as JSON."""
        return {"asset": {"uri": self.uri, "name": self.name, "group": self.group}}

    def iter_assets(self) -> Iterator[Asset]:
        """The asset itself."""
        yield self

    def __fspath__(self) -> str:
        return self.uri

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Asset) and (self.name, self.uri) == (other.name, other.uri)

    def __hash__(self) -> int:
        return hash((self.name, self.uri))

    def __repr__(self) -> str:
        return f"{type(self).__name__}(name={self.name!r}, uri={self.uri!r})"


class Dataset(Asset):
    """An asset as 2.x calls it: known by its URI."""

    asset_type: ClassVar[str] = "dataset"
    _lenient: ClassVar[bool] = True

    def __init__(self, uri: Any = None, extra: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(uri=uri, extra=extra, **kwargs)


class Model(Asset):
    """An asset that is a model."""

    asset_type: ClassVar[str] = "model"


class AssetRef(BaseAsset):
    """An asset defined elsewhere."""

    def __init__(self, value: str) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.value == other.value  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return hash((type(self), self.value))


class AssetNameRef(AssetRef):
    """An asset defined elsewhere, by name."""

    @property
    def name(self) -> str:
        """The name."""
        return self.value

    def as_expression(self) -> Any:
        """The reference as JSON."""
        return {"asset_ref": {"name": self.value}}


class AssetUriRef(AssetRef):
    """An asset defined elsewhere, by URI."""

    @property
    def uri(self) -> str:
        """The URI."""
        return self.value

    def as_expression(self) -> Any:
        """The reference as JSON."""
        return {"asset_ref": {"uri": self.value}}


class AssetAlias(BaseAsset):
    """A name under which tasks report assets that are known only at run time."""

    def __init__(self, name: str, group: str = "asset") -> None:
        self.name = _check_identifier(name, "alias name")
        self.group = group

    def as_expression(self) -> Any:
        """The alias as JSON."""
        return {"alias": {"name": self.name, "group": self.group}}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AssetAlias) and self.name == other.name

    def __hash__(self) -> int:
        return hash(("alias", self.name))


class AssetBooleanCondition(BaseAsset):
    """Several conditions together."""

    key: ClassVar[str]
    objects: list[BaseAsset]

    def __init__(self, *objects: Any) -> None:
        for item in objects:
            if not isinstance(item, BaseAsset):
                raise TypeError("expect asset expressions in condition")
        self.objects = []
        for item in objects:
            self.objects.extend(item.objects if type(item) is type(self) else [item])

    def as_expression(self) -> Any:
        """The condition as JSON."""
        return {self.key: [item.as_expression() for item in self.objects]}

    def iter_assets(self) -> Iterator[Asset]:
        """All assets in the condition."""
        for item in self.objects:
            yield from item.iter_assets()


class AssetAny(AssetBooleanCondition):
    """Any of several."""

    key = "any"


class AssetAll(AssetBooleanCondition):
    """All of several."""

    key = "all"


class AssetUniqueKey(NamedTuple):
    """What makes an asset the same as another one."""

    name: str
    uri: str

    @classmethod
    def from_asset(cls, asset: Any) -> AssetUniqueKey:
        """The key of an asset."""
        return cls(asset.name, asset.uri)

    def to_asset(self) -> Asset:
        """An asset with this key."""
        return Asset(self.name, self.uri)


class AssetAliasUniqueKey(NamedTuple):
    """What makes an alias the same as another one."""

    name: str

    @classmethod
    def from_asset_alias(cls, alias: AssetAlias) -> AssetAliasUniqueKey:
        """The key of an alias."""
        return cls(alias.name)

    def to_asset_alias(self) -> AssetAlias:
        """An alias with this key."""
        return AssetAlias(self.name)


@dataclass
class AssetAccessControl:
    """Which teams may write and read an asset; kept, and not enforced."""

    producer_teams: list[str] = field(default_factory=list)
    consumer_teams: list[str] | None = None
    allow_global: bool = True


class AssetWatcher:
    """A trigger that reports updates of an asset."""

    def __init__(self, name: str, trigger: Any) -> None:
        self.name = name
        self.trigger = trigger


def as_condition(value: Any) -> BaseAsset:
    """An asset, or a collection of which all are wanted, as a condition."""
    if isinstance(value, BaseAsset):
        return value
    return AssetAll(*value)


def _get_normalized_scheme(uri: str) -> str:
    return urlsplit(uri).scheme.lower()


def expand_alias_to_assets(alias: Any, **_: Any) -> list[BaseAsset]:
    """The assets that were reported under an alias: known only to the scheduler, which holds conditions against them."""
    return []


def extract_event_key(value: Any) -> str:
    """The URI under which a task names an asset."""
    return value.uri if isinstance(value, Asset) else normalize_uri(str(value))


expand_alias_to_datasets = expand_alias_to_assets
BaseDataset = BaseAsset
DatasetAlias = AssetAlias
DatasetAny = AssetAny
DatasetAll = AssetAll
