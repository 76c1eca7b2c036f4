"""What nicobatch does, for its command line and for programs: no arguments, terminal or signals."""
