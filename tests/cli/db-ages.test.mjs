// db account-ages: once a day, whoever asks.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { query } from '../devchain/postgres.mjs'
import { program, run } from './lib.mjs'

const url = process.env.DATABASE_URL
const db = (...args) => run(['db', ...args], { DATABASE_URL: url })
const sql = text => query(url, text)
const yesterday = () => sql('update stats.days set day = day - 1')
const ages = async () => (await sql('select account_age_days as days from workers order by email')).map(r => r.days)

test('without the function it says what to run', () => {
  const failed = db('account-ages')
  assert.equal(failed.code, 1)
  assert.match(failed.stderr, /run: gigstreamd db push/)
})

test('it is done, and then it is done already', async () => {
  assert.equal(db('push').code, 0)
  await sql(`insert into workers (email, display_name, wallet_address, created_at)
    select i || '@example.com', 'W', '0x' || lpad(i::text, 40, '0'), now() - i * interval '1 day'
    from generate_series(1, 3) i`)
  const first = db('account-ages')
  assert.deepEqual([first.code, first.stdout, first.stderr], [0, '3 workers updated\n', ''])
  assert.deepEqual(await ages(), [1, 2, 3])
  assert.equal(db('account-ages').stdout, 'done today already; nothing is changed\n')
  assert.deepEqual(JSON.parse(db('account-ages', '--json').stdout), { updated: 0, done_already: true })
  await yesterday()
  assert.deepEqual(JSON.parse(db('account-ages', '--json').stdout), { updated: 0, done_already: false })
})

test('of many at once, one does it', async () => {
  await yesterday()
  await sql('update workers set account_age_days = 0')
  const said = await Promise.all(Array.from({ length: 6 }, async () => {
    const child = spawn(program, ['db', 'account-ages'], { env: { ...process.env, DATABASE_URL: url } })
    const chunks = []
    child.stdout.on('data', chunk => chunks.push(chunk))
    const [code] = await once(child, 'close')
    assert.equal(code, 0)
    return chunks.join('')
  }))
  assert.equal(said.filter(text => text === '3 workers updated\n').length, 1, said.join(''))
  assert.equal(said.filter(text => /^done today already/.test(text)).length, 5, said.join(''))
  assert.deepEqual(await ages(), [1, 2, 3])
})
