"""Evidence bundles, reports, receipts."""
