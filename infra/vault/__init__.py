"""What the audit trail says is sealed under keys that can be destroyed."""
