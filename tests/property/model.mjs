// What the tables have to hold, from what really happened (script_truth) and
// who is registered: slow, obvious, and from the documents, not from the daemon.

const zero = `0x${'0'.repeat(40)}`
const usdc = (units) => `${BigInt(units) / 1_000_000n}.${String(BigInt(units) % 1_000_000n).padStart(6, '0')}`
const time = (seconds) => (seconds ? new Date(seconds * 1000).toISOString() : null)

// Streams: the fold of their events.
function foldStream(streams, event, at) {
  const stream = streams.get(event.id)
  const events = {
    StreamCreated: () =>
      streams.set(event.id, {
        id: event.id, worker: event.to, platform: event.from, total: BigInt(event.total), released: 0n, claimed: 0n,
        refunded: 0n, status: 'active', start: at, end: at + event.duration, interval: event.interval, last: at,
        pausedAt: 0, completedAt: 0, cancelledAt: 0,
      }),
    PaymentReleased: () => {
      stream.released += BigInt(event.amount)
      stream.last = at
    },
    EarningsClaimed: () => (stream.claimed += BigInt(event.amount)),
    StreamPaused: () => Object.assign(stream, { status: 'paused', pausedAt: at }),
    StreamResumed: () => Object.assign(stream, { status: 'active', pausedAt: 0, last: at }),
    StreamCompleted: () => Object.assign(stream, { status: 'completed', completedAt: at }),
    StreamCancelled: () =>
      Object.assign(stream, {
        status: 'cancelled', cancelledAt: at, refunded: stream.total - stream.released, claimed: stream.released,
      }),
  }
  events[event.event]?.()
}

// Which Transfer each event of a transaction explains: the latest one before it
// with its parties and amount that nothing else has explained.
function explain(logs, streams, contract) {
  const roles = new Map()
  const take = (index, from, to, amount, role, stream) => {
    for (let i = index - 1; i >= 0; i--) {
      const log = logs[i]
      const fits = log.event === 'Transfer' && log.from === from && log.to === to && BigInt(log.amount) === amount
      if (fits && !roles.has(i)) return roles.set(i, { role, stream })
    }
    throw new Error(`nothing pays for ${JSON.stringify(logs[index])}`)
  }
  for (const [i, log] of logs.entries()) {
    const stream = streams.get(log.id)
    const amount = BigInt(log.amount ?? 0)
    if (log.event === 'StreamCreated') take(i, log.from, contract, BigInt(log.total), 'escrow', log.id)
    if (log.event === 'EarningsClaimed') take(i, contract, log.to, amount, 'claim', log.id)
    if (log.event === 'StreamCancelled') {
      take(i, contract, stream.platform, amount, 'refund', log.id)
      const part = stream.released - stream.claimed
      if (part > 0n) take(i, contract, stream.worker, part, 'part', log.id)
    }
  }
  return roles
}

// What a Transfer is: first match wins; null: a fact only.
function classify(log, explained, stream, people, feeWallets) {
  const who = (address) => people.get(address)?.role
  const name = (role, address) => (who(address) === role ? people.get(address).email : null)
  const { from, to } = log
  const made = (type, worker, platform) => ({ type, worker: name('worker', worker), platform: name('platform', platform) })
  if (BigInt(log.amount) === 0n || from === to || from === zero || to === zero) return null
  if (explained?.role === 'claim' || explained?.role === 'part') return made('payout', stream.worker, stream.platform)
  if (explained?.role === 'refund') return made('refund', stream.worker, stream.platform)
  if (explained?.role === 'escrow') return null
  if (feeWallets.includes(to)) return made('fee', from, from)
  if (who(from) === 'worker' && who(to) === 'platform') return made('refund', from, to)
  if (who(to) === 'worker' && who(from) !== 'worker') return made('payout', to, from)
  return null
}

// people: address (lower case) -> { role, email }. final: the last final block.
export function expected({ blocks, people, feeWallets, contract, final }) {
  const streams = new Map()
  const transactions = []
  const transfers = []
  const events = []
  const quarantine = []
  const ours = (address) => people.has(address) || feeWallets.includes(address) || address === contract
  for (const block of blocks) {
    for (const tx of block.transactions) {
      const place = ({ logIndex }) => `${block.hash} ${logIndex}`
      const seen = new Map() // equal transfers of the transaction so far
      const roles = explain(tx.logs, streams, contract)
      for (const [i, log] of tx.logs.entries()) {
        if (log.event === 'odd') quarantine.push(place(log))
        else if (log.event !== 'Transfer') events.push(`${place(log)} ${log.event} ${log.id}`)
        if (log.event !== 'Transfer') {
          foldStream(streams, log, block.timestamp)
          continue
        }
        const key = `${log.from} ${log.to} ${log.amount}`
        const ordinal = seen.get(key) ?? 0
        seen.set(key, ordinal + 1)
        const explained = roles.get(i)
        if (ours(log.from) || ours(log.to)) transfers.push(`${place(log)} ${key}`)
        else continue
        const made = classify(log, explained, streams.get(explained?.stream), people, feeWallets)
        if (!made) continue
        transactions.push({
          ...made,
          status: block.number <= final ? 'confirmed' : 'submitted',
          amount: usdc(log.amount), from: log.from, to: log.to, hash: tx.hash, ordinal,
          log: log.logIndex, block: block.number, block_hash: block.hash,
          stream: explained ? String(explained.stream) : null,
        })
      }
    }
  }
  const name = (role, address) => (people.get(address)?.role === role ? people.get(address).email : null)
  return {
    transactions, transfers, events, quarantine,
    streams: [...streams.values()].map((s) => ({
      id: String(s.id), worker_wallet: s.worker, platform_wallet: s.platform,
      total: usdc(s.total), released: usdc(s.released), claimed: usdc(s.claimed), refunded: usdc(s.refunded),
      status: s.status, start: time(s.start), end: time(s.end), interval: s.interval,
      next: s.status === 'active' ? time(s.last + s.interval) : null,
      paused: time(s.pausedAt), completed: time(s.completedAt), cancelled: time(s.cancelledAt),
      worker: name('worker', s.worker), platform: name('platform', s.platform),
    })),
  }
}
