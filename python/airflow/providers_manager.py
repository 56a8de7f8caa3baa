"""What installed provider packages offer, under the name of 2.x."""

from airflow.sdk.providers_manager_runtime import ProvidersManagerTaskRuntime as ProvidersManager

__all__ = ["ProvidersManager"]
