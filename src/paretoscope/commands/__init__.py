"""What each command does with its flags, a command a file; the flags themselves are declared in `cli`."""
