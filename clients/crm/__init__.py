"""The CRM desk: quotes and claims for one subscriber, in words."""
