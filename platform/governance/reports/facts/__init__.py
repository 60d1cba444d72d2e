"""What the auditor's report says: plain JSON values, taken from the bundle's documents and the rows around them."""
