"""Provisioning: puts granted benefits on accounts, each once, and keeps the messages that are to be sent."""
