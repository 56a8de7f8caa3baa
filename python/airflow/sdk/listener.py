"""The listeners of this process."""

from airflow.listeners.listener import ListenerManager, get_listener_manager

__all__ = ["ListenerManager", "get_listener_manager"]
