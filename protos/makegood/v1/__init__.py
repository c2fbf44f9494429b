"""Stubs of makegood.v1; one module for each .proto file, typed."""
