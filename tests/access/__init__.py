"""Who may call: TLS, certificates, tokens, and the authorisation file."""
