"""What the calculator answered, kept: the same requests get the same bytes from code that is written anew.

``answers.json`` holds, for every chunk of requests, a digest of what is asked, of what is decided and of what is refused.
Requests depend on seeds, on the policies and on the judge, never on the code under test; answers are the bytes of the
contract, or an error with everything that it names, under an ``engine_version`` that stands still. So digests tell whether
code answers as the code before it did, and of which chunk it does not; ``--show`` then draws the chunk again and prints what
differs.

- all of it, a few minutes:      ``python -m tests.kept --processes 2``
- the first thousands:           ``python -m tests.kept --requests 20000``
- every answer as bytes, kept:   ``python -m tests.kept --dump DIRECTORY``
- one chunk, read by people:     ``python -m tests.kept --show cn-standard/2026-01/3 [--against DIRECTORY]``

``--against`` holds each answer to those that other code has dumped, and prints the first of each chunk that differ.

Whoever means a decision to change moves ``version`` in pyproject.toml, which ``engine_version`` begins with and which is part
of every decision's id; installs (``make setup``); and runs ``python -m tests.kept --write --why "…"``, which refuses under the
version that other decisions were kept under. A decision that becomes a refusal is a change of decisions too. What is refused
carries no id, and may be said otherwise under the same version: with its reason, which the file then holds. Requests that are
drawn otherwise than before, of a policy or a contract that changed, are no changed answers, and are written under any version.
"""
