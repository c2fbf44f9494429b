"""Requests for the default policy: drawn at random with a bias to its limits, and a fixed grid around each limit."""
