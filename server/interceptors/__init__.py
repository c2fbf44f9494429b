"""What happens around every call, outermost first: observe (measure, log), admit (limits, draining), answer (errors to codes).

Health probes pass by all of it: they come every second, must be answered when the server is full, and would drown the rest.
"""
