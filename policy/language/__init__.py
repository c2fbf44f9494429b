"""The policy language: files in, :mod:`policy.calculator.rules` out, or everything that is wrong with them.

From below:

    problems         a problem with its place, and the report that gathers them; Refused gives up a piece and reads on
    yaml_tree        a file as a tree of texts with their places
    words, shapes    tables of words (Form, Word), which drive the reader and the schema for editors alike
    quantities, kinds, core_facts, currencies, calendars      what there is: units, types, facts, zones, working days
    scope            the names of one version, read when they are first asked for
    scalars, bounds, lengths, choices, conditions             values and conditions, wherever they stand
    clauses, facts, figures, measures, clocks                 sections of names, and what is under each
    counts, pay, components, benefits                         what is given
    extras, notice_words, notices                             claims, recourse, messages
    head, versions, unused, fractions, policy_file, digest    a file: each of its versions, read on its own
    catalog, load    a directory of policies; compiled
    schema           the JSON Schema for editors

A word is added in the table of its map, with the function that reads it; ``tests/language`` has a policy that uses every
word, and a file of slips to which every refusal adds its own.
"""
