"""Cases: what a policy decides, as its owner would say it. ``policy/catalog/<policy>/cases.yaml`` stands beside the policy.

``policy/docs/cases.md`` has every word of such a file, with an example; a test holds the page and this package together.

From below:

    values, words        values with their units; the words of a map
    known, naming        what the policy declares; people, outages and claims that are named once
    facts                the facts of subscribers, outages and claims, by their short names
    lines, answer, saying, expected, expectations      what comes out, and what is expected of it
    case_file            a file of cases, read with everything that is wrong with it
"""
