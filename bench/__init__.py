"""What makegood claims about speed, measured: ``python -m bench`` prints one table and writes it to bench/RESULTS.md."""
