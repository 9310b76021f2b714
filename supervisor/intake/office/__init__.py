"""The child process that opens office files: bytes on standard input, one JSON object on standard output.

Runs with limits on memory and time as the package `office`, apart from the application, and imports nothing of it;
hence the relative imports. Its parent is `containers.py`.
"""
