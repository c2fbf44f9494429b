"""Entry point: python -m clients.billing."""

from clients.billing.cli import main

if __name__ == "__main__":
    main()
