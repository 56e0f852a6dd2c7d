"""Pure part of the documents room: what a letter or bill says, and whether it says all it must."""
