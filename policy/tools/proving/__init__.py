"""The search for what the structure of a policy does not prove: two requests that break a property, decided by the calculator.

``scenes`` say whose outage and what kind, from the cases of the policy or made up by following its rules backwards
(``witnesses``, ``fact_builder``); ``lengths`` where its time turns; ``pairs`` which two tellings are compared. ``search``
decides them, ``verdicts`` joins what was found with what :mod:`policy.language.proofs` proved, and ``report`` says it.
"""
