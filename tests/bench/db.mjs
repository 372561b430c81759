// ./dev bench db: the C client against a local PostgreSQL, in pairs with what
// psql and pgbench make of the same statements; the views over a million
// transactions; and what the triggers cost a statement that completes 10,000
// tasks. Prints tables in Markdown.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../devchain/compile.mjs'
import { runMain } from '../devchain/lifetime.mjs'
import { binaries, connect, startPostgres } from '../devchain/postgres.mjs'
import { figures, markdown, say } from './figures.mjs'

const program = join(root, 'build/release/gigstreamd')
const client = join(root, 'build/release/tests/bench_client')
const here = join(root, 'tests/bench')
const rounds = Number(process.env.GS_ROUNDS ?? 8)
const size = {
  workers: 5000, platforms: 50, tasks: 100_000, transactions: 1_000_000, streams: 20_000, loans: 10_000, events: 50_000,
  ...JSON.parse(process.env.GS_SIZE ?? '{}'),
}

function must(command, args, env = {}) {
  const child = spawnSync(command, args, { env: { ...process.env, ...env }, encoding: 'utf8', maxBuffer: 1 << 28 })
  if (child.status !== 0) throw new Error(`${command} ${args[0]}: ${child.error?.message ?? child.stderr}`)
  return child.stdout
}

// A program's whole life, by hyperfine: microseconds of each of n runs.
function lives(command, args, env, n) {
  const folder = mkdtempSync(join(tmpdir(), 'gigstream-bench-'))
  try {
    const file = join(folder, 'times.json')
    const line = [command, ...args].map((word) => `'${word.replaceAll(`'`, `'\\''`)}'`).join(' ')
    must('hyperfine', ['-N', '--style', 'none', '--warmup', '1', '--runs', String(n), '--export-json', file, line], env)
    return JSON.parse(readFileSync(file, 'utf8')).results[0].times.map((seconds) => seconds * 1e6)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

// Two ways to do the same, in turn, each several times: [microseconds].
function pairs(ours, theirs) {
  const result = [[], []]
  ours(), theirs() // to warm up
  for (let round = 0; round < rounds; round++) {
    result[0].push(...ours())
    result[1].push(...theirs())
  }
  return result
}

const ms = (us) => (us / 1000).toFixed(us < 100_000 ? 2 : 0)

function row(name, seed, [ours, theirs], floor) {
  const [a, b] = [figures(ours), figures(theirs)]
  return [name, `${seed} ms`, `${ms(a.median)} ms`, `${ms(a.p99)} ms`, `${ms(b.median)} ms`, `${ms(b.p99)} ms`,
    (a.median / b.median).toFixed(2), floor]
}

function throughClient(env, operation, n) {
  return must(client, [operation, String(n)], env).trim().split('\n').map(Number)
}

// pgbench logs each transaction: its third column is microseconds.
function throughPgbench(bin, { url, env }, script, n) {
  const folder = mkdtempSync(join(tmpdir(), 'gigstream-bench-'))
  try {
    must(join(bin, 'pgbench'), ['-n', '-M', 'extended', '-t', String(n), '-l', `--log-prefix=${folder}/log`,
      '-D', `worker=${env.BENCH_WORKER}`, '-D', `platform=${env.BENCH_PLATFORM}`, '-f', join(here, 'db', script), url])
    const log = readFileSync(join(folder, readdirSync(folder)[0]), 'utf8')
    return log.trim().split('\n').map((line) => Number(line.split(' ')[2]))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

// A login that needs no password, so that what SCRAM costs can be told apart:
// 4,096 rounds of a hash on either side (RFC 7677), on purpose.
async function trustedUrl(db, cluster, url) {
  const file = join(cluster.folder, 'data/pg_hba.conf')
  writeFileSync(file, `host all trusted 127.0.0.1/32 trust\n${readFileSync(file, 'utf8')}`)
  await db.query('create role trusted login in role gigstream_api')
  await db.query('select pg_reload_conf()')
  return Object.assign(new URL(url), { username: 'trusted', password: '' }).href
}

function seedTable(bin, place) {
  const { env } = place
  const compare = (operation, n, script) =>
    pairs(() => throughClient(env, operation, n), () => throughPgbench(bin, place, script, n))
  const show = ['worker', 'show', 'g1@example.com', '--json']
  const sql = `select to_jsonb(w) from public.workers w where lower(email) = 'g1@example.com' and deleted_at is null`
  const rows = [['operation', 'seed', 'median', 'p99', 'floor, median', 'floor, p99', 'ratio', 'the floor is']]
  const add = (...cells) => (rows.push(row(...cells)), say(rows.at(-1).join('  ')))
  for (const [how, url] of [['', place.url], [', no password', place.trusted]]) {
    const to = { DATABASE_URL: url }
    const psql = ['-XAtq', '-d', url, '-c', sql]
    add(`process start to first answer, worker show${how}`, 80,
      pairs(() => lives(program, show, to, 10), () => lives(join(bin, 'psql'), psql, to, 10)), 'psql')
    const one = ['-XAtq', '-d', url, '-c', 'select 1']
    add(`process start to first answer, C client${how}`, 80,
      pairs(() => lives(client, ['select 1', '1'], to, 10), () => lives(join(bin, 'psql'), one, to, 10)), 'psql')
    add(`connection to first answer${how}`, 80,
      pairs(() => throughClient(to, 'connect', 50), () => throughClient(to, 'libpq', 50)), 'libpq, blocking')
  }
  add('query', 25, compare('query', 500, 'query.sql'), 'pgbench')
  add('insert returning', 35, compare('insert', 300, 'insert.sql'), 'pgbench')
  add('transaction of 3', 70, compare('transaction', 300, 'transaction.sql'), 'pgbench')
  return rows
}

function viewTable({ env }) {
  const worker = `'${env.BENCH_WORKER}'`
  const questions = [
    ['worker_earnings_view', 'all', 'select * from worker_earnings_view'],
    ['worker_earnings_view', 'the 20 who earned most', 'select * from worker_earnings_view order by total_earned desc limit 20'],
    ['worker_earnings_view', 'one worker', `select * from worker_earnings_view where worker_id = ${worker}`],
    ['platform_performance_view', 'all', 'select * from platform_performance_view'],
    ['task_completion_stats_view', 'all', 'select * from task_completion_stats_view'],
    ['reputation_history_view', 'one worker', `select * from reputation_history_view where worker_id = ${worker} order by created_at`],
    ['reputation_history_view', 'the newest 100', 'select * from reputation_history_view order by created_at desc limit 100'],
    ['loan_repayment_status_view', 'all', 'select * from loan_repayment_status_view'],
    ['loan_repayment_status_view', 'overdue', 'select * from loan_repayment_status_view where is_overdue'],
  ]
  return [['view', 'asked for', 'median', 'p99'], ...questions.map(([view, what, sql]) => {
    const { median, p99 } = figures(throughClient(env, sql, 60).slice(10))
    return [view, what, `${ms(median)} ms`, `${ms(p99)} ms`]
  })]
}

// A statement that completes 10,000 tasks of 100 workers, with and without the
// triggers that count (each rolled back).
async function bulk(db) {
  await db.query(`
    insert into tasks (worker_id, platform_id, title, type, payment_amount_usdc, status, due_date)
    select w.id, p.id, 'Bulk', 'fixed', 10, 'in_progress', now() + interval '1 day'
    from (select id from workers order by id limit 100) w, (select id from platforms order by id limit 10) p,
      generate_series(1, 10)`)
  await db.query('vacuum analyze tasks')
  const complete = async (triggers) => {
    await db.query('begin')
    if (!triggers) await db.query('alter table tasks disable trigger user')
    const begin = process.hrtime.bigint()
    const { rowCount } = await db.query(`update tasks set status = 'completed', completed_at = now() where title = 'Bulk'`)
    const us = Number(process.hrtime.bigint() - begin) / 1e3
    await db.query('rollback')
    if (rowCount !== 10_000) throw new Error(`${rowCount} tasks were completed`)
    return us
  }
  const [withTriggers, without] = [[], []]
  for (let round = 0; round < 10; round++) {
    withTriggers.push(await complete(true))
    without.push(await complete(false))
    await db.query('vacuum tasks')
  }
  const [a, b] = [figures(withTriggers).median, figures(without).median]
  return [['10,000 tasks completed', 'median'], ['with all triggers', `${ms(a)} ms`], ['without', `${ms(b)} ms`],
    ['ratio', (a / b).toFixed(2)]]
}

async function generate(bin, url) {
  say(`generating ${size.transactions} transactions and ${size.tasks} tasks: a minute or two`)
  const set = Object.entries(size).flatMap(([k, v]) => ['-v', `${k}=${v}`])
  must(join(bin, 'psql'), ['-XAtq', '-1', '-v', 'ON_ERROR_STOP=1', ...set, '-f', join(root, 'tests/sql/lib/generate.sql'), url])
  must(join(bin, 'psql'), ['-XAtq', '-c', 'vacuum analyze', url])
}

async function main(things) {
  const bin = binaries().replace(/tests\/postgres.*/, '/usr/lib/postgresql/15/bin') // npm's has no psql
  const cluster = await startPostgres({ durable: true })
  things.defer(cluster.stop)
  const { url } = await cluster.createDatabase('bench')
  const env = { DATABASE_URL: url }
  must(program, ['db', 'push'], env)
  await generate(bin, url)
  const db = await connect(url)
  things.defer(() => db.end())
  const one = async (sql) => (await db.query(sql)).rows[0].id
  env.BENCH_WORKER = await one(`select id from workers where email = 'g1@example.com'`)
  env.BENCH_PLATFORM = await one(`select id from platforms where email = 'g1@example.com'`)
  const views = viewTable({ env })
  const seed = seedTable(bin, { url, env, trusted: await trustedUrl(db, cluster, url) })
  const triggers = await bulk(db)
  for (const table of [seed, views, triggers]) process.stdout.write(`\n${markdown(table)}\n`)
  return 0
}

runMain(main)
