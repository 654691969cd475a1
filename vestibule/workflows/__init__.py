"""One verb a file. Each function takes a Runtime and opens its own transactions."""
