// An application that intends payments: such as have been, which may come again
// after a reorg, and some that never come. As the type it says what the chain
// would, so that the model need not know which rows were intended.
import { expected } from './model.mjs'

const recent = 10 // blocks

export function openApplication(world, random) {
  const { node, sql, people, intents } = world

  // Payments of recent blocks between people whom everybody knows.
  async function payments() {
    const { number } = await node.head()
    const { blocks } = await node.truth({ from: 0, to: number })
    const { transactions } = expected({ blocks, people, feeWallets: [world.feeWallet], contract: world.contract, final: 0 })
    return transactions.filter(({ block, from, to }) =>
      block > number - recent && people.has(to) && (people.has(from) || from === world.contract))
  }

  return {
    async intend() {
      const found = await payments()
      if (!found.length) return
      const { type, amount, from, to, hash } = random.oneOf(found)
      const said = [type, random.chance(0.1) ? '0.000001' : amount, from, to]
      const times = random.between(1, 2)
      for (let i = 0; i < times; i++) {
        const [{ id }] = await sql(`insert into transactions (type, amount_usdc, from_wallet, to_wallet, chain_id, tx_hash)
          values ($1, $2, $3, $4, 31337, $5) returning id`, [...said, random.chance(0.4) ? hash : null])
        intents.set(id, said.join(' '))
      }
    },
    // The hash of a payment that is what it means, as far as one can see. The
    // daemon may have been faster.
    async attach() {
      const found = new Map((await payments()).map((p) => [`${p.type} ${p.amount} ${p.from} ${p.to}`, p.hash]))
      const [id, said] = [...intents].filter(([, said]) => found.has(said)).at(-1) ?? []
      if (!id) return
      await sql('update transactions set tx_hash = $2 where id = $1', [id, found.get(said)]).catch((error) => {
        if (!/its hash stays/.test(error.message)) throw error
      })
    },
    cancel: () => sql(`update transactions set status = 'cancelled' where id =
      (select id from transactions where status = 'pending' order by id desc limit 1)`),
  }
}

const open = `select t.*, n.head, n.hash_given from transactions t join chain.intents n on n.id = t.id`
const same = `(a.from_wallet, a.to_wallet, a.amount_usdc) = (b.from_wallet, b.to_wallet, b.amount_usdc)`

// None is lost or says something else; none waits although its payment is there
// and nobody's; and no younger one has what an older one waits for.
export async function wrongIntents({ sql, intents }) {
  const rows = await sql('select id, type, amount_usdc, from_wallet, to_wallet from transactions where id = any ($1)', [[...intents.keys()]])
  const found = new Map(rows.map((r) => [r.id, `${r.type} ${r.amount_usdc} ${r.from_wallet} ${r.to_wallet}`]))
  const wrong = [...intents].filter(([id, said]) => found.get(id) !== said).map(([id, said]) => `intended ${id}: ${said}, but ${found.get(id)}`)
  const missed = await sql(`select a.id, b.tx_hash from (${open}) a join transactions b on ${same}
    and b.block_number is not null and not exists (select from chain.intents n where n.id = b.id)
    where a.ordinal is null and (a.tx_hash = b.tx_hash or (a.tx_hash is null and b.block_number > a.head))`)
  wrong.push(...missed.map((r) => `${r.id} waits, though ${r.tx_hash} is there`))
  const overtaken = await sql(`select a.id, b.id as by from (${open}) a join (${open}) b on ${same}
    and b.block_number > a.head and not b.hash_given and (a.created_at, a.id) < (b.created_at, b.id)
    where a.status = 'pending' and a.tx_hash is null`)
  wrong.push(...overtaken.map((r) => `${r.id} waits, and the younger ${r.by} does not`))
  return wrong
}
