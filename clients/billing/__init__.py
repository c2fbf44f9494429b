"""Billing: decides a file of subscribers against a file of outages, of any size, and can be stopped at any time."""
