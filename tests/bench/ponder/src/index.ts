import { ponder } from 'ponder:registry'
import { stream, streamEvent, transfer } from 'ponder:schema'

const place = ({ id, block, log, transaction }) => ({
  id, block: Number(block.number), logIndex: log.logIndex, txHash: transaction.hash, timestamp: block.timestamp,
})

ponder.on('Token:Transfer', async ({ event, context }) => {
  const { from, to, value: amount } = event.args
  await context.db.insert(transfer).values({ ...place(event), from, to, amount })
})

// Each event is a row, and `step` says what it makes of its stream.
function onStream(name, amountOf, step) {
  ponder.on(`Streaming:${name}`, async ({ event, context }) => {
    const { args, log: { topics } } = event
    const row = { ...place(event), topic: topics[0], streamId: args.streamId, amount: amountOf(args) }
    await context.db.insert(streamEvent).values(row)
    await step(context.db, args, event.block.timestamp)
  })
}

const change = (what) => (db, args) => db.update(stream, { id: args.streamId }).set((row) => what(row, args))

onStream('StreamCreated', (args) => args.totalAmount, (db, args, time) =>
  db.insert(stream).values({
    id: args.streamId, worker: args.worker, platform: args.platform, status: 'active', total: args.totalAmount,
    released: 0n, claimed: 0n, refunded: 0n, startTime: time, endTime: time + args.duration,
  }))
onStream('PaymentReleased', (args) => args.amount, change((row, args) => ({ released: args.totalReleased })))
onStream('EarningsClaimed', (args) => args.amount, change((row, args) => ({ claimed: row.claimed + args.amount })))
onStream('StreamPaused', () => null, change(() => ({ status: 'paused' })))
onStream('StreamResumed', () => null, change(() => ({ status: 'active' })))
// What was released and not claimed is paid by the cancellation.
onStream('StreamCancelled', (args) => args.refundAmount, change((row, args) => ({
  status: 'cancelled', claimed: row.released, refunded: args.refundAmount,
})))
onStream('StreamCompleted', (args) => args.totalPaid, change(() => ({ status: 'completed' })))
