"""Policies read anew while calls are answered by those from before. Nothing here knows gRPC; a parent of workers uses it."""
