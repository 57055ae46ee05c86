"""Secrets at rest: encrypted with a key that is not in the database."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken

from monitor.domain.errors import BadInput


class Vault:
    """Locks and unlocks short secrets: tokens, and routes that carry them."""

    def __init__(self, key: bytes) -> None:
        """Derive the cipher from the instance's key (any length)."""
        self._cipher = Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"amends-vault:" + key).digest()))

    def lock(self, secret: str) -> bytes:
        """Encrypt."""
        return self._cipher.encrypt(secret.encode())

    def unlock(self, locked: bytes) -> str:
        """Decrypt. Raises `BadInput` when the key is not the one it was locked with."""
        try:
            return self._cipher.decrypt(locked).decode()
        except InvalidToken as wrong:
            message = "A stored secret was locked with another key: restore secret.key, or enter the secret again."
            raise BadInput(message) from wrong
