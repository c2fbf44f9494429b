"""A policy in words and tables, for someone who has to agree to it and reads no policy files.

``values`` says values and conditions, ``tables`` choices, ``sentences`` clocks and benefits; ``document`` puts them in order.
"""
