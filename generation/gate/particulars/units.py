"""Units of legal, financial and clinical texts: each a multiple of its base, bases grouped in families."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Unit:
    """One of it is `factor` times its `base`; within a `family` a number cannot change its unit and stay true."""

    family: str
    base: str
    factor: Decimal


_TABLE = """
time s 1: s sec secs second seconds
time s 0.001: ms millisecond milliseconds
time s 60: min mins minute minutes
time s 3600: h hr hrs hour hours
time s 86400: d day days night nights
time s 604800: wk wks week weeks
time s 1209600: fortnight fortnights
time workday 1: workday workdays
time month 1: mo mos month months
time month 3: quarter quarters
time month 12: y yr yrs year years annum
time month 120: decade decades
time month 1200: century centuries
money $ 1: $ dollar dollars
money $ 0.01: ¢ cent cents
money USD 1: USD US$ U$
money CAD 1: CAD C$ CA$
money AUD 1: AUD A$ AU$
money NZD 1: NZD NZ$
money HKD 1: HKD HK$
money SGD 1: SGD S$
money GBP 1: GBP £ sterling
money GBP 0.01: p pence penny
money pound 1: pound pounds
money EUR 1: EUR € euro euros
money CHF 1: CHF franc francs
money JPY 1: JPY ¥ yen
money CNY 1: CNY RMB yuan
money INR 1: INR Rs ₹ rupee rupees
money SEK 1: SEK krona kronor
money NOK 1: NOK
money DKK 1: DKK
share % 1: % percent pct percentage
share % 0.01: bp bps
share % 0.1: ‰
mass g 1: g gram grams gramme grammes
mass g 1000: kg kgs kilo kilos kilogram kilograms
mass g 0.001: mg mgs milligram milligrams
mass g 0.000001: mcg μg ug microgram micrograms
mass g 0.000000001: ng nanogram nanograms
mass g 0.000000000001: pg
mass g 1000000: tonne tonnes
mass ton 1: ton tons
mass lb 1: lb lbs
mass oz 1: oz ounce ounces
volume l 1: l L litre litres liter liters
volume l 0.1: dl dL
volume l 0.01: cl cL
volume l 0.001: ml mL millilitre millilitres milliliter milliliters cc
volume l 0.000001: μl μL ul uL microlitre microlitres microliter microliters
volume gallon 1: gal gallon gallons
volume barrel 1: bbl barrel barrels
length m 1: m metre metres meter meters
length m 1000: km kilometre kilometres kilometer kilometers
length m 0.01: cm centimetre centimetres centimeter centimeters
length m 0.001: mm millimetre millimetres millimeter millimeters
length m 0.000001: μm micron microns micrometre micrometres micrometer micrometers
length m 0.000000001: nm nanometre nanometres nanometer nanometers
length inch 1: inch inches
length inch 12: ft foot feet
length inch 36: yd yard yards
length mile 1: mi mile miles
area ha 1: ha hectare hectares
area acre 1: acre acres
temperature C 1: °C celsius centigrade
temperature F 1: °F fahrenheit
amount mol 1: mol mole moles
amount mol 0.001: mmol
amount mol 0.000001: μmol umol
amount mol 0.000000001: nmol
molarity M 0.001: mM
molarity M 0.000001: μM uM
molarity M 0.000000001: nM
dose IU 1: IU
dose Gy 1: Gy
pressure Pa 133.322: mmHg
pressure Pa 1000: kPa
pressure Pa 1000000: MPa
energy cal 1000: kcal kilocalorie kilocalories
energy J 1000: kJ
energy Wh 1000: kWh
energy Wh 1000000: MWh
energy Wh 1000000000: GWh
power W 1: W watt watts
power W 1000: kW kilowatt kilowatts
power W 1000000: MW megawatt megawatts
power W 1000000000: GW gigawatt gigawatts
frequency Hz 1: Hz
frequency Hz 1000: kHz
frequency Hz 1000000: MHz
frequency Hz 1000000000: GHz
data B 1000: kB KB kilobyte kilobytes
data B 1000000: MB megabyte megabytes
data B 1000000000: GB gigabyte gigabytes
data B 1000000000000: TB terabyte terabytes
times times 1: times fold x
"""


def _units() -> dict[str, Unit]:
    found = {}
    for line in _TABLE.strip().splitlines():
        head, names = line.split(":")
        family, base, factor = head.split()
        found.update(dict.fromkeys(names.split(), Unit(family, base, Decimal(factor))))
    return found


UNITS = _units()
BARE = Unit("", "", Decimal(1))
MONEY = tuple(sorted((name for name, unit in UNITS.items() if unit.family == "money"), key=len, reverse=True))
SIGNS = tuple(name for name in MONEY if not name.isalpha() or (name.isupper() and len(name) == 3) or name == "Rs")
DOLLARS = frozenset({"$", "USD", "CAD", "AUD", "NZD", "HKD", "SGD"})
DOLLARS_OF = {"us": "USD", "american": "USD", "canadian": "CAD", "australian": "AUD", "singapore": "SGD"}
FREQUENCIES = {"hourly": "hour", "daily": "day", "nightly": "day", "weekly": "week", "monthly": "month",
               "quarterly": "quarter", "annually": "year", "annual": "year", "yearly": "year"}  # fmt: skip
SCALES = {name: Decimal(scale) for names, scale in (
    ("hundred", "1E2"), ("thousand thousands k K", "1E3"), ("lakh lakhs", "1E5"), ("crore crores", "1E7"),
    ("million millions mn m M MM mm", "1E6"), ("billion billions bn b B", "1E9"), ("trillion trillions tn", "1E12"),
) for name in names.split()}  # fmt: skip


def unit_of(word: str) -> Unit | None:
    """The unit that a word or sign names; one letter and symbols only in their own case ("mM" is not "mm")."""
    return UNITS.get(word) or (UNITS.get(word.lower()) if len(word) > 1 else None)


def same_base(one: str, other: str) -> bool:
    """ "$" may be any dollar, and a pound is money or weight."""
    if one == other or ({one, other} <= DOLLARS and "$" in (one, other)):
        return True
    return {one, other} in ({"pound", "GBP"}, {"pound", "lb"})
