"""Who may call: TLS from files, and the authorisation file that maps callers to methods, policies and rates.

What is read here is replaced while the server runs when the files change, and kept where a change cannot be used.
"""
