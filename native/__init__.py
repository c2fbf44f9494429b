"""The modules that Cython compiles where it can: which and how, and which of both runs, the compiled twin or the source.

A module of :data:`native.recipe.MODULES` is Python that runs as it stands, with a ``.pxd`` beside it that gives the types of C.
What comes of compiling it, its twin, is a second module of the same name below ``makegood_compiled``; it lies where packages
are installed, never in a checkout. Both can be loaded side by side. MAKEGOOD_COMPILED rules building and running alike:

    auto      compile where there is a compiler; run what was compiled, where it was made from the very source that is here
    require   fail where that cannot be
    forbid    neither compile nor run what is compiled

This room imports none of the others.
"""
