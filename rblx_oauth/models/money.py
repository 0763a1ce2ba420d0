"""Money, exactly."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Self

from rblx_oauth.models.base import Model

NANO = 9
"""Decimal places of an amount on the wire: Roblox asks for billionths."""


class Quantity(Model, frozen=True):
    """A decimal number: significand times ten to the power of exponent."""

    significand: int = 0
    exponent: int = 0


class Money(Model, frozen=True):
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
            TypeError: It is a float, which has no exact cents.
            ValueError: It is not a number, or finer than a billionth.
        """
        if isinstance(amount, float | bool):
            raise TypeError('an amount must be exact: write "4.35" or Decimal("4.35"), no float')
        try:
            number = Decimal(amount)
            significand = number.scaleb(NANO).to_integral_exact()
        except InvalidOperation:
            raise ValueError("an amount must be a decimal number") from None
        if significand != number.scaleb(NANO):
            raise ValueError(f"an amount may have {NANO} decimal places")
        if not significand:
            return cls(currency_code=currency_code)
        return cls(
            currency_code=currency_code,
            quantity=Quantity(significand=int(significand), exponent=-NANO),
        )

    @property
    def amount(self) -> Decimal:
        """The amount, exactly."""
        return Decimal(self.quantity.significand).scaleb(self.quantity.exponent)
