"""Numbers people read out: unguessable, without look-alike letters."""

import secrets

# Crockford's base 32: no I, L, O or U.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12


def new_reference(prefix: str) -> str:
    """`prefix` and twelve random letters: 60 bits, so a reference can't be guessed or counted."""
    number = secrets.randbits(5 * LENGTH)
    return prefix + "".join(ALPHABET[number >> 5 * place & 31] for place in range(LENGTH))
