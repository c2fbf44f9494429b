"""Stubs of the contract, generated from the .proto files in v1; `make stubs` makes them anew."""
