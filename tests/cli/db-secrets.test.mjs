// Secrets of workers and platforms: read from stdin, stored so that the
// database does not give them away.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { query as queryAt } from '../devchain/postgres.mjs'
import { config, file, run, type } from './lib.mjs'

const url = process.env.DATABASE_URL
const key = randomBytes(32)
const env = { DATABASE_URL: url, GIGSTREAM_DATABASE_ENCRYPTION_KEY: key.toString('base64') }
const people = (...args) => run([...args, '--config', config], env)
const give = (input, args, more = {}) => run(args, { ...env, ...more }, input)
const query = (sql, values) => queryAt(url, sql, values)
const audit = async action => query('select success, error_message, resource_id, changes_before, changes_after ' +
  'from audit_logs where action = $1 order by created_at, id', [action])

// By another program: what of the sealed text belongs to that column and row.
const unseal = (text, column, id, by = key) => {
  assert.match(text, /^v1:/)
  const sealed = Buffer.from(text.slice(3), 'base64')
  const open = createDecipheriv('aes-256-gcm', by, sealed.subarray(0, 12))
  open.setAAD(Buffer.from(`${column}:${id}`))
  open.setAuthTag(sealed.subarray(-16))
  return Buffer.concat([open.update(sealed.subarray(12, -16)), open.final()]).toString()
}

// And that bcrypt makes this hash of this password: crypt(3), asked by perl.
const fits = (hash, password) =>
  execFileSync('perl', ['-e', 'print crypt($ENV{P}, $ENV{H})'],
    { env: { P: password, H: hash }, encoding: 'utf8' }) === hash

const made = {}
test('a worker and a platform', () => {
  assert.equal(run(['db', 'push'], env).code, 0)
  const ann = people('worker', 'add', '--name', 'Ann', '--email', 'ann@example.com', '--json',
    '--wallet', '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed')
  assert.equal(ann.code, 0, ann.stderr)
  made.ann = JSON.parse(ann.stdout)
  made.acme = JSON.parse(people('platform', 'add', '--name', 'Acme', '--email', 'pay@acme.example', '--json').stdout)
})

test('worker set-password stores a bcrypt hash, another each time', async () => {
  const hash = async () => (await query('select password_hash from workers'))[0].password_hash
  const set = give('correct horse\n', ['worker', 'set-password', 'Ann@example.com', '--json'])
  assert.equal(set.code, 0, set.stderr)
  assert.equal(JSON.parse(set.stdout).id, made.ann.id)
  const first = await hash()
  assert.match(first, /^\$2b\$10\$[./A-Za-z0-9]{53}$/)
  assert.ok(fits(first, 'correct horse'))
  assert.ok(!fits(first, 'correct horse\n'))
  const again = give('correct horse\r\n', ['worker', 'set-password', made.ann.id])
  assert.equal(again.code, 0, again.stderr)
  assert.notEqual(await hash(), first)
  assert.ok(fits(await hash(), 'correct horse'))
  const longest = give('ä'.repeat(36), ['worker', 'set-password', made.ann.id])
  assert.equal(longest.code, 0, longest.stderr)
  assert.ok(fits(await hash(), 'ä'.repeat(36)))
})

test('a password that cannot be one is refused, and not shown', async () => {
  const before = await query('select password_hash, updated_at from workers')
  for (const [input, words] of [
    ['', /no password was given/],
    ['\n', /no password was given/],
    ['hunter2'.repeat(11), /77 bytes: bcrypt takes 72/],
    ['hunter2'.repeat(1000), /longer than 512 bytes/],
    ['hunter2\nhunter3\n', /more than one line/],
    ['hunter2\0hunter3', /control character/]]) {
    const refused = give(input, ['worker', 'set-password', made.ann.id])
    assert.equal(refused.code, 2, refused.stderr)
    assert.match(refused.stderr, words)
    assert.ok(!(refused.stdout + refused.stderr).includes('hunter'))
  }
  for (const args of [['worker', 'set-password', made.ann.id], ['platform', 'check-key'],
    ['worker', 'set-wallet-id', made.ann.id], ['platform', 'set-secret', made.acme.id]]) {
    const argument = give('', [...args, 'hunter2'])
    assert.equal(argument.code, 2)
    assert.match(argument.stderr, /read from stdin and never an argument/)
    assert.ok(!argument.stderr.includes('hunter2'))
  }
  const nobody = give('hunter2', ['worker', 'set-password', 'nobody@example.com'])
  assert.equal(nobody.code, 1)
  assert.match(nobody.stderr, /no worker has .*nobody@example\.com/)
  assert.deepEqual(await query('select password_hash, updated_at from workers'), before)
})

test('worker set-wallet-id encrypts for that row alone', async () => {
  const stored = async () => (await query('select wallet_id from workers'))[0].wallet_id
  const set = give('cw-0189\n', ['worker', 'set-wallet-id', made.ann.wallet_address])
  assert.equal(set.code, 0, set.stderr)
  assert.ok(!set.stdout.includes('cw-0189'))
  const first = await stored()
  assert.equal(unseal(first, 'workers.wallet_id', made.ann.id), 'cw-0189')
  assert.throws(() => unseal(first, 'workers.wallet_id', made.acme.id))
  assert.throws(() => unseal(first, 'platforms.webhook_secret', made.ann.id))
  assert.throws(() => unseal(first, 'workers.wallet_id', made.ann.id, randomBytes(32)))
  const byFile = give('cw-0189', ['worker', 'set-wallet-id', made.ann.id], {
    GIGSTREAM_DATABASE_ENCRYPTION_KEY: '',
    GIGSTREAM_DATABASE_ENCRYPTION_KEY_FILE: file('key', `${key.toString('hex')}\n`) })
  assert.equal(byFile.code, 0, byFile.stderr)
  assert.notEqual(await stored(), first)
  assert.equal(unseal(await stored(), 'workers.wallet_id', made.ann.id), 'cw-0189')
})

test('platform set-secret likewise', async () => {
  const set = give('whsec_1', ['platform', 'set-secret', 'pay@acme.example', '--json'])
  assert.equal(set.code, 0, set.stderr)
  assert.equal(JSON.parse(set.stdout).name, 'Acme')
  const [{ webhook_secret }] = await query('select webhook_secret from platforms')
  assert.equal(unseal(webhook_secret, 'platforms.webhook_secret', made.acme.id), 'whsec_1')
})

test('without a key nothing is stored, and how to make one is told', async () => {
  const before = await query('select wallet_id from workers')
  const none = give('cw-2', ['worker', 'set-wallet-id', made.ann.id], { GIGSTREAM_DATABASE_ENCRYPTION_KEY: '' })
  assert.equal(none.code, 2)
  assert.match(none.stderr, /openssl rand -base64 32 .*database\.encryption_key_file/)
  const wrong = give('cw-2', ['worker', 'set-wallet-id', made.ann.id], { GIGSTREAM_DATABASE_ENCRYPTION_KEY: 'hunter2' })
  assert.equal(wrong.code, 2)
  assert.match(wrong.stderr, /GIGSTREAM_DATABASE_ENCRYPTION_KEY \(environment\): expected a key of 32 bytes/)
  assert.ok(!wrong.stderr.includes('hunter2'))
  assert.equal(give('cw-2', ['worker', 'set-wallet-id', 'nobody@example.com']).code, 1)
  assert.deepEqual(await query('select wallet_id from workers'), before)
})

test('platform check-key says whose key it is', async () => {
  const check = input => give(input, ['platform', 'check-key', '--json'])
  const known = check(made.acme.api_key + '\n')
  assert.equal(known.code, 0, known.stderr)
  assert.equal(JSON.parse(known.stdout).id, made.acme.id)
  assert.ok(!known.stdout.includes('gsk_'))
  assert.ok(give(made.acme.api_key, ['platform', 'check-key']).stdout.includes(made.acme.id))
  const rotated = JSON.parse(people('platform', 'rotate-key', made.acme.id, '--json').stdout)
  const hash = createHash('sha256').update(rotated.api_key).digest('hex')
  for (const nobodys of [made.acme.api_key, hash, rotated.api_key.slice(0, -1), rotated.api_key.toUpperCase(), 'x']) {
    const refused = check(nobodys)
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, /no platform has this API key: .*rotate-key/)
    assert.ok(!refused.stderr.includes(nobodys) || nobodys === 'x')
    assert.equal(refused.stdout, '')
  }
  assert.equal(check(rotated.api_key).code, 0)
  await query('update platforms set deleted_at = now()')
  assert.equal(check(rotated.api_key).code, 1)
  await query('update platforms set deleted_at = null')
  const seen = await audit('platform.check_key')
  assert.deepEqual(seen.map(a => a.success), [true, true, false, false, false, false, false, true, false])
  for (const a of seen) {
    assert.equal(a.resource_id, a.success ? made.acme.id : null)
    assert.equal(a.error_message, a.success ? null : 'no platform has this API key')
  }
})

test('the audit knows of each change, and no secret', async () => {
  for (const [action, column, n] of [['worker.set_password', 'password_hash', 3],
    ['worker.set_wallet_id', 'wallet_id', 2], ['platform.set_secret', 'webhook_secret', 1]]) {
    const changes = await audit(action)
    assert.equal(changes.length, n, action)
    assert.deepEqual(changes[0].changes_before, { [column]: null })
    for (const change of changes)
      assert.deepEqual(change.changes_after, { [column]: '[redacted]' })
  }
  const all = JSON.stringify(await query('select * from audit_logs'))
  assert.doesNotMatch(all, /\$2b\$|v1:|cw-|whsec|horse|gsk_/)
})

test('at a terminal it is asked for, and not shown', async () => {
  const line = `"$G" worker set-password ${made.ann.id}`
  const twice = await type(line, env, ['hunter2\n', 'hunter2\n'])
  assert.equal(twice.code, 0, twice.screen)
  assert.match(twice.screen, /password \(not shown\): \r\nthe same again \(not shown\): \r\nworker /)
  assert.ok(twice.echo && !twice.screen.includes('hunter'))
  const [{ password_hash }] = await query('select password_hash from workers')
  assert.ok(fits(password_hash, 'hunter2'))

  const differs = await type(line, env, ['hunter3\n', 'hunter4\n'])
  assert.equal(differs.code, 2)
  assert.match(differs.screen, /the second password is not the first: nothing was changed/)
  const once = await type(`"$G" worker set-wallet-id ${made.ann.id}`, env, ['cw-3\n'])
  assert.equal(once.code, 0, once.screen)
  assert.doesNotMatch(once.screen, /again|cw-3/)
  const [{ wallet_id }] = await query('select wallet_id from workers')
  assert.equal(unseal(wallet_id, 'workers.wallet_id', made.ann.id), 'cw-3')
  assert.deepEqual(await query('select password_hash from workers'), [{ password_hash }])
})

test('Ctrl-C and Ctrl-D at the prompt change nothing, and the terminal echoes again', async () => {
  const before = await query('select password_hash from workers')
  for (const [typed, code] of [['hun\x03', 130], ['\x04', 2]]) {
    const ended = await type(`"$G" worker set-password ${made.ann.id}`, env, [typed])
    assert.equal(ended.code, code, ended.screen)
    assert.ok(ended.echo && !ended.screen.includes('hun'), ended.screen)
  }
  assert.deepEqual(await query('select password_hash from workers'), before)
})

test('plain text is refused; where it is already, the migration says what to do', async () => {
  await assert.rejects(query("update workers set wallet_id = 'cw-4'"), /workers_wallet_id_check/)
  await assert.rejects(query("update platforms set webhook_secret = 'whsec_4'"), /platforms_webhook_secret_check/)
  await query('alter table workers drop constraint workers_wallet_id_check')
  await query('alter table platforms drop constraint platforms_webhook_secret_check')
  await query("delete from chain.migrations where name = '0010_secrets'")
  await query("update workers set wallet_id = 'cw-4'")
  const refused = run(['db', 'migrate'], env)
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /0010_secrets.*plain text: 1 in workers\.wallet_id, 0 in platforms\.webhook_secret: .*NULL.*set-wallet-id/)
  assert.ok(!refused.stderr.includes('cw-4'))
  await query('update workers set wallet_id = null')
  const migrated = run(['db', 'migrate'], env)
  assert.equal(migrated.code, 0, migrated.stderr)
  assert.equal(run(['db', 'check'], env).code, 0)
})
