"""The process side of Tradewind: what runs Python code for it."""
