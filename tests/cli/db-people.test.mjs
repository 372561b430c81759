// The schema's commands and the register, against the database DATABASE_URL.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { hostname, userInfo } from 'node:os'
import { test } from 'node:test'
import { query as queryAt } from '../devchain/postgres.mjs'
import { config, run } from './lib.mjs'

const url = process.env.DATABASE_URL
const wallets = [
  '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
  '0x52908400098527886E0F7030069857D2E4169EE7',
  '0xde709f2102306220921060314715629080e2fb77']

const db = args => run(['db', ...args], { DATABASE_URL: url })
const people = (...args) => run([...args, '--config', config], { DATABASE_URL: url })
const query = (sql, values) => queryAt(url, sql, values)
const tables = async () =>
  (await query("select count(*)::int as n from information_schema.tables where table_schema in ('public', 'chain')"))[0].n

test('before the schema is there, every command says what to run', () => {
  for (const args of [['worker', 'list'], ['platform', 'list']]) {
    const failed = people(...args)
    assert.equal(failed.code, 1)
    assert.match(failed.stderr, /gigstreamd db (push|migrate)/)
    assert.equal(failed.stdout, '')
  }
  const status = db(['status'])
  assert.notEqual(status.code, 2)
  assert.match(status.stdout + status.stderr, /gigstreamd db (push|migrate)|pending/)
})

test('db push brings the schema, and again changes nothing', async () => {
  const first = db(['push'])
  assert.equal(first.code, 0, first.stderr)
  assert.match(first.stdout, /\d migrations? applied: the schema is current/)
  const n = await tables()
  assert.ok(n > 8)
  for (const command of ['push', 'migrate']) {
    const again = db([command])
    assert.equal(again.code, 0, again.stderr)
    assert.match(again.stdout, /current/)
  }
  assert.equal(await tables(), n)
  const status = db(['status'])
  assert.equal(status.code, 0, status.stderr)
  assert.match(status.stdout, /0001/)
})

test('worker add: one row, in lowercase', async () => {
  const added = people('worker', 'add', '--name', 'Ann Älva', '--email', 'ann@example.com', '--wallet', wallets[0], '--json')
  assert.equal(added.code, 0, added.stderr)
  const rows = await query('select id, email, display_name, wallet_address from workers')
  assert.deepEqual(rows, [{ id: JSON.parse(added.stdout).id, email: 'ann@example.com', display_name: 'Ann Älva',
    wallet_address: wallets[0].toLowerCase() }])
})

test('worker add refuses what is wrong, and writes nothing', async () => {
  const wrong = [
    [['--wallet', wallets[1].replace('E0F7', 'e0F7')], 2, new RegExp(wallets[1])],
    [['--wallet', wallets[1].toLowerCase()], 2, new RegExp(wallets[1])],
    [['--wallet', '0x12'], 2, /40 hex digits/],
    [['--wallet', '0x' + '0'.repeat(40)], 1, /zero address/],
    [['--wallet', '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359'], 1, /token/],
    [['--wallet', '0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB'], 1, /streaming contract/],
    [['--wallet', wallets[0]], 1, /wallet.*already/i],
    [['--wallet', wallets[1], '--email', 'ANN@example.com'], 1, /email.*already/i],
    [['--wallet', wallets[1], '--email', 'no email'], 2, /email/],
    [['--wallet', wallets[1], '--name', '  '], 2, /name/],
  ]
  for (const [args, code, words] of wrong) {
    const has = name => args.includes(name)
    const refused = people('worker', 'add', ...args, ...(has('--name') ? [] : ['--name', 'Ben']),
      ...(has('--email') ? [] : ['--email', 'ben@example.com']))
    assert.equal(refused.code, code, args.join(' ') + ': ' + refused.stderr)
    assert.match(refused.stderr, words)
    assert.equal(refused.stdout, '')
  }
  for (const missing of [['--name', 'B', '--email', 'b@c'], ['--email', 'b@c', '--wallet', wallets[1]]]) {
    const refused = people('worker', 'add', ...missing)
    assert.equal(refused.code, 2)
    assert.match(refused.stderr, /--(wallet|name)/)
  }
  assert.equal((await query('select count(*)::int as n from workers'))[0].n, 1)
})

test('accept_unchecksummed lets single case pass, never a wrong checksum', () => {
  const env = { DATABASE_URL: url, GIGSTREAM_ACCEPT_UNCHECKSUMMED: 'true' }
  const add = wallet => run(['worker', 'add', '--config', config, '--name', 'Cid', '--email', 'cid@example.com',
    '--wallet', wallet], env)
  assert.equal(add(wallets[1].replace('E0F7', 'e0F7')).code, 2)
  const added = add(wallets[1].toLowerCase())
  assert.equal(added.code, 0, added.stderr)
})

test('worker list and show', () => {
  const list = people('worker', 'list')
  assert.equal(list.code, 0, list.stderr)
  assert.equal(list.lines.length, 3)
  assert.match(list.lines[0], /id .*email/i)
  assert.ok(list.stdout.includes(wallets[0]) && list.stdout.includes('Ann Älva'))
  const json = JSON.parse(people('worker', 'list', '--json').stdout)
  assert.deepEqual(json.map(w => w.email).sort(), ['ann@example.com', 'cid@example.com'])
  const ann = json.find(w => w.email === 'ann@example.com')
  for (const key of [ann.id, 'Ann@Example.com', wallets[0], wallets[0].toLowerCase()]) {
    const shown = people('worker', 'show', key, '--json')
    assert.equal(shown.code, 0, key + ': ' + shown.stderr)
    assert.equal(JSON.parse(shown.stdout).id, ann.id)
    assert.ok(people('worker', 'show', key).stdout.includes(ann.id))
  }
  for (const key of ['nobody@example.com', wallets[2], '00000000-0000-7000-8000-000000000000']) {
    const shown = people('worker', 'show', key)
    assert.equal(shown.code, 1)
    assert.match(shown.stderr, /no worker/)
  }
  assert.equal(people('worker', 'show', wallets[0].replace('5aA', '5AA')).code, 2)
})

test('platform add prints the API key once and keeps only its hash', async () => {
  const added = people('platform', 'add', '--name', 'Acme', '--email', 'pay@acme.example', '--wallet', wallets[2])
  assert.equal(added.code, 0, added.stderr)
  const key = added.stdout.match(/gsk_[0-9a-f]{64}/)[0]
  const [row] = await query('select id, api_key_hash, wallet_address from platforms')
  assert.equal(row.api_key_hash, createHash('sha256').update(key).digest('hex'))
  assert.equal(row.wallet_address, wallets[2])
  const shown = people('platform', 'show', row.id, '--json')
  assert.equal(JSON.parse(shown.stdout).name, 'Acme')
  assert.ok(!shown.stdout.includes(row.api_key_hash) && !shown.stdout.includes('gsk_'))
  const again = people('platform', 'add', '--name', 'Acme', '--email', 'pay@acme.example')
  assert.equal(again.code, 1)
  assert.match(again.stderr, /email.*already/i)
  assert.ok(!again.stdout.includes('gsk_'))
  const without = people('platform', 'add', '--name', 'Bolt', '--email', 'pay@bolt.example', '--json')
  assert.equal(without.code, 0, without.stderr)
  assert.match(JSON.parse(without.stdout).api_key, /^gsk_/)
  assert.equal(JSON.parse(people('platform', 'list', '--json').stdout).length, 2)
})

test('platform rotate-key prints a new key once; the old one is worth nothing', async () => {
  const rows = () => query("select api_key_hash from platforms where email = 'pay@acme.example'")
  const [old] = await rows()
  const rotated = people('platform', 'rotate-key', 'Pay@Acme.example')
  assert.equal(rotated.code, 0, rotated.stderr)
  assert.match(rotated.stderr, /shown only now/)
  const key = rotated.stdout.match(/gsk_[0-9a-f]{64}/)[0]
  assert.deepEqual(await rows(), [{ api_key_hash: createHash('sha256').update(key).digest('hex') }])
  assert.notDeepEqual(await rows(), [old])
  const again = JSON.parse(people('platform', 'rotate-key', wallets[2], '--json').stdout)
  assert.equal(again.name, 'Acme')
  assert.deepEqual(await rows(), [{ api_key_hash: createHash('sha256').update(again.api_key).digest('hex') }])
  for (const [platform, code, words] of [['nobody@acme.example', 1, /no platform has .*nobody@acme/],
    [wallets[0].replace('5aA', '5AA'), 2, /checksum/]]) {
    const refused = people('platform', 'rotate-key', platform)
    assert.equal(refused.code, code)
    assert.match(refused.stderr, words)
    assert.ok(!refused.stdout.includes('gsk_'))
  }
})

test('the audit knows who did what, and no secret', async () => {
  const rows = await query(`select actor_type, actor_id, action, resource_type, user_agent, request_id,
    changes_before, changes_after from audit_logs order by created_at, id`)
  const version = run(['version']).stdout.trim()
  const uuid7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
  for (const row of rows) {
    assert.equal(row.actor_type, 'operator')
    assert.equal(row.actor_id, `${userInfo().username}@${hostname()}`)
    assert.equal(row.user_agent, version)
    assert.match(row.request_id, uuid7)
  }
  assert.deepEqual(rows.map(r => r.action), ['worker.add', 'worker.add', 'platform.add', 'platform.add',
    'platform.rotate_key', 'platform.rotate_key'])
  assert.equal(new Set(rows.map(r => r.request_id)).size, rows.length)
  assert.doesNotMatch(JSON.stringify(rows), /gsk_|@example|Ann|acme\.example/)
  assert.ok(!JSON.stringify(rows).includes((await query('select api_key_hash from platforms'))[0].api_key_hash))
})

test('the audit names whoever has become root by sudo', async () => {
  const env = { DATABASE_URL: url, SUDO_USER: 'änne' }
  const rotated = run(['platform', 'rotate-key', 'pay@acme.example'], env)
  assert.equal(rotated.code, 0, rotated.stderr)
  const [{ actor_id }] = await query('select actor_id from audit_logs order by created_at desc limit 1')
  const name = userInfo().uid === 0 ? 'änne' : userInfo().username
  assert.equal(actor_id, `${name}@${hostname()}`)
})

test('worker list: filtered and sorted', async () => {
  await query("update workers set reputation_score = 700, total_earned = 5 where email = 'cid@example.com'")
  await query("update workers set reputation_score = 300, total_earned = 9 where email = 'ann@example.com'")
  const list = (...args) => people('worker', 'list', '--json', ...args)
  const emails = (...args) => JSON.parse(list(...args).stdout).map(w => w.email[0]).join('')
  assert.equal(emails('--status', 'active', '--sort', 'score', '--limit', '10'), 'ca')
  assert.equal(emails('--sort', 'score', '--limit', '1'), 'c')
  assert.equal(emails('--sort', 'earned'), 'ac')
  assert.equal(emails('--sort', 'created'), 'ac')
  assert.equal(emails('--min-score', '301'), 'c')
  assert.equal(emails('--status', 'suspended'), '')
  for (const [option, value, words] of [['--status', 'actif', /active, inactive or suspended/],
    ['--sort', 'name', /created, score or earned/], ['--min-score', '1001', /0 to 1000/], ['--min-score', '-1', /0 to 1000/]]) {
    const refused = list(option, value)
    assert.equal(refused.code, 2, refused.stderr)
    assert.match(refused.stderr, words)
    assert.ok(refused.stderr.includes(value))
  }
  assert.equal(people('platform', 'list', '--status', 'active').code, 2)
})

test('worker show: with the newest tasks and transactions', async () => {
  const show = (...args) => people('worker', 'show', 'ann@example.com', ...args)
  assert.match(show().stdout, /newest tasks: none\n\nnewest transactions: none\n/)
  const none = JSON.parse(show('--json').stdout)
  assert.deepEqual([none.tasks, none.transactions], [[], []])
  await query(`insert into tasks (worker_id, platform_id, title, type, payment_amount_usdc, created_at)
    select w.id, (select id from platforms limit 1), 'job "' || n || '"', 'milestone', n, '2026-01-01Z'::timestamptz + n * interval '1 day'
    from workers w, generate_series(1, 11) n where w.email = 'ann@example.com'`)
  await query(`insert into transactions (worker_id, type, amount_usdc, from_wallet, to_wallet, chain_id)
    select id, 'payout', 2.5, wallet_address, wallet_address, 31337 from workers where email = 'ann@example.com'`)
  const shown = show()
  assert.equal(shown.code, 0, shown.stderr)
  assert.match(shown.stdout, /^worker +[0-9a-f-]{36}\n/)
  assert.match(shown.stdout, /2026-01-12T00:00:00Z +created +milestone +11\.000000 +job "11"\n/)
  assert.ok(!shown.stdout.includes('job "1"'), 'ten at most')
  assert.match(shown.stdout, /newest transactions\nsubmitted .*\n- +pending +payout +2\.500000 +-\n$/)
  const json = JSON.parse(show('--json').stdout)
  assert.equal(json.email, 'ann@example.com')
  assert.equal(json.tasks.length, 10)
  assert.equal(json.tasks[0].title, 'job "11"')
  assert.equal(json.tasks[0].payment_amount_usdc, '11.000000')
  const { id, created_at, ...rest } = json.transactions[0]
  assert.match(id, /^[0-9a-f-]{36}$/)
  assert.deepEqual(rest, { type: 'payout', status: 'pending', amount_usdc: '2.500000', fee_usdc: '0.000000',
    from_wallet: wallets[0].toLowerCase(), to_wallet: wallets[0].toLowerCase(), tx_hash: null, block_number: null,
    submitted_at: null, confirmed_at: null })
})

test('a database that is down: host and port are named, the password is not', () => {
  for (const args of [['db', 'status'], ['db', 'push'], ['worker', 'list']]) {
    const failed = run(args, { DATABASE_URL: 'postgresql://ann:SECRET@127.0.0.1:1/books' })
    assert.equal(failed.code, 1)
    assert.match(failed.stderr, /127\.0\.0\.1.*\b1\b/)
    assert.ok(!failed.stderr.includes('SECRET'))
    assert.equal(failed.stdout, '')
  }
})

test('db drop needs --yes, and takes everything', async () => {
  const refused = db(['drop'])
  assert.equal(refused.code, 2)
  assert.match(refused.stderr, /--yes/)
  assert.ok(await tables() > 8)
  const dropped = db(['drop', '--yes'])
  assert.equal(dropped.code, 0, dropped.stderr)
  assert.equal(await tables(), 0)
  assert.equal(db(['push']).code, 0)
})
