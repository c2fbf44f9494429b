"""Requests that stand one unit below a boundary, at it, and one unit above it.

``facts`` are moved to a boundary in a request as it is; ``lengths`` and ``amounts`` move the time that is told until it stands
there, ``claims`` the claim. Where a request comes to stand is not assumed: it is worked out, and looked at as
:mod:`policy.tools.coverage` looks at it. ``finder`` tries one request after another, those of the cases first.
"""
