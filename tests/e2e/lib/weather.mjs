// Ways in which a node misbehaves for a while, as behaviours of the proxy. None
// of them is a lie that cannot be told from the truth: logs that are left out
// of eth_getLogs, and heads of a chain that is none, are not among them.
import { sleep } from '../../devchain/lifetime.mjs'

const provable = /^eth_(getBlock|chainId|getCode|call|getTransactionCount)/

// Each reply is replaced with probability `p` where `which` fits its method.
const spoiling = (random, p, which, spoil) => async ({ calls, forward }) => {
  const replies = await forward()
  for (const reply of [].concat(replies)) {
    const call = calls.find(({ id }) => id === reply.id)
    if (call && which.test(call.method) && random.chance(p)) spoil(reply)
  }
  return replies
}

const refusals = [
  { code: -32603, message: 'internal error' },
  { code: -32005, message: 'rate limit exceeded' },
  { code: -32000, message: 'header not found' },
  { code: -32001, message: 'resource not found' },
]

export const weathers = {
  slow: (random) => async ({ forward }) => (await sleep(random.between(20, 400)), forward()),
  deaf: (random) => async ({ forward, response }) => (random.chance(0.4) ? void response.destroy() : forward()),
  torn: (random) => async ({ forward, response }) => {
    const replies = await forward()
    if (random.chance(0.6)) return replies
    const text = JSON.stringify(replies)
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length })
    response.write(text.slice(0, text.length / 2))
    setTimeout(() => response.destroy(), 10)
  },
  // An answer that comes after the world has moved on.
  late: (random) => async ({ forward }) => {
    const replies = await forward()
    await sleep(random.between(0, 600))
    return replies
  },
  nulls: (random) => spoiling(random, 0.3, provable, (reply) => (reply.result = null)),
  empties: (random) => spoiling(random, 0.3, /Receipts|getBlockBy/, (reply) => (reply.result = [])),
  errors: (random) => spoiling(random, 0.3, /./, (reply) => {
    delete reply.result
    reply.error = random.oneOf(refusals)
  }),
  shortReceipts: (random) => spoiling(random, 0.5, /Receipts/, (reply) => reply.result?.pop?.()),
  statuses: (random) => async ({ forward, response }) =>
    random.chance(0.5) ? forward() : void response.writeHead(random.oneOf([429, 500, 502, 503])).end('no'),
  garbage: (random) => async ({ forward }) => (random.chance(0.4) ? '<html>' : forward()),
}
