"""Types of the object store's API."""

Properties = dict[str, str]
