"""Entry point: python -m clients.account."""

if __name__ == "__main__":  # a process of a run imports this by another name, and needs none of the commands
    from clients.account.cli import main

    main()
