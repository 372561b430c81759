// Ten thousand wallets that register at once, when the chain has a history: the
// daemon is killed in the middle of reading it, and the node takes few topics.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { gigstream } from '../devchain/gigstream.mjs'
import { scope, temporaryFolder, until } from '../devchain/lifetime.mjs'
import { openPlace } from '../devchain/place.mjs'
import { createDaemonLogin, createDatabase, query } from '../devchain/postgres.mjs'
import { startScripted } from '../node/scripted.mjs'
import { startProxy } from './lib/proxy.mjs'
import { count, tables, wrongStatistics } from './lib/tables.mjs'

const wallets = 10_000
const topicsMost = 120
const density = { empty: 300, busy: 600, transfers: 2, batch: 1, ours: 800, noise: 2, odd: 10, failed: 20, streams: 500 }

const things = scope()
after(things.close)
const folder = temporaryFolder({ name: 'late' })
things.defer(folder.remove)
const place = await openPlace(things)
const node = await startScripted({ seed: 7, rules: { ours: wallets, strangers: 8, density } })
things.defer(node.stop)
const cast = await node.cast()
await node.mine({ blocks: 1500 })
await node.finalize({ behind: 20 })

// A node that takes so many topics.
const proxy = await startProxy(node.url + 'late')
things.defer(proxy.stop)
const seen = { searches: 0, refused: 0 }
proxy.behave = async ({ calls, forward }) => {
  const replies = [].concat(await forward())
  for (const { id, method, params } of calls) {
    if (method !== 'eth_getLogs') continue
    const topics = Math.max(...params[0].topics.map((topic) => [].concat(topic).length))
    seen.searches++
    if (topics <= topicsMost) continue
    seen.refused++
    const reply = replies.find((reply) => reply.id === id)
    delete reply.result
    reply.error = { code: -32602, message: 'exceed max topics' }
  }
  return replies
}

async function openDaemon(name, rpc) {
  const database = await createDatabase(place.admin)
  things.defer(database.drop)
  const login = await createDaemonLogin(place.admin, database)
  things.defer(login.drop)
  await place.admit(login.url)
  const daemon = await gigstream(folder.path, {
    name: `${name}.yaml`, rpc, database: place.through(database.url), daemonDatabase: place.through(login.url),
    usdc: cast.token, streaming: cast.streaming, more: { chain: { poll_interval: '100ms' } },
  })
  await daemon.must('db', 'push')
  await login.grant()
  const sql = (text, values) => query(database.url, text, values)
  return {
    ...daemon, sql, database: database.url,
    run: () => {
      const handle = daemon.start()
      things.defer(() => handle.stop('SIGKILL'))
      return handle
    },
    indexed: (number) => until(`block ${number} to be indexed`, async () =>
      (await sql('select from chain.blocks where number = $1', [number])).length === 1, { deadlineMs: 60_000 }),
  }
}

// All in one transaction.
const register = ({ sql }) => sql(`
  with people as (select address, role, 'p' || n || '@example.com' as email
    from unnest($1::text[], $2::text[]) with ordinality p (address, role, n)),
  workers as (insert into workers (email, display_name, wallet_address)
    select email, 'Worker', address from people where role = 'worker')
  insert into platforms (name, email, wallet_address, api_key_hash)
  select 'Platform', email, address, encode(sha256(email::bytea), 'hex') from people where role = 'platform'`,
[ours.map(({ address }) => address.toLowerCase()), ours.map(({ role }) => role)])
const ours = cast.wallets.filter(({ role }) => role === 'worker' || role === 'platform')

const history = async ({ sql }) => (await sql(`select done_to::int, finished_at is not null as finished, n_wallets
  from chain.jobs where kind = 'history'`))
const mine = async (blocks = 1) => (await node.mine({ blocks })).number

test('ten thousand wallets at once get their history, whatever happens meanwhile', async () => {
  assert.equal(ours.length, wallets)
  const late = await openDaemon('late', proxy.url)
  let running = late.run()
  await late.indexed(await mine())
  await register(late)

  await until('the search to begin', () => seen.searches > 10)
  assert.equal(await count(late.database, 'chain.jobs where done_to is not null'), 0)
  await running.stop('SIGKILL')
  running = late.run()
  await until('the first blocks of the history', async () => (await history(late))[0]?.done_to > 0)
  await running.stop('SIGKILL')
  const [{ done_to: done, finished }] = await history(late)
  assert.ok(!finished && done < 1500)
  const status = JSON.parse(await late.must('status', '--json'))
  assert.equal(status.wallets, wallets)
  assert.equal(status.wallets_incomplete, wallets)
  assert.match(await late.must('status'), new RegExp(`^reading +0 to \\d+, done to \\d+, for ${wallets} wallets$`, 'm'))
  assert.deepEqual(status.jobs.map(({ kind, wallets: n }) => [kind, n]), [['history', wallets]])
  assert.ok(status.jobs[0].done_to >= done) // what was on its way to the server counts

  running = late.run()
  await until('it to go on', async () => (await history(late))[0].done_to > done)
  await late.indexed(await mine()) // and to follow meanwhile
  assert.equal((await history(late))[0].finished, false)
  await until('the history to be complete', async () => (await history(late)).every((job) => job.finished), { deadlineMs: 120_000 })
  await node.finalize({ behind: 0 })
  await late.indexed(await mine())

  const known = await openDaemon('known', node.url + 'known')
  await register(known)
  const { code, stderr } = await known.start(['backfill', '--from', '0', '--to', 'latest']).closed
  assert.equal(code, 0, stderr)
  await until('all that is final to be confirmed', async () => {
    const { finalized } = await node.head()
    return (await count(late.database, `transactions where status = 'submitted' and block_number <= ${finalized}`)) === 0
  })
  const head = (await node.head()).number
  assert.equal((await late.sql('select max(number)::int as n from chain.blocks'))[0].n, head)
  assert.deepEqual(await tables(late.database), await tables(known.database))
  assert.ok((await count(late.database, 'transactions')) > 500)
  assert.equal(await count(late.database, `(select from chain.transitions
    where subject = 'transaction' group by row_id, to_status having count(*) > 1) twice`), 0)
  assert.deepEqual(await wrongStatistics(late.database), [])
  assert.ok(seen.refused <= 3 * 2 * 3, `${seen.refused}`) // 500, 250, 125; two queries; three processes
  await until('the status to say so', async () => JSON.parse((await running.get('/status')).body).wallets_incomplete === 0)
})
