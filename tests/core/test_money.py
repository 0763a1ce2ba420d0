"""Money is exact, whatever it is made of and whoever set the decimal context."""

from __future__ import annotations

from decimal import ROUND_UP, Context, Decimal, localcontext
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from rblx_oauth.core.codec import decoder
from rblx_oauth.models import Money, Quantity
from rblx_oauth.models.money import units

BILLIONTHS = st.integers(-(2**63), 2**63 - 1)


@pytest.mark.parametrize(
    ("amount", "significand"),
    [
        ("4.35", 4_350_000_000),
        (Decimal("4.99"), 4_990_000_000),
        ("0.000000001", 1),
        (7, 7_000_000_000),
        ("-4.35", -4_350_000_000),
        ("4.350000000000000000000000000000", 4_350_000_000),
        ("9223372036.854775807", 2**63 - 1),
    ],
)
def test_amounts_are_billionths(amount: Any, significand: int) -> None:
    """4.35 is 4.35, not 434 hundredths; billionths are what Roblox asks for."""
    money = Money.of(amount)
    assert money == Money(currency_code="USD", quantity=Quantity(significand, -9))
    assert money.amount == Decimal(amount)


def test_nothing_is_said_in_full() -> None:
    """Free is zeros and a currency, each of them written."""
    for nothing in (0, "0.00", Decimal(0)):
        assert msgspec.json.encode(Money.of(nothing)) == (
            b'{"currencyCode":"USD","quantity":{"significand":0,"exponent":0}}'
        )


@pytest.mark.parametrize("amount", [4.35, True, None, b"4.35", (4, 35)])
def test_what_has_no_exact_cents_is_refused(amount: Any) -> None:
    """A float is refused, and the message says what to write."""
    with pytest.raises(TypeError, match=r'write "4\.35" or Decimal\("4\.35"\), no float'):
        Money.of(amount)


@pytest.mark.parametrize(
    ("amount", "says"),
    [
        ("four", "must be a decimal number"),
        ("", "must be a decimal number"),
        ("NaN", "must be finite"),
        (Decimal("-Infinity"), "must be finite"),
        (Decimal("sNaN"), "must be finite"),
        ("0.0000000001", "9 decimal places and be up to 9,223,372,036"),
        ("1e-999999", "9 decimal places"),
        ("9223372036.854775808", "up to 9,223,372,036"),
        ("1e999999999", "up to 9,223,372,036"),
        (10**4000, "up to 9,223,372,036"),
    ],
)
def test_what_cannot_be_written_is_refused(amount: Any, says: str) -> None:
    """Too fine, too large, or no number: nothing is rounded."""
    with pytest.raises(ValueError, match=says):
        Money.of(amount)


@settings(print_blob=True)
@given(BILLIONTHS, st.integers(1, 12))
def test_no_context_rounds(billionths: int, precision: int) -> None:
    """A caller's decimal context of few digits changes nothing, there and back over the wire."""
    amount = Decimal(billionths).scaleb(-9, Context(prec=40))
    with localcontext(Context(prec=precision, rounding=ROUND_UP, traps=[])):
        money = Money.of(amount)
        wire = msgspec.json.encode(money)
        assert decoder(Money)(wire) == money
        assert money.quantity.significand == billionths
        assert money.amount == amount
        assert units(amount, 9) == billionths


@settings(print_blob=True)
@given(st.integers(-(10**15), 10**15), st.integers(0, 9))
def test_amounts_of_any_scale_are_read(significand: int, exponent: int) -> None:
    """Roblox may write 5 dollars as 5, or as 500 hundredths."""
    money = Money("USD", Quantity(significand * 10**exponent, -exponent))
    assert money.amount == significand
    assert Money("USD", Quantity(significand, exponent)).amount == significand * 10**exponent


@pytest.mark.parametrize("exponent", [60, 2**31 - 1])
def test_absurd_exponents_are_value_errors(exponent: int) -> None:
    """What no sum of money has is refused, and takes no time or memory."""
    with pytest.raises(ValueError, match="beyond any sum of money"):
        _ = Money("USD", Quantity(1, exponent)).amount


def test_cents_are_exact() -> None:
    """Searches count in cents; what is finer is refused."""
    assert units("4.35", 2) == 435
    assert units(Decimal("0.29"), 2) == 29
    with pytest.raises(ValueError, match="2 decimal places"):
        units("4.355", 2)
