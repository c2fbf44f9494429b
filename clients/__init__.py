"""Callers of the service: the CRM desk, billing, provisioning, and the channel that they share.

They know the contract (the stubs) and nothing of policies or of the server.
"""
