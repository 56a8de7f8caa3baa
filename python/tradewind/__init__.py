"""The process side of Tradewind: parses DAG files and runs task attempts in child processes of the Rust program."""
