"""Entry point: python -m clients.account."""

from clients.account.cli import main

if __name__ == "__main__":
    main()
