// Holds the database against the chain's own word: every stream against the
// contract's getter, every wallet's movements against balanceOf.
import { green, red, table, usdc } from './screen.mjs'

const movements = `
  select coalesce(sum(case when to_wallet = $1 then amount else 0 end
                    - case when from_wallet = $1 then amount else 0 end), 0)::text as sum
  from chain.transfers where not orphaned and $1 in (from_wallet, to_wallet)`

const bytes = (address) => Buffer.from(address.slice(2), 'hex')
const verdict = (agrees) => (agrees ? green('✓') : red('✗'))

async function compareStreams({ actions, rows }) {
  const stored = await rows.query('select * from streams order by contract_stream_id')
  const lines = []
  for (let id = 1; id <= (await actions.streamCount()); id++) {
    const chain = await actions.stream(id)
    const row = stored.find((r) => r.contract_stream_id === String(id))
    const left = chain.status === 'cancelled' ? chain.totalAmount - chain.releasedAmount : 0n
    const said = [chain.status, chain.totalAmount, chain.releasedAmount, chain.claimedAmount, left]
    const have = row && [row.status, ...['total', 'released', 'claimed', 'refunded']
      .map((key) => rows.units(row[`${key}_amount_usdc`]))]
    const agrees = Boolean(row) && have.join() === said.join()
      && row.worker_wallet === chain.worker.toLowerCase() && row.platform_wallet === chain.platform.toLowerCase()
    const text = ([status, ...amounts]) => [status, ...amounts.map(usdc)].join(' ')
    lines.push({ agrees, cells: [`#${id}`, text(said), have ? text(have) : 'missing', verdict(agrees)] })
  }
  table(['stream', 'the contract: status total released claimed refunded', 'the database', ''], lines.map((l) => l.cells))
  const extra = stored.length - lines.length
  return [...lines.map((l) => l.agrees), extra <= 0]
}

async function compareWallets({ actions, rows, parties }) {
  const lines = []
  for (const { name, address } of parties) {
    const balance = await actions.balanceOf(address)
    const [{ sum }] = await rows.query(movements, [bytes(address)])
    const agrees = balance === BigInt(sum)
    lines.push({ agrees, cells: [name, usdc(balance), usdc(sum), verdict(agrees)] })
  }
  table(['wallet', 'balanceOf', 'movements', ''], lines.map((l) => l.cells), [1, 2])
  return lines.map((l) => l.agrees)
}

// Of each comparison, whether it agrees.
export async function compareBooks(world) {
  return [...(await compareStreams(world)), ...(await compareWallets(world))]
}
