// The tables of the database as the demo shows them: of each the query, the
// heads, which columns are numbers (right), and a record as text.
import { usdc } from './screen.mjs'

// A numeric with six decimals in base units.
export const units = (numeric) => BigInt(numeric.replace('.', ''))
const money = (numeric) => usdc(units(numeric))

export const views = {
  transactions: {
    sql: `select t.id, t.type, t.status, t.amount_usdc, t.from_wallet, t.to_wallet, t.block_number,
            coalesce('stream ' || s.contract_stream_id, 'loan ' || l.contract_loan_id) as part_of
          from transactions t left join streams s on s.id = t.stream_id left join loans l on l.id = t.loan_id
          order by t.created_at, t.id`,
    heads: ['transactions', 'status', 'USDC', 'from', 'to', 'block', 'of'],
    right: [2, 5],
    row: (t, name) => [
      t.type, t.status, money(t.amount_usdc), name(t.from_wallet), name(t.to_wallet),
      t.block_number ?? 'none', t.part_of ?? '',
    ],
  },
  streams: {
    sql: `select id, contract_stream_id, status, worker_wallet, platform_wallet, total_amount_usdc,
            released_amount_usdc, claimed_amount_usdc, refunded_amount_usdc
          from streams order by contract_stream_id`,
    heads: ['streams', 'status', 'platform', 'worker', 'total', 'released', 'claimed', 'refunded'],
    right: [4, 5, 6, 7],
    row: (s, name) => [
      `#${s.contract_stream_id}`, s.status, name(s.platform_wallet), name(s.worker_wallet),
      money(s.total_amount_usdc), money(s.released_amount_usdc), money(s.claimed_amount_usdc),
      money(s.refunded_amount_usdc),
    ],
  },
  loans: {
    sql: `select id, contract_loan_id, status, worker_wallet, requested_amount_usdc, total_owed_usdc,
            repaid_amount_usdc, remaining_balance_usdc
          from loans order by contract_loan_id`,
    heads: ['loans', 'status', 'worker', 'asked', 'owed', 'repaid', 'left'],
    right: [3, 4, 5, 6],
    row: (l, name) => [
      `#${l.contract_loan_id}`, l.status, name(l.worker_wallet), money(l.requested_amount_usdc),
      money(l.total_owed_usdc), money(l.repaid_amount_usdc), money(l.remaining_balance_usdc),
    ],
  },
  reputation: {
    sql: `select id, event_type, worker_wallet, points_delta, previous_score, new_score, metadata->>'difference' as difference
          from reputation_events order by created_at, chain_id, log_index`,
    heads: ['reputation_events', 'worker', 'points', 'score', 'difference'],
    right: [2, 4],
    row: (r, name) => [
      r.event_type, name(r.worker_wallet), String(r.points_delta), `${r.previous_score}→${r.new_score}`, r.difference ?? '',
    ],
  },
}
