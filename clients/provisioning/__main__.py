"""Entry point: python -m clients.provisioning."""

from clients.provisioning.cli import main

if __name__ == "__main__":
    main()
