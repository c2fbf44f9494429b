"""From the rules of a version to its program: each word of the language, said once as operations."""
