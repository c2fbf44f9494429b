cimport cython

cpdef long long total(const long long[::1] values) except? -1

@cython.locals(found=cython.longlong, place=cython.Py_ssize_t)
cdef long long _total(const long long[::1] values, Py_ssize_t count) except? -1 nogil
