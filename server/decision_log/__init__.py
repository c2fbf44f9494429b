"""One record for each decision and each refusal, enough to decide it again: ``server/docs/decision-log.md`` has the form.

A call leaves what it was asked and what it answered in a queue; a thread makes records of that, seals what names somebody, and
writes files. ``python -m server replay`` reads them and decides again.
"""
