"""Amounts of resources that a task asks for; told to executors that know what to do with them."""

from __future__ import annotations

from typing import Any

from airflow.sdk.exceptions import AirflowException

MB = 1
GB = 1024 * MB
TB = 1024 * GB
PB = 1024 * TB
EB = 1024 * PB


class Resource:
    """An amount of something in some unit."""

    def __init__(self, name: str, units_str: str, qty: float) -> None:
        if qty < 0:
            raise AirflowException(
                f"Received resource quantity {qty} for resource {name}, but resource quantity must be non-negative."
            )
        self.name = name
        self.units_str = units_str
        self.qty = qty

    def to_dict(self) -> dict[str, Any]:
        """The amount as JSON."""
        return {"name": self.name, "qty": self.qty, "units_str": self.units_str}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Resource) and self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash((self.name, self.qty))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.qty})"


class CpuResource(Resource):
    """Cores."""

    def __init__(self, qty: float) -> None:
        super().__init__("CPU", "core(s)", qty)


class RamResource(Resource):
    """Memory in MB."""

    def __init__(self, qty: float) -> None:
        super().__init__("RAM", "MB", qty)


class DiskResource(Resource):
    """Disk in MB."""

    def __init__(self, qty: float) -> None:
        super().__init__("Disk", "MB", qty)


class GpuResource(Resource):
    """Graphics processors."""

    def __init__(self, qty: float) -> None:
        super().__init__("GPU", "gpu(s)", qty)


ScalarResource = TextResource = Resource


class Resources:
    """All that a task asks for."""

    def __init__(self, cpus: float = 1, ram: float = 512, disk: float = 512, gpus: float = 0) -> None:
        self.cpus, self.ram, self.disk, self.gpus = CpuResource(cpus), RamResource(ram), DiskResource(disk), GpuResource(gpus)

    def to_dict(self) -> dict[str, Any]:
        """The amounts as JSON."""
        return {name: getattr(self, name).to_dict() for name in ("cpus", "ram", "disk", "gpus")}

    def __repr__(self) -> str:
        return f"Resources({self.cpus}, {self.ram}, {self.disk}, {self.gpus})"
