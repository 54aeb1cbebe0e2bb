"""Processes of this machine that work for one command, and end when it does."""
