"""The QR code of a payment address.

Its content is the bare address and nothing more: wallets disagree about every other form, and
TronLink's scanner refuses them. The amount travels by its own copy button.
"""

from __future__ import annotations

import io
from functools import lru_cache

from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.pure import PyPNGImage
from qrcode.main import QRCode

from chain.addresses import Address

_MODULE_PIXELS = 13
# The quiet zone that ISO/IEC 18004 asks for; without it scanners fail on a dark background.
_BORDER_MODULES = 4


@lru_cache(maxsize=16)
def address_qr(address: Address) -> bytes:
    """A PNG of 481 × 481 pixels that says `address`."""
    code = QRCode(
        error_correction=ERROR_CORRECT_M,
        box_size=_MODULE_PIXELS,
        border=_BORDER_MODULES,
        image_factory=PyPNGImage,
    )
    code.add_data(address)
    code.make(fit=True)
    with io.BytesIO() as file:
        code.make_image().save(file)
        return file.getvalue()
