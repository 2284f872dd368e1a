"""Values 1,000 invented investors with ten years of history each, apart from our code.

The histories are made by the rules below from an index alone, in whole numbers (paise,
thousandths of units, ten-thousandths of rupees), so that `investing::tests::thousand`
makes the same ones; only what they come to is written down. Lots are first in, first
out; the cost of part of a lot is rounded half up to the paisa. XIRR is pyxirr's.

    pip install pyxirr==0.10.8
    python tests/oracle/portfolios.py > tests/data/oracle/portfolios.csv
"""

import datetime
import sys
from collections import defaultdict

import pyxirr

MASK = (1 << 64) - 1
INVESTORS = 1000
MONTHS = 120
DUTY_FROM = 47  # July 2020
VALUED_ON = datetime.date(2026, 8, 21)


class Random:
    """splitmix64"""

    def __init__(self, seed):
        self.state = seed & MASK

    def below(self, n):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return (z ^ (z >> 31)) % n


def half_up(number, by):
    return (2 * number + by) // (2 * by)


def history(index):
    """Rows (scheme, date, kind, paise or None, milli units or None) and the last NAVs."""
    r = Random(index)
    count = 1 + r.below(6)
    sip, nav, kind, start, held = [], [], [], [], [0] * count
    for _ in range(count):
        sip.append(50_000 * (1 + r.below(20)))
        nav.append(100_000 + r.below(4_900_000))
        kind.append(r.below(4))
        start.append(r.below(60))
    rows = [[] for _ in range(count)]

    def add(k, date, what, paise, milli):
        rows[k].append((date, what, paise, milli))
        if milli is not None:
            held[k] += milli

    def worth(k, milli):
        return half_up(milli * nav[k], 100_000)

    def bought(k, paise):
        return half_up(paise * 100_000, nav[k])

    def buy(k, date, what, amount, month):
        duty = half_up(amount * 5, 100_000) if month >= DUTY_FROM else 0
        units = bought(k, amount - duty)
        add(k, date, what, amount - duty, units)
        if duty:
            add(k, date, "duty", duty, None)
        return amount - duty, duty, units

    for month in range(MONTHS):
        year, of_year = 2016 + (7 + month) // 12, (7 + month) % 12 + 1
        day = lambda d: datetime.date(year, of_year, d)
        events = []
        for k in range(count):
            nav[k] = max(nav[k] * (9_750 + r.below(600)) // 10_000, 10_000)
            events.append(r.below(100))
        for k in range(count):
            other = k ^ 1
            if 6 <= events[k] < 8 and other < count and month >= max(start[k], start[other]):
                milli = held[k] * (1 + r.below(100)) // 100
                if milli:
                    paise = worth(k, milli)
                    add(k, day(2), "switch_out", -paise, -milli)
                    buy(other, day(2), "switch_in", paise, month)
        for k in range(count):
            event = events[k]
            if month < start[k]:
                continue
            if event != 99:
                net, duty, units = buy(k, day(5), "sip", sip[k], month)
            if event == 13:
                add(k, day(9), "reversal", -net, -units)
                if duty:
                    add(k, day(9), "duty", -duty, None)
            if event < 3:
                buy(k, day(12), "purchase", 100_000 * (1 + r.below(200)), month)
            if 3 <= event < 6:
                milli = held[k] * (1 + r.below(100)) // 100
                if milli:
                    paise = worth(k, milli)
                    add(k, day(19), "redemption", -paise, -milli)
                    stt = half_up(paise, 100_000)
                    if stt:
                        add(k, day(19), "stt", stt, None)
            if 8 <= event < 12 and kind[k] >= 2:
                paise = worth(k, held[k]) * 2 // 100
                if kind[k] == 2 and paise:
                    add(k, day(25), "payout", paise, None)
                if kind[k] == 3 and bought(k, paise):
                    add(k, day(25), "reinvest", paise, bought(k, paise))
            if event == 12 and held[k] // 10:
                add(k, day(27), "bonus", None, held[k] // 10)
    return rows, nav, held


def play(rows):
    """Cost of what is left, what was realised, and the investor's flows."""
    lots, realised, flows = [], 0, defaultdict(int)
    for date, what, paise, milli in sorted(rows, key=lambda row: row[0]):
        if what in ("sip", "purchase", "switch_in"):
            lots.append([milli, paise, date])
            flows[date] -= paise
        elif what == "reinvest":
            lots.append([milli, paise, date])
        elif what == "bonus":
            lots.append([milli, 0, date])
        elif what == "duty":
            flows[date] -= paise
            if paise > 0:
                lots[-1][1] += paise
        elif what == "stt":
            flows[date] -= paise
        elif what == "payout":
            flows[date] += paise
        elif what == "reversal":
            flows[date] -= paise
            assert lots[-1][0] == -milli
            lots.pop()
        else:  # redemption, switch_out
            flows[date] -= paise
            realised -= paise
            left = -milli
            while left:
                units, cost, _ = lots[0]
                if units <= left:
                    left -= units
                    realised -= cost
                    lots.pop(0)
                else:
                    gone = half_up(cost * left, units)
                    lots[0][0] -= left
                    lots[0][1] -= gone
                    realised -= gone
                    left = 0
    return sum(lot[1] for lot in lots), realised, flows


def main():
    print("investor,rows,units_milli,value_paise,cost_paise,realised_paise,xirr")
    for index in range(INVESTORS):
        rows, nav, held = history(index)
        flows, cost, realised, value = defaultdict(int), 0, 0, 0
        for k, of_scheme in enumerate(rows):
            its_cost, its_gain, its_flows = play(of_scheme)
            cost += its_cost
            realised += its_gain
            value += half_up(held[k] * nav[k], 100_000)
            for date, paise in its_flows.items():
                flows[date] += paise
        flows[VALUED_ON] += value
        dates = sorted(date for date, paise in flows.items() if paise)
        rate = pyxirr.xirr(dates, [flows[date] / 100 for date in dates])
        npv = sum(
            flows[d] / 100 / (1 + rate) ** ((d - dates[0]).days / 365) for d in dates
        )
        assert abs(npv) < 0.01, (index, npv)
        count = sum(len(of_scheme) for of_scheme in rows)
        print(f"{index},{count},{sum(held)},{value},{cost},{realised},{rate:.12f}")


if __name__ == "__main__":
    sys.exit(main())
