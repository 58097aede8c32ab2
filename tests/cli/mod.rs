//! The command line: exit codes, bad input, outputs.
