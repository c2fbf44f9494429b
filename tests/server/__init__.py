"""Claims about the server, made through real sockets."""
