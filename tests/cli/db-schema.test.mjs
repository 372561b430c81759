// db push, migrate, status and drop: what they print, and what they leave.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import pg from '../devchain/node_modules/pg/lib/index.js'
import { until } from '../devchain/lifetime.mjs'
import { query } from '../devchain/postgres.mjs'
import { program, run } from './lib.mjs'

const url = process.env.DATABASE_URL
const db = (...args) => run(['db', ...args], { DATABASE_URL: url })
const sql = text => query(url, text)
const names = readdirSync(new URL('../../db/migrations', import.meta.url)).filter(name => name.endsWith('.sql'))
  .map(name => name.slice(0, -4)).sort()
const allApplied = names.map(name => `applied ${name}\n`).join('') +
  `${names.length} migrations applied: the schema is current\n`

// Runs a command beside somebody's open transaction, until it says so; then
// lets that go.
const beside = async (statement, args, words) => {
  const client = new pg.Client(url)
  await client.connect()
  try {
    await client.query(`begin; ${statement}`)
    const child = spawn(program, ['db', ...args], { env: { ...process.env, DATABASE_URL: url } })
    const said = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr']) child[name].setEncoding('utf8').on('data', text => (said[name] += text))
    const closed = once(child, 'close')
    await until(`${words}`, () => words.test(said.stderr))
    await client.query('rollback')
    const [code] = await closed
    return { code, ...said }
  } finally {
    await client.end()
  }
}

test('status before anything is there', () => {
  const { code, stdout, stderr } = db('status')
  assert.equal(code, 1)
  assert.equal(stdout.match(/ pending +-$/gm).length, names.length)
  assert.equal(stderr, 'gigstreamd: the schema is not applied; run: gigstreamd db push\n')
})

test('push tells each migration; while another one migrates, it says that it waits', async () => {
  const lock = 'select pg_advisory_xact_lock(7451607227412902241)'
  const { code, stdout, stderr } = await beside(lock, ['push'], /waiting/)
  assert.deepEqual([code, stdout, stderr], [0, allApplied, 'gigstreamd: waiting for another process that applies migrations\n'])
  for (const command of ['push', 'migrate']) {
    const again = db(command)
    assert.deepEqual([again.code, again.stdout, again.stderr], [0, 'the schema is current\n', ''])
  }
  const status = JSON.parse(db('status', '--json').stdout)
  assert.deepEqual(status.map(({ name, state }) => `${name} ${state}`), names.map(name => `${name} applied`))
})

test('drop leaves what is not ours, and nothing of ours but the roles', async () => {
  const roles = "rolname in ('gigstream_daemon', 'gigstream_api', 'gigstream_readonly')"
  const { code, stdout, stderr } = db('drop')
  assert.deepEqual([code, stdout], [2, ''])
  assert.match(stderr, /deletes every payment.*add --yes/)
  await sql(`create table invoices (id int, worker_id uuid references workers);
    insert into invoices values (1); grant select on invoices to gigstream_api;
    create function gigstreams() returns int language sql as 'select 1'`)
  const dropped = db('drop', '--yes')
  assert.deepEqual([dropped.code, dropped.stdout, dropped.stderr],
    [0, 'everything is dropped; gigstreamd db push makes the schema anew\n', ''])
  const left = await sql(`select nspname as name from pg_namespace where nspname !~ '^(pg_|information_schema$)'
    union select relname from pg_class where relnamespace = 'public'::regnamespace
    union select proname from pg_proc where pronamespace = 'public'::regnamespace
    union select typname from pg_type where typnamespace = 'public'::regnamespace and typtype <> 'b' order by 1`)
  assert.deepEqual(left.map(row => row.name), ['gigstreams', 'invoices', 'public'])
  assert.deepEqual(await sql('select id, gigstreams() as one from invoices'), [{ id: 1, one: 1 }])
  const rights = await sql(`select d.classid::regclass::text as of, d.objid::regclass::text as name from pg_shdepend d
    join pg_roles r on r.oid = d.refobjid join pg_database b on b.oid = d.dbid
    where d.refclassid = 'pg_authid'::regclass and ${roles} and b.datname = current_database()`)
  assert.deepEqual(rights, [{ of: 'pg_class', name: 'invoices' }])
  assert.equal((await sql(`select from pg_roles where ${roles}`)).length, 3)
  assert.equal(db('drop', '--yes').code, 0)
  await sql('drop table invoices; drop function gigstreams')
})

test('a migration that takes its time is named', async () => {
  const { code, stdout, stderr } = await beside("create type task_type as enum ('x')", ['migrate'], /takes its time/)
  assert.deepEqual([code, stdout, stderr], [0, allApplied, `gigstreamd: applying ${names[0]} takes its time\n`])
  assert.equal(db('check').code, 0)
  assert.equal(db('drop', '--yes').code, 0)
})

test('a migration that fails is named, with the reason', async () => {
  await sql('create table streams (mine int)')
  const { code, stdout, stderr } = db('push')
  assert.deepEqual([code, stdout], [1, ''])
  assert.match(stderr, new RegExp(`migration ${names[0]} failed and left nothing behind: .*"streams" already exists`))
  assert.deepEqual(await sql("select to_regclass('workers') as workers, to_regnamespace('chain') as chain"),
    [{ workers: null, chain: null }])
  assert.deepEqual(await sql('select * from streams'), [])
})
