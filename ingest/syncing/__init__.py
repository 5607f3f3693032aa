"""Documents kept in step with a source: what is there, what is known of it, and what is to be done."""
