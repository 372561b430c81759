// A node that grants few calls a second.
import { after, test } from 'node:test'
import { scope } from '../devchain/lifetime.mjs'
import { compare } from '../property/play.mjs'
import { openWorld } from '../property/world.mjs'

const things = scope()
after(things.close)
const slow = (url) => ({ rpc: [{ name: 'slow', url: `${url}a`, max_per_second: 6 }] })
const { node, start, stop, sql, until, ...world } = await openWorld(things, { seed: 4, endpoints: ['a'], more: { chain: slow } })

test('questions about the head leave room for the blocks', async () => {
  await node.mine({ blocks: 7 })
  await node.finalize({ number: 2 })
  start()
  const { number, hash, finalized } = await node.head()
  await until('the blocks to be indexed', async () => {
    const [tip] = await sql('select number::int, chain.hex(hash) as hash from chain.blocks order by number desc limit 1')
    return tip?.number === number && tip.hash === hash
  })
  await compare({ node, sql, ...world }, { number, finalized })
  await stop('SIGTERM')
})
