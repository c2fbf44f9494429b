"""Messages to plain facts and back. The calculator never sees a message; the wire never sees a dataclass."""
