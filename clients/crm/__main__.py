"""Entry point: python -m clients.crm."""

from clients.crm.cli import main

if __name__ == "__main__":
    main()
