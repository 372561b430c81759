// The first blocks come late: while they are on their way the chain goes
// another one, which soon is final.
import { after, test } from 'node:test'
import { scope } from '../devchain/lifetime.mjs'
import { compare } from '../property/play.mjs'
import { openWorld } from '../property/world.mjs'

const things = scope()
after(things.close)
const { node, start, stop, sql, until, ...world } = await openWorld(things, { seed: 4, endpoints: ['a'] })

test('what is final now says nothing of the blocks that were fetched before', async () => {
  await node.mine({ blocks: 40 })
  await node.finalize({ number: 5 })
  const bodies = ['eth_getBlockReceipts', 'eth_getBlockByHash']
  for (const method of bodies) await node.lie({ endpoint: 'a', lie: 'late', method, size: 1500 })
  start()
  await until('the daemon to ask for what is in the blocks', async () => {
    const { methods } = await node.counts({ endpoint: 'a' })
    return bodies.some((method) => methods[method] > 0)
  }, { everyMs: 5 })
  await node.fork({ depth: 20, blocks: 30 })
  await node.finalize({ number: 45 })
  const { number, hash, finalized } = await node.head()
  await until('the other chain to be indexed', async () => {
    if (/ halted: /.test(world.run.handle.log())) throw Object.assign(new Error('it halted'), { final: true })
    const [tip] = await sql('select number::int, chain.hex(hash) as hash from chain.blocks order by number desc limit 1')
    const [{ final }] = await sql('select max(final_number)::int as final from chain.chains')
    return tip?.number === number && tip.hash === hash && final === finalized
  })
  await compare({ node, sql, ...world }, { number, finalized })
  await stop('SIGTERM')
})
