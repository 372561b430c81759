// Transfers, events of streams, and streams, each with its primary key and no
// other index. Amounts are in the token's units.
import { onchainTable } from 'ponder'

const log = (t) => ({
  id: t.text().primaryKey(),
  block: t.integer().notNull(),
  logIndex: t.integer().notNull(),
  txHash: t.hex().notNull(),
  timestamp: t.bigint().notNull(),
})

export const transfer = onchainTable('transfer', (t) => ({
  ...log(t),
  from: t.hex().notNull(),
  to: t.hex().notNull(),
  amount: t.bigint().notNull(),
}))

export const streamEvent = onchainTable('stream_event', (t) => ({
  ...log(t),
  topic: t.hex().notNull(),
  streamId: t.bigint().notNull(),
  amount: t.bigint(),
}))

export const stream = onchainTable('stream', (t) => ({
  id: t.bigint().primaryKey(),
  worker: t.hex().notNull(),
  platform: t.hex().notNull(),
  status: t.text().notNull(),
  total: t.bigint().notNull(),
  released: t.bigint().notNull(),
  claimed: t.bigint().notNull(),
  refunded: t.bigint().notNull(),
  startTime: t.bigint().notNull(),
  endTime: t.bigint().notNull(),
}))
