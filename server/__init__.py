"""gRPC around the calculator: translate, limit, measure, log. Nothing here decides."""
