"""Trains the embedder of a pack of your own that sees in the dark. Read README.md first.

Not part of the product: it needs PyTorch, which the product does not install.
"""
