"""What is shown of the product, and with what."""
