"""What the command line does, one subject a file; ``services/cli.py`` names the commands."""
