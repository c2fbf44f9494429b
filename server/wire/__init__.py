"""Bytes to bytes: what is plainly well formed is read into the memory of a program, and its answer written, without a message.

``tables`` are made from the contract's descriptors, ``plans`` from the programs; ``reader``, ``filling``, ``keying``,
``writing`` and ``rows`` are compiled where that can be, and run as they stand where it cannot. What is not plainly well formed
goes the ordinary way: these modules say so, and answer nothing.
"""
