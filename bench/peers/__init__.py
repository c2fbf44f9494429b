"""Others asked about the same facts. Installed by ``make bench-peers``; who is not there is left out."""
