"""Money, exactly."""

from __future__ import annotations

from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation, Overflow
from typing import Self

from rblx_oauth.models.base import Model

NANO = 9
"""Decimal places of an amount on the wire: Roblox asks for billionths."""

# The caller's own context may round, and say nothing.
_EXACT = Context(prec=40, Emax=40, Emin=-40, traps=[Inexact, InvalidOperation, Overflow])


class Quantity(Model, frozen=True, omit_defaults=False):
    """A decimal number: significand times ten to the power of exponent."""

    significand: int = 0
    exponent: int = 0


class Money(Model, frozen=True, omit_defaults=False):
    """An amount in a currency.

    Attributes:
        currency_code: ISO 4217, e.g. ``USD``.
        quantity: The amount; `amount` reads it as a `Decimal`.
    """

    currency_code: str = ""
    quantity: Quantity = Quantity()

    @classmethod
    def of(cls, amount: Decimal | int | str, currency_code: str = "USD") -> Self:
        """Money of an exact amount: ``Money.of("4.35")``.

        Raises:
            TypeError: It is a float, which has no exact cents, or no number at all.
            ValueError: It is not a finite number, or not so many billionths as 64
                bits can hold.
        """
        significand = units(amount, NANO)
        # Roblox asks for billionths, and for plain zeros where there are none.
        exponent = -NANO if significand else 0
        return cls(
            currency_code=currency_code,
            quantity=Quantity(significand=significand, exponent=exponent),
        )

    @property
    def amount(self) -> Decimal:
        """The amount, exactly.

        Raises:
            ValueError: Its exponent is beyond any sum of money.
        """
        try:
            return _EXACT.scaleb(Decimal(self.quantity.significand), self.quantity.exponent)
        except DecimalException:
            raise ValueError("the exponent is beyond any sum of money") from None


def units(amount: Decimal | int | str, places: int) -> int:
    """An amount in units of its last decimal place: 435 for ``"4.35"`` and 2 places.

    Raises:
        TypeError: It is a float, which has no exact cents, or no number at all.
        ValueError: It is not a finite number, has more decimal places, or more
            units than 64 bits can hold.
    """
    if isinstance(amount, bool) or not isinstance(amount, Decimal | int | str):
        raise TypeError('an amount must be exact: write "4.35" or Decimal("4.35"), no float')
    try:
        number = Decimal(amount)
    except DecimalException:
        raise ValueError("an amount must be a decimal number") from None
    if not number.is_finite():
        raise ValueError("an amount must be finite")
    try:
        found = int(_EXACT.to_integral_exact(_EXACT.scaleb(number, places)))
    except DecimalException:
        found = 2**63
    if not -(2**63) <= found < 2**63:
        most = 2**63 // 10**places
        raise ValueError(f"an amount may have {places} decimal places and be up to {most:,}")
    return found
