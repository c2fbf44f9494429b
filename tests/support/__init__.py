"""What tests share: cases as data, entry points, comparable answers."""
