"""A city's weekend: six outages, corrected on the second day, settled by the account and worked out again in SQL."""
