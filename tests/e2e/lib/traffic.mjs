// Random life on a chain: what people do there, and what the chain itself does
// to it. Transactions are signed and sent; whether they revert is their affair.
import { sleep } from '../../devchain/lifetime.mjs'
import { usdc } from './world.mjs'

const hash = /^0x[0-9a-f]{64}$/

// batch: a contract with money, which pays and makes streams in its own name,
// several in one transaction.
export function openTraffic(random, { platforms, workers, strangers, feeWallet, batch }) {
  const everybody = [...platforms, ...workers, ...strangers]
  const raws = new Map() // by transaction hash, to be sent again
  const dollars = () => usdc(random.between(1, 4)) // often equal ones

  const calls = {
    payout: () => ['usdc', random.oneOf([...platforms, ...strangers]), 'transfer', random.oneOf(workers).address, dollars()],
    refund: () => ['usdc', random.oneOf(workers), 'transfer', random.oneOf(platforms).address, usdc(1)],
    between: () => ['usdc', random.oneOf(everybody), 'transfer', random.oneOf(everybody).address, usdc(1)],
    fee: () => ['usdc', random.oneOf(everybody), 'transfer', feeWallet, usdc(0.5)],
    zero: () => ['usdc', random.oneOf(platforms), 'transfer', random.oneOf(workers).address, 0n],
    mint: () => ['usdc', null, 'mint', random.oneOf(everybody).address, usdc(5)],
    burn: () => ['usdc', random.oneOf(everybody), 'burn', usdc(0.25)],
    create: () => ['streaming', random.oneOf(platforms), 'createStream', random.oneOf(workers).address, usdc(random.between(10, 40)), 3600n, 60n],
    release: (id) => ['streaming', random.oneOf(platforms), 'releasePayment', id],
    claim: (id) => ['streaming', id, 'claimEarnings', id],
    pause: (id) => ['streaming', id, 'pauseStream', id],
    resume: (id) => ['streaming', id, 'resumeStream', id],
    cancel: (id) => ['streaming', id, 'cancelStream', id],
  }
  // Equal ones among them.
  function together({ actions }, ids) {
    const to = random.oneOf(workers).address
    const make = {
      pay: () => ['usdc', 'transfer', to, usdc(1)],
      payOther: () => ['usdc', 'transfer', random.oneOf(everybody).address, usdc(1)],
      create: () => ['streaming', 'createStream', to, usdc(6), 3600n, 60n],
      release: () => ['streaming', 'releasePayment', ids],
      cancel: () => ['streaming', 'cancelStream', ids],
    }
    const list = Array.from({ length: random.between(2, 4) }, () =>
      make[random.weighted({ pay: 4, payOther: 1, create: 2, release: 1, cancel: 0.5 })]())
    return actions.together(batch, list.map(([contract, name, ...args]) => actions.call(actions[contract], name, ...args)))
  }

  const often = {
    payout: 6, refund: 2, between: 2, fee: 1, zero: 1, mint: 1, burn: 1,
    create: 4, release: 6, claim: 4, pause: 1, resume: 2, cancel: 1,
  }

  // Who may do it: the stream's own worker or platform.
  async function sender({ chain, actions }, who, name) {
    if (who === null) return chain.owner
    if (typeof who !== 'bigint') return who
    const { worker, platform } = await actions.stream(who)
    const address = name === 'claimEarnings' ? worker : platform
    return everybody.find((account) => account.address === address)
  }

  async function signSingle(site, id, streams) {
    const [contract, who, name, ...args] = calls[random.weighted(often)](id)
    if (args[0] === id && streams === 0) return null
    const from = await sender(site, who, name)
    return from && site.chain.sign(from, site.actions.call(site.actions[contract], name, ...args))
  }

  const signTogether = (site, id) => site.chain.sign(site.chain.owner, together(site, id))

  // Sends one random transaction; null where the node refuses it.
  async function sendOne(site) {
    const streams = await site.actions.streamCount()
    const id = BigInt(random.between(Math.max(1, streams - 8), Math.max(1, streams)))
    const raw = await (random.chance(0.12) ? signTogether(site, id) : signSingle(site, id, streams))
    const sent = raw && await site.chain.sendRaw(raw).catch(() => null)
    if (sent) raws.set(sent, raw)
    return sent
  }

  async function mined(site, sent) {
    for (let i = 0; sent && i < 50; i++) {
      if (await site.chain.call('eth_getTransactionReceipt', sent)) return
      await sleep(10)
    }
  }

  async function single(site) {
    await mined(site, await sendOne(site))
  }

  async function several(site) {
    await site.chain.call('evm_setAutomine', false)
    for (let i = random.between(2, 6); i > 0; i--) await sendOne(site)
    await site.chain.call('evm_mine')
    await site.chain.call('evm_setAutomine', true)
  }

  // The signed transactions of the last `depth` blocks, in their order.
  async function lastOf({ chain }, depth) {
    const head = await chain.head()
    const list = []
    for (let number = head - depth + 1; number <= head; number++) {
      const { transactions } = await chain.block(number)
      for (const each of transactions) if (hash.test(each) && raws.has(each)) list.push(raws.get(each))
    }
    return list
  }

  // Some of them in the new blocks, some some time later, others never.
  async function reorg(site, depth) {
    const removed = await lastOf(site, depth)
    const inside = random.chance(0.5) ? removed.filter(() => random.chance(0.7)) : []
    await site.chain.reorg(depth, inside.map((raw) => [raw, random.between(0, depth - 1)]))
      .catch(() => site.chain.reorg(depth)) // their nonces did not fit
    return removed.filter((raw) => !inside.includes(raw) && random.chance(0.6))
  }

  const again = async ({ chain }, list) => {
    for (const raw of list) await chain.sendRaw(raw).catch(() => {})
  }

  return { single, several, lastOf, reorg, again }
}
