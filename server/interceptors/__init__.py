"""What happens around every call: one interceptor puts one wrapper around each method (:mod:`server.interceptors.door`)."""
