"""The base of branching operators under the provider's name."""

from airflow.sdk.bases.branch import BaseBranchOperator, BranchMixIn

__all__ = ["BaseBranchOperator", "BranchMixIn"]
