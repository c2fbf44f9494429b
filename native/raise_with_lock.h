/* Cython raises on overflow without the interpreter's lock in functions that run without it, and the process dies of that.
   Here whatever raises by this function holds the lock while it does. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

static inline void makegood_raise_with_lock(PyObject *type, const char *text) {
    PyGILState_STATE held = PyGILState_Ensure();
    PyErr_SetString(type, text);
    PyGILState_Release(held);
}

#define PyErr_SetString makegood_raise_with_lock
