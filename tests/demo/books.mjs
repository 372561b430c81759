// Holds the database against the chain's own word: every stream against the
// contract's getter, loans and scores likewise, every wallet's movements
// against balanceOf; then the daemon does the same by itself.
import { command, green, quote, red, table, usdc } from './screen.mjs'

const movements = `
  select coalesce(sum(case when to_wallet = $1::bytea then amount else 0 end
                    - case when from_wallet = $1::bytea then amount else 0 end), 0)::text as sum
  from chain.transfers where not orphaned and $1::bytea in (from_wallet, to_wallet)`

const bytes = (address) => Buffer.from(address.slice(2), 'hex')
const verdict = (agrees) => (agrees ? green('✓') : red('✗'))

// Each object of a contract against its row. kind: 'stream' or 'loan'; words:
// what is compared; said: that, by the contract's word; columns: the amounts
// among it, and wallets the parties, as the row names them.
async function compareObjects({ actions, rows }, { kind, count, words, said, columns, wallets }) {
  const stored = await rows.query(`select *, contract_${kind}_id as number from ${kind}s`)
  const lines = []
  for (let id = 1; id <= count; id++) {
    const chain = await actions[kind](id)
    const row = stored.find((r) => r.number === String(id))
    const have = row && [row.status, ...columns.map((key) => rows.units(row[`${key}_usdc`] ?? '0'))]
    const agrees = Boolean(row) && have.join() === said(chain).join()
      && wallets.every((party) => row[`${party}_wallet`] === chain[party].toLowerCase())
    const text = ([status, ...amounts]) => [status, ...amounts.map(usdc)].join(' ')
    const stands = agrees ? 'the same' : have ? text(have) : 'missing'
    lines.push({ agrees, cells: [`#${id}`, text(said(chain)), stands, verdict(agrees)] })
  }
  table([kind, `contract: ${words}`, 'database', ''], lines.map((l) => l.cells))
  return [...lines.map((l) => l.agrees), stored.length <= count]
}

const compareStreams = async (world) =>
  compareObjects(world, {
    kind: 'stream',
    count: await world.actions.streamCount(),
    words: 'status total released claimed refunded',
    said: (s) => [s.status, s.totalAmount, s.releasedAmount, s.claimedAmount,
      s.status === 'cancelled' ? s.totalAmount - s.releasedAmount : 0n],
    columns: ['total_amount', 'released_amount', 'claimed_amount', 'refunded_amount'],
    wallets: ['worker', 'platform'],
  })

const compareLoans = async (world) =>
  compareObjects(world, {
    kind: 'loan',
    count: await world.actions.loanCount(),
    words: 'status asked approved owed repaid',
    said: (l) => [l.status, l.requestedAmount, l.approvedAmount, l.totalDue, l.repaidAmount],
    columns: ['requested_amount', 'approved_amount', 'total_owed', 'repaid_amount'],
    wallets: ['worker'],
  })

const scores = `
  select w.reputation_score as score, count(*) filter (where r.event_type in ('task_completed', 'task_late')) as tasks,
    count(*) filter (where r.event_type = 'dispute_filed') as disputes
  from workers w left join reputation_events r on r.worker_id = w.id where w.wallet_address = $1::text group by w.id`

// Of a worker without a task or dispute the contract knows nothing yet; the row
// says what everybody begins with.
async function compareScores({ actions, rows, cast: { ada, bilal, chen } }) {
  const lines = []
  for (const { name, address } of [ada, bilal, chen]) {
    const chain = await actions.reputationOf(address)
    const score = chain.totalTasks + chain.totalDisputes > 0n ? chain.score : await actions.baseScore()
    const [row] = await rows.query(scores, [address.toLowerCase()])
    const said = [score, chain.totalTasks, chain.totalDisputes].join(' ')
    const have = [row.score, row.tasks, row.disputes].join(' ')
    lines.push({ agrees: said === have, cells: [name, said, have, verdict(said === have)] })
  }
  table(['worker', 'contract: score tasks disputes', 'database', ''], lines.map((l) => l.cells))
  return lines.map((l) => l.agrees)
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
  const agrees = []
  for (const compare of [compareStreams, compareLoans, compareScores, compareWallets]) agrees.push(...(await compare(world)))
  return agrees
}

// The daemon's own comparison; whether it found no difference.
export async function audit({ gigstream }) {
  command('gigstreamd audit')
  const { code, stdout, stderr } = await gigstream.run(['audit'])
  quote(stdout + stderr)
  return code === 0
}

// What the facts in the database come to, derived again; whether it is what the
// books say, so that nothing had to change.
export async function rebuilds({ gigstream }) {
  command('gigstreamd rebuild')
  const { code, stdout, stderr } = await gigstream.run(['rebuild', '--json'])
  const { blocks, seconds, ...changed } = code === 0 ? JSON.parse(stdout) : {}
  const same = code === 0 && /^[^1-9]*$/.test(JSON.stringify(changed))
  quote(same ? `${blocks} blocks derived again: nothing to change` : stdout + stderr)
  return same
}
