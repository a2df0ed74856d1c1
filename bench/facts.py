"""Facts of a size, written as Parquet parts in the store's own layout, without a log behind them.

Every column has the type that ``insight/facts/columns.py`` gives it. Values are drawn from a hash of the
case's number: about a year of receipts, 120 units, all channels that are common, twelve behaviours,
one case of six merged, a quarter of the clocks still running, one of five a clue that accuses its
unit. The same number of rows gives the same files.
"""

from __future__ import annotations

from datetime import timedelta

UNITS = 120
_ROWS = """
SELECT i AS case_id, (['demand', 'demand', 'demand', 'complaint', 'clue'])[1 + (h % 5)::INT] AS kind, '' AS nature,
 (['received', 'accepted', 'investigating', 'fed_back', 'closed', 'merged'])[1 + ((h >> 3) % 6)::INT] AS state,
 CASE WHEN (h >> 5) % 10 < 2 THEN '' ELSE ({behaviours})[1 + ((h >> 7) % 12)::INT] END AS behaviour,
 ({channels})[1 + ((h >> 11) % {channel_count})::INT] AS channel,
 CASE WHEN (h >> 13) % 20 > 0 THEN ({units})[1 + ((h >> 15) % {unit_count})::INT] END AS unit_id,
 TIMESTAMP '{begin}' + INTERVAL 1 SECOND * ((i * 3153) % 31449600) AS received_at,
 received_at + INTERVAL 1 DAY AS accepted_at,
 CASE WHEN (h >> 39) % 3 = 0 THEN received_at + INTERVAL 20 DAY END AS closed_at,
 received_at::DATE + 7 AS due_on,
 CASE WHEN (h >> 17) % 4 > 0 THEN received_at::DATE + ((h >> 19) % 12)::INT END AS stopped_on,
 CASE WHEN (h >> 23) % 3 = 0 THEN '' ELSE (['substantiated', 'partly', 'unfounded', 'not_proven'])[1 + ((h >> 25) % 4)::INT] END AS finding,
 CASE WHEN (h >> 27) % 3 = 0 THEN 1 + ((h >> 29) % 5) END AS rating,
 (['', '', 'rule', 'process', 'none_needed'])[1 + ((h >> 31) % 5)::INT] AS governed,
 (h >> 32) % 9 = 0 AS urged, (h >> 34) % 11 = 0 AS extensions, (h >> 33) % 7 = 0 AS reopened, (h >> 36) % 8 = 0 AS sent_back,
 received_at::DATE AS received_on, received_at::DATE AS reported_on, closed_at::DATE AS closed_on,
 received_at::DATE + 1 AS first_accepted_on, received_at::DATE + 1 AS first_assigned_on,
 CASE WHEN finding <> '' THEN received_at::DATE + 5 END AS first_found_on,
 CASE WHEN (h >> 35) % 3 > 0 THEN received_at::DATE + 6 END AS first_submitted_on,
 CASE WHEN (h >> 35) % 3 > 0 THEN received_at::DATE + 7 END AS first_verified_on,
 CASE WHEN (h >> 35) % 3 > 0 THEN received_at::DATE + ((h >> 37) % 20)::INT END AS first_fed_back_on,
 CASE WHEN governed <> '' THEN received_at::DATE + 18 END AS first_governed_on,
 closed_at::DATE AS first_closed_on, first_fed_back_on::TIMESTAMP AS fed_back_at, 1 AS reports, (h >> 41) % 15 = 0 AS recurred,
 CASE WHEN h % 5 = 4 THEN [unit_id] ELSE [] END AS excluded_units, [] AS excluded_groups, [] AS excluded_persons,
 [unit_id] AS serving_units, [1 + (h >> 15) % 5] AS serving_groups,
 [{{'id': i, 'relation': 'responsible', 'unit_id': unit_id, 'group_id': NULL, 'person_id': NULL}}] AS party_rows,
 [{{'id': i, 'reported_at': received_at::VARCHAR}}] AS report_rows
FROM (SELECT i, hash(i) AS h FROM range({low}, {high}) t(i))
"""


def set_units() -> None:
    """A small district with ``UNITS`` units below its government, and a first tick of its log."""
    from huhang.config.reactions import close_off
    from huhang.kernel.actor import OPERATOR
    from huhang.kernel.write import Write, write
    from huhang.parties.actions import add_unit
    from tests.cast import found_district

    found_district()

    def action(w: Write) -> None:
        for n in range(UNITS):
            add_unit(w, code=f"u{n:03}", name=f"示范区第{n}办公室", parent="gov")

    write(action, actor=OPERATOR)
    close_off()


def write_facts(rows: int) -> None:
    """``rows`` facts as the state of the last tick, in place of those that are there."""
    import duckdb

    from huhang.insight.facts import store
    from huhang.insight.facts.columns import COLUMNS
    from huhang.kernel import clock
    from huhang.parties.models import Unit
    from huhang.rulebook import current

    now = store.current()
    assert now is not None
    for part in now.parts:
        (store.folder() / part.name).unlink()
    units = list(
        Unit.objects.filter(code__startswith="u").order_by("pk").values_list("pk", flat=True)
    )
    channels = list(current().channels)[:8]
    names = ", ".join(f"({name})::{kind} AS {name}" for name, kind in COLUMNS.items())
    parts = []
    with duckdb.connect() as db:
        for low in range(0, rows, store.PART_ROWS):
            high = min(low + store.PART_ROWS, rows)
            query = _ROWS.format(
                low=low, high=high, units=units, unit_count=len(units), channels=channels,
                channel_count=len(channels), behaviours=list(current().behaviours)[:12],
                begin=(clock.today() - timedelta(days=364)).isoformat(),
            )  # fmt: skip
            name = store._write(db, f"SELECT {names} FROM ({query})")
            parts.append(store.Part(name, low, high - low))
    store._swap(store.Facts(now.tick, now.seq, now.root, now.zone, tuple(parts)))
