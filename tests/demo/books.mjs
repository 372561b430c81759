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

async function compareLoans({ actions, rows }) {
  const stored = await rows.query('select * from loans order by contract_loan_id')
  const lines = []
  for (let id = 1; id <= (await actions.loanCount()); id++) {
    const chain = await actions.loan(id)
    const row = stored.find((r) => r.contract_loan_id === String(id))
    const said = [chain.status, chain.requestedAmount, chain.approvedAmount, chain.totalDue, chain.repaidAmount]
    const have = row && [row.status, ...['requested_amount', 'approved_amount', 'total_owed', 'repaid_amount']
      .map((key) => rows.units(row[`${key}_usdc`] ?? '0'))]
    const agrees = Boolean(row) && have.join() === said.join() && row.worker_wallet === chain.worker.toLowerCase()
    const text = ([status, ...amounts]) => [status, ...amounts.map(usdc)].join(' ')
    lines.push({ agrees, cells: [`#${id}`, text(said), have ? text(have) : 'missing', verdict(agrees)] })
  }
  table(['loan', 'the contract: status asked approved owed repaid', 'the database', ''], lines.map((l) => l.cells))
  return [...lines.map((l) => l.agrees), stored.length <= lines.length]
}

const events = `
  select w.reputation_score as score, count(*) filter (where r.event_type in ('task_completed', 'task_late')) as tasks,
    count(*) filter (where r.event_type = 'dispute_filed') as disputes
  from workers w left join reputation_events r on r.worker_id = w.id where w.wallet_address = $1::text group by w.id`

// Of a worker without a task the contract knows nothing, and the row says 100.
async function compareScores({ actions, rows, cast: { ada, bilal, chen } }) {
  const lines = []
  for (const { name, address } of [ada, bilal, chen]) {
    const chain = await actions.reputationOf(address)
    const score = chain.totalTasks + chain.totalDisputes > 0n ? chain.score : 100n
    const [row] = await rows.query(events, [address.toLowerCase()])
    const said = [score, chain.totalTasks, chain.totalDisputes].join(' ')
    const have = [row.score, row.tasks, row.disputes].join(' ')
    lines.push({ agrees: said === have, cells: [name, said, have, verdict(said === have)] })
  }
  table(['worker', 'the contract: score tasks disputes', 'the database', ''], lines.map((l) => l.cells))
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
