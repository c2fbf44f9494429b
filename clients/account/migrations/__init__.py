"""The forms that the account's database had, and how each becomes the next."""
