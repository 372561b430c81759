// db check: what it prints of a schema that is not as it should be.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { query } from '../devchain/postgres.mjs'
import { run } from './lib.mjs'

const url = process.env.DATABASE_URL
const db = (...args) => run(['db', ...args], { DATABASE_URL: url })
const sql = text => query(url, text)
const committed = readFileSync(new URL('../../db/schema.txt', import.meta.url), 'utf8')

test('without a schema there is nothing to compare', () => {
  const { code, stdout, stderr } = db('check')
  assert.equal(code, 1)
  assert.equal(stdout, '')
  assert.match(stderr, /the schema is not applied; run: gigstreamd db push/)
})

test('a fresh schema is as expected, and prints as db/schema.txt', () => {
  assert.equal(db('push').code, 0)
  const { code, stdout, stderr } = db('check')
  assert.deepEqual([code, stdout, stderr], [0, 'the schema is as expected\n', ''])
  assert.deepEqual(JSON.parse(db('check', '--json').stdout), { equal: true, differences: [], advice: null })
  const printed = db('check', '--print')
  assert.equal(printed.code, 0)
  assert.ok(printed.stdout === committed, 'db/schema.txt is old: tests/lib/renew-schema && ./dev build')
})

test('what differs is shown, and what to do', async () => {
  await sql(`alter table workers alter email drop not null; alter table tasks add "colour\u001b[31m" text;
    drop table stats.days; create table mine (a int)`)
  const { code, stdout, stderr } = db('check')
  assert.equal(code, 4)
  assert.equal(stderr, '')
  assert.equal(stdout, `unexpected: public.tasks column "colour\\x1b[31m"
  found:    text
differs: public.workers column email
  expected: text not null
  found:    text
missing: stats.days
  expected: table
  and 5 of its parts

3 differences. All migrations are applied, so somebody has changed the schema by hand. Undo that by hand; or keep it, as a migration: gigstreamd db generate NAME
`)
  const json = db('check', '--json')
  assert.equal(json.code, 4)
  const { equal, differences, advice } = JSON.parse(json.stdout)
  assert.equal(equal, false)
  assert.match(advice, /gigstreamd db generate NAME/)
  assert.deepEqual(differences[1], { object: 'public.workers column email', expected: 'text not null', found: 'text' })
  assert.equal(differences.filter(d => d.object.startsWith('stats.days')).length, 6)
  await sql('drop table mine')
})

test('the advice fits what the migrations are', async () => {
  const last = (await sql('select max(name) as name from chain.migrations'))[0].name
  const advice = () => JSON.parse(db('check', '--json').stdout).advice
  await sql(`update chain.migrations set checksum = 'x' where name = '${last}'`)
  assert.match(advice(), /edited after it was applied.*gigstreamd db generate NAME.*gigstreamd db drop --yes/)
  await sql(`delete from chain.migrations where name = '${last}'`)
  assert.match(advice(), /older than this program; run: gigstreamd db migrate/)
  await sql(`insert into chain.migrations values ('9999_later', 'x')`)
  assert.match(advice(), /newer than this program: install a newer gigstreamd/)
  await sql('delete from chain.migrations')
  assert.equal(db('check').code, 1)
})

test('a database that is down is no difference', () => {
  const { code, stdout, stderr } = run(['db', 'check'], { DATABASE_URL: 'postgresql://ann:SECRET@127.0.0.1:1/books' })
  assert.deepEqual([code, stdout], [1, ''])
  assert.match(stderr, /127\.0\.0\.1/)
  assert.ok(!stderr.includes('SECRET'))
})
