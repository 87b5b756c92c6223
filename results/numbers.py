"""Numbers as readers write them: French (espace fine insécable, virgule, « 1,2 Md€ ») or English.

A number is shown to the digit its error supports: the 95 % half-width keeps one significant digit,
two if it begins with 1 or 2, and the value stops at the same place.
"""

import math
import re

THIN = "\u202f"  # espace fine insécable
MINUS = "\u2212"
Z95 = 1.959964  # two-sided 95 % quantile of the normal law
LIFETIME_YEARS = 80  # a cohort followed this long is followed for life (as `model.study`)

_SCALES = ((1e9, "Md€", "bn"), (1e6, "M€", "m"), (0.0, "€", ""))


def typeset(text: str, lang: str) -> str:
    """Return `text` with curly apostrophes and, in French, the spaces its typography asks for."""
    text = text.replace("'", "’")
    if lang != "fr":
        return text
    text = re.sub(r"[ \u00a0]+([;:!?%»€])", THIN + r"\1", text)
    text = re.sub(r"(\d)[ \u00a0]+(Md€|M€|\d{3}\b)", rf"\1{THIN}\2", text)
    return re.sub(r"«[ \u00a0]+", "«" + THIN, text)


def decimals_for(half_width: float) -> int:
    """Return how many decimals a number keeps, given its 95 % half-width (negative: tens, hundreds …)."""
    if not math.isfinite(half_width) or half_width <= 0:
        raise ValueError(f"a half-width must be above 0, not {half_width}")
    exponent = math.floor(math.log10(half_width))
    leading = half_width / 10.0**exponent
    return (1 if leading < 2.95 else 0) - exponent


def significant(value: float, digits: int = 3) -> int:
    """Return the decimals that leave `digits` significant digits in `value`."""
    return digits if value == 0 or not math.isfinite(value) else digits - 1 - math.floor(math.log10(abs(value)))


def number(value: float, lang: str, decimals: int = 0, signed: bool = False) -> str:
    """Return `value` written for `lang`: "−12 300", "0,25" or "-12,300", "0.25"."""
    if not math.isfinite(value):
        return "n. d." if lang == "fr" else "n/a"
    rounded = round(value, decimals)
    rounded = 0.0 if rounded == 0 else rounded
    text = f"{abs(rounded):,.{max(decimals, 0)}f}"
    if lang == "fr":
        text = text.replace(",", THIN).replace(".", ",")
    sign = MINUS if rounded < 0 else ("+" if signed and rounded > 0 else "")
    return sign + text


def with_error(value: float, error: float, lang: str, *, unit: str = "", signed: bool = False) -> str:
    """Return "value ± half-width unit" at the digits its Monte Carlo standard error `error` supports."""
    half_width = Z95 * error
    space = THIN if unit and lang == "fr" else (" " if unit and unit != "%" else "")
    if not math.isfinite(half_width) or half_width <= 0:
        return number(value, lang, max(significant(value), 0), signed) + space + unit
    decimals = decimals_for(half_width)
    return f"{number(value, lang, decimals, signed)} ± {number(half_width, lang, decimals)}{space}{unit}"


def euro_scale(size: float, lang: str) -> tuple[float, str]:
    """Return the divisor and unit in which an amount of `size` euros reads best."""
    for scale, french, english in _SCALES:
        if abs(size) >= scale:
            return max(scale, 1.0), french if lang == "fr" else english
    return 1.0, "€" if lang == "fr" else ""


def euros(value: float, lang: str, *, error: float = 0.0, signed: bool = False, digits: int = 3) -> str:
    """Return an amount: « 1,2 Md€ », "€1.2bn"; with its 95 % half-width when `error` is above 0."""
    if not math.isfinite(value):
        return number(value, lang)
    scale, unit = euro_scale(max(abs(value), Z95 * error if error > 0 else 0.0), lang)
    value, half_width = value / scale, Z95 * error / scale
    known = math.isfinite(half_width) and half_width > 0
    decimals = decimals_for(half_width) if known else significant(value, digits)
    decimals = decimals if known or scale > 1 else max(decimals, 0) if abs(value) < 10 else min(decimals, 0)
    shown = number(value, lang, decimals, signed)
    if lang == "fr":
        return shown + (f" ± {number(half_width, lang, decimals)}" if known else "") + THIN + unit
    sign = shown[0] if shown[0] in "+" + MINUS else ""
    spread = f" ± €{number(half_width, lang, decimals)}{unit}" if known else ""
    return f"{sign}€{shown[len(sign) :]}{unit}{spread}"


def assumed(value: float, lang: str) -> str:
    """Return a number that is no measure at the fewest digits that keep it within half a per cent, three at most."""
    close = (digits for digits in (1, 2) if abs(round(value, significant(value, digits)) - value) <= 0.005 * abs(value))
    return number(value, lang, significant(value, next(close, 3)) if value else 0)


def euros_between(value: float, low: float, high: float, lang: str, per: str = "") -> str:
    """Return an amount with its interval, to the digit its nearer end supports: « 60 000 € (30 000 à 180 000) ».

    per : what it is paid for, "/QALY"
    """
    scale, unit = euro_scale(abs(value), lang)
    at, start, end = _between(value / scale, low / scale, high / scale, lang)
    if lang == "fr":
        return f"{at}{THIN}{unit}{per} ({start} à {end})"
    return f"€{at}{unit}{per} (€{start}{unit} to €{end}{unit})"


def between(value: float, low: float, high: float, lang: str) -> str:
    """Return a number with its interval: « 0,30 (0,21 à 0,52) », to the digit its nearer end supports."""
    at, start, end = _between(value, low, high, lang)
    return f"{at} ({start} {'à' if lang == 'fr' else 'to'} {end})"


def _between(value: float, low: float, high: float, lang: str) -> list[str]:
    nearer = min(value - low, high - value)
    decimals = decimals_for(nearer) if nearer > 0 else significant(value)
    decimals = max(decimals, significant(value, 1))  # never rounded to nothing
    return [number(one, lang, decimals) for one in (value, low, high)]


def compact(value: float, lang: str) -> str:
    """Return a number at three significant digits, large ones in thousands, millions or billions: "1,31 M"."""
    for scale, unit_size, french, english in ((1e9, 1e9, "Md", "bn"), (1e6, 1e6, "M", "m"), (1e4, 1e3, "k", "k")):
        if math.isfinite(value) and abs(value) >= scale:
            shown = value / unit_size
            text = number(shown, lang, max(significant(shown), 0))
            return f"{text}{THIN}{french}" if lang == "fr" else f"{text}{english}"
    return number(value, lang, max(min(significant(value), 4), 0))


def percent(share: float, lang: str, *, error: float = 0.0, decimals: int = 1, signed: bool = False) -> str:
    """Return a share (0 to 1) as a percentage, with its 95 % half-width when `error` is above 0."""
    if error > 0:
        return with_error(100 * share, 100 * error, lang, unit="%", signed=signed)
    return number(100 * share, lang, decimals, signed) + (THIN if lang == "fr" else "") + "%"
