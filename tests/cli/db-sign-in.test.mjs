// Signing in with a password or an API key, and whose a token is. Tokens are
// made and taken apart by node:crypto, too.
import assert from 'node:assert/strict'
import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import { hostname, userInfo } from 'node:os'
import { test } from 'node:test'
import { query as queryAt } from '../devchain/postgres.mjs'
import { config, file, run, type } from './lib.mjs'

const url = process.env.DATABASE_URL
const key = randomBytes(32)
const env = { DATABASE_URL: url, GIGSTREAM_AUTH_TOKEN_KEY: key.toString('base64') }
const operator = `${userInfo().username}@${hostname()}`
const uuid7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const query = (sql, values) => queryAt(url, sql, values)
const give = (input, args, more = {}) => run(args, { ...env, ...more }, input)
const signIn = (who, password, ...options) => give(password, ['worker', 'sign-in', who, ...options])
const check = (token, more) => give(token, ['token', 'check', '--json'], more)
const audit = action => query('select actor_type, actor_id, resource_type, resource_id, success, error_message, ' +
  'changes_before, changes_after, request_id, user_agent from audit_logs where action = $1 order by created_at, id', [action])

const encode = value => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const sign = (claims, { by = key, header = { alg: 'HS256', typ: 'JWT' } } = {}) => {
  const signed = `${encode(header)}.${encode(claims)}`
  return `${signed}.${createHmac('sha256', by).update(signed).digest('base64url')}`
}
const decode = token => {
  assert.match(token, /^[\w-]+\.[\w-]+\.[\w-]{43}\n$/)
  const [header, claims, mac] = token.trim().split('.')
  assert.equal(mac, createHmac('sha256', key).update(`${header}.${claims}`).digest('base64url'))
  assert.equal(Buffer.from(header, 'base64url').toString(), '{"alg":"HS256","typ":"JWT"}')
  return JSON.parse(Buffer.from(claims, 'base64url'))
}
const now = () => Math.floor(Date.now() / 1000)
const jti = () => randomUUID().replace(/-4(?=.{3}-.{4}-.{12}$)/, '-7')
const claims = more => ({ iss: 'gigstream', sub: made.ann.id, aud: 'worker', iat: now(), exp: now() + 600, jti: jti(), ...more })

const made = {}
test('two workers and a platform', () => {
  assert.equal(run(['db', 'push'], env).code, 0)
  const add = (...args) => {
    const added = run([...args, '--config', config, '--json'], env)
    assert.equal(added.code, 0, added.stderr)
    return JSON.parse(added.stdout)
  }
  made.ann = add('worker', 'add', '--name', 'Ann', '--email', 'ann@example.com', '--wallet', '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed')
  made.bob = add('worker', 'add', '--name', 'Bob', '--email', 'bob@example.com', '--wallet', '0x52908400098527886E0F7030069857D2E4169EE7')
  made.acme = add('platform', 'add', '--name', 'Acme', '--email', 'pay@acme.example')
  assert.equal(give('correct horse', ['worker', 'set-password', made.ann.id]).code, 0)
})

test('worker sign-in prints a token, and when it ends', async () => {
  for (const who of [made.ann.id, 'Ann@example.com', '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed']) {
    const before = now()
    const signed = signIn(who, 'correct horse\n')
    assert.equal(signed.code, 0, signed.stderr)
    const said = decode(signed.stdout)
    assert.deepEqual(Object.keys(said).sort(), ['aud', 'exp', 'iat', 'iss', 'jti', 'sub'])
    assert.deepEqual([said.iss, said.sub, said.aud], ['gigstream', made.ann.id, 'worker'])
    assert.ok(said.iat >= before && said.iat <= now())
    assert.equal(said.exp, said.iat + 3600)
    assert.match(said.jti, uuid7)
    assert.ok(signed.stderr.includes(`until ${new Date(said.exp * 1000).toISOString().replace('.000', '')}`))
    assert.ok(!signed.stderr.includes(signed.stdout.trim()))
    made.token = signed.stdout
  }
})

test('a sign-in is kept: when, and in the audit, as the worker\'s own deed', async () => {
  const [{ age }] = await query('select extract(epoch from now() - last_login_at)::float8 as age from workers where id = $1', [made.ann.id])
  assert.ok(age >= 0 && age < 60)
  const kept = await audit('worker.sign_in')
  assert.equal(kept.length, 3)
  for (const one of kept) {
    assert.deepEqual([one.actor_type, one.actor_id, one.resource_type, one.resource_id, one.success, one.error_message],
      ['worker', made.ann.id, 'worker', made.ann.id, true, null])
    assert.deepEqual(one.changes_after, { last_login_at: '[redacted]' })
    assert.match(one.request_id, uuid7)
    assert.match(one.user_agent, /^gigstreamd /)
  }
})

test('a wrong password, no password and nobody get one answer; the audit knows which', async () => {
  const logins = () => query('select id, last_login_at from workers order by id')
  const before = await logins()
  const cases = [
    ['ann@example.com', 'correct horsf', made.ann.id, 'wrong password'],
    ['ann@example.com', 'x'.repeat(100), made.ann.id, 'wrong password'],
    [made.bob.id, 'correct horse', made.bob.id, 'no password is set'],
    ['nobody@example.com', 'correct horse', null, 'no such worker'],
    [made.acme.id, 'correct horse', null, 'no such worker'],
    ['0xde709f2102306220921060314715629080e2fb77', 'correct horse', null, 'no such worker']]
  const answers = new Set()
  for (const [who, password] of cases) {
    const refused = signIn(who, password)
    assert.equal(refused.code, 1)
    assert.equal(refused.stdout, '')
    answers.add(refused.stderr)
  }
  assert.deepEqual([...answers], ['gigstreamd: no worker has this id, email or wallet and this password\n'])
  const kept = (await audit('worker.sign_in')).slice(3)
  assert.deepEqual(kept.map(k => [k.resource_id, k.error_message]), cases.map(c => c.slice(2)))
  for (const one of kept)
    assert.deepEqual([one.actor_type, one.actor_id, one.success, one.changes_after], ['operator', operator, false, null])
  assert.deepEqual(await logins(), before)
})

test('--ttl', () => {
  for (const [ttl, seconds] of [['60s', 60], ['1m', 60], ['90m', 5400], ['2h', 7200], ['30d', 30 * 86400], ['720h', 30 * 86400]]) {
    const { iat, exp } = decode(signIn(made.ann.id, 'correct horse', '--ttl', ttl).stdout)
    assert.equal(exp - iat, seconds)
  }
  for (const ttl of ['', '0', '59s', '0m', '1', '31d', '721h', '2592001s', '1w', '1H', '-1h', '+1h', ' 1h', '1h ', '1.5h', 'h',
    '18446744073709551616s', '307445734561825861m', '9'.repeat(99) + 'd']) {
    const refused = signIn(made.ann.id, 'correct horse', `--ttl=${ttl}`)
    assert.equal(refused.code, 2, ttl)
    assert.match(refused.stderr, /--ttl .*from 1m to 30d/)
    assert.equal(refused.stdout, '')
  }
})

test('platform sign-in takes the API key', async () => {
  const signed = give(made.acme.api_key + '\n', ['platform', 'sign-in', '--ttl', '15m'])
  assert.equal(signed.code, 0, signed.stderr)
  const said = decode(signed.stdout)
  assert.deepEqual([said.sub, said.aud, said.exp - said.iat], [made.acme.id, 'platform', 900])
  made.platformToken = signed.stdout
  const refused = give(made.acme.api_key.slice(0, -1), ['platform', 'sign-in'])
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /no platform has this API key/)
  await query("update platforms set status = 'suspended'")
  const suspended = give(made.acme.api_key, ['platform', 'sign-in'])
  assert.equal(suspended.code, 1)
  assert.match(suspended.stderr, /the platform is suspended/)
  await query("update platforms set status = 'active'")
  for (const one of [refused, suspended])
    assert.equal(one.stdout, '')
  const kept = await audit('platform.sign_in')
  assert.deepEqual(kept.map(k => [k.actor_type, k.actor_id, k.resource_id, k.success, k.error_message]), [
    ['platform', made.acme.id, made.acme.id, true, null],
    ['operator', operator, null, false, 'no platform has this API key'],
    ['operator', operator, made.acme.id, false, 'the platform is suspended']])
})

test('token check says whose it is', () => {
  const ann = check(made.token)
  assert.equal(ann.code, 0, ann.stderr)
  const said = JSON.parse(ann.stdout)
  const { iat, exp, jti } = decode(made.token)
  assert.deepEqual([said.kind, said.id, said.email, said.token_id], ['worker', made.ann.id, 'ann@example.com', jti])
  assert.deepEqual([Date.parse(said.issued_at), Date.parse(said.expires_at)], [iat * 1000, exp * 1000])
  const text = give(made.token, ['token', 'check'])
  assert.equal(text.code, 0, text.stderr)
  assert.match(text.stdout, new RegExp(`^worker +${made.ann.id}\\n[^]*\\nsigned in +20.*Z\\nuntil +20.*Z\\n$`))
  const acme = JSON.parse(check(made.platformToken).stdout)
  assert.deepEqual([acme.kind, acme.id, acme.name], ['platform', made.acme.id, 'Acme'])
  for (const out of [ann, text])
    assert.ok(!out.stdout.includes(made.token.trim()))
  // Others who have the key may make tokens.
  assert.equal(JSON.parse(check(sign(claims())).stdout).id, made.ann.id)
})

test('a token that is not good is refused, with the reason and without the token', () => {
  const good = sign(claims())
  const [header, payload, mac] = good.split('.')
  const cases = [
    [sign(claims({ iat: now() - 600, exp: now() - 1 })), /has expired at 20\S+Z: sign in again/],
    [sign(claims({ iat: now() + 300, exp: now() + 600 })), /issued at .* in the future/],
    [sign(claims({ exp: now() + 31 * 86400 })), /not what a token of gigstreamd says/],
    [sign(claims({ admin: true })), /not what a token of gigstreamd says/],
    [sign(claims({ aud: 'operator' })), /for something else/],
    [sign(claims({ iss: 'elsewhere' })), /of another issuer/],
    [sign(claims(), { by: randomBytes(32) }), /signed with another key, or was changed/],
    [`${header}.${encode(claims({ sub: made.bob.id }))}.${mac}`, /signed with another key, or was changed/],
    [`${header}.${payload}.${'A'.repeat(43)}`, /signed with another key, or was changed/],
    [`${header}.${payload}.`, /three parts of base64url/],
    [`${encode({ alg: 'none', typ: 'JWT' })}.${payload}.`, /three parts of base64url/],
    [`${encode({ alg: 'none', typ: 'JWT' })}.${payload}.${mac}`, /HS256/],
    [sign(claims(), { header: { alg: 'HS512', typ: 'JWT' } }), /HS256/],
    [sign(claims(), { header: { alg: 'HS256', typ: 'JWT', kid: '1' } }), /header is not/],
    [`${good}=`, /three parts of base64url/],
    [`Bearer ${good}`, /three parts of base64url/],
    [`${good}\n${good}`, /more than one line|longer/],
    ['', /no token was given/],
    ['A'.repeat(5000), /longer than/]]
  for (const [token, words] of cases) {
    const refused = check(token)
    assert.equal(refused.code, 1, `${words}: ${refused.stderr}`)
    assert.match(refused.stderr, words)
    assert.equal(refused.stdout, '')
    assert.doesNotMatch(refused.stderr, /eyJ|AAAA/)
  }
  assert.equal(check(good).code, 0)
})

test('a token of somebody who is gone or suspended', async () => {
  const refused = (token, words) => {
    const { code, stdout, stderr } = check(token)
    assert.deepEqual([code, stdout], [1, ''])
    assert.match(stderr, words)
  }
  refused(sign(claims({ sub: randomUUID() })), /worker is not registered any more/)
  refused(sign(claims({ aud: 'platform' })), /platform is not registered any more/)
  for (const [table, token, kind] of [['workers', made.token, 'worker'], ['platforms', made.platformToken, 'platform']]) {
    await query(`update ${table} set status = 'suspended'`)
    refused(token, new RegExp(`${kind} is suspended`))
    await query(`update ${table} set status = 'inactive'`)
    assert.equal(check(token).code, 0)
    await query(`update ${table} set deleted_at = now()`)
    refused(token, new RegExp(`${kind} is not registered any more`))
    await query(`update ${table} set deleted_at = null, status = 'active'`)
    assert.equal(check(token).code, 0)
  }
})

test('a suspended worker does not sign in, a deleted one is nobody', async () => {
  const before = (await audit('worker.sign_in')).length
  await query("update workers set status = 'suspended'")
  assert.match(signIn(made.ann.id, 'wrong').stderr, /no worker has this id/)
  const suspended = signIn(made.ann.id, 'correct horse')
  assert.equal(suspended.code, 1)
  assert.match(suspended.stderr, /the worker is suspended/)
  await query("update workers set status = 'active', deleted_at = now()")
  assert.match(signIn(made.ann.id, 'correct horse').stderr, /no worker has this id/)
  await query('update workers set deleted_at = null')
  const kept = (await audit('worker.sign_in')).slice(before)
  assert.deepEqual(kept.map(k => [k.actor_type, k.success, k.error_message]), [
    ['operator', false, 'wrong password'],
    ['worker', false, 'the worker is suspended'],
    ['operator', false, 'no such worker']])
})

test('the role for applications is enough', () => {
  const direct = process.env.DATABASE_URL_DIRECT ?? url // a pooler takes no options
  const more = { DATABASE_URL: `${direct}${direct.includes('?') ? '&' : '?'}options=-c%20role%3Dgigstream_api` }
  for (const [input, args] of [['correct horse', ['worker', 'sign-in', made.ann.id]],
    [made.acme.api_key, ['platform', 'sign-in']], [made.token, ['token', 'check']],
    ['wrong', ['worker', 'sign-in', made.ann.id]]]) {
    const done = give(input, args, more)
    assert.equal(done.code, input === 'wrong' ? 1 : 0, done.stderr)
    assert.doesNotMatch(done.stderr, /permission/)
  }
})

test('without a key, and how to make one', async () => {
  const before = await query('select count(*)::int as n from audit_logs')
  for (const args of [['worker', 'sign-in', made.ann.id], ['platform', 'sign-in'], ['token', 'check']]) {
    const none = give('correct horse', args, { GIGSTREAM_AUTH_TOKEN_KEY: '' })
    assert.equal(none.code, 2)
    assert.match(none.stderr, /auth\.token_key is not set.*openssl rand -base64 32 .*GIGSTREAM_AUTH_TOKEN_KEY_FILE/)
  }
  assert.deepEqual(await query('select count(*)::int as n from audit_logs'), before)
  const byFile = check(made.token, { GIGSTREAM_AUTH_TOKEN_KEY: '',
    GIGSTREAM_AUTH_TOKEN_KEY_FILE: file('token-key', `${key.toString('hex')}\n`) })
  assert.equal(byFile.code, 0, byFile.stderr)
})

test('secrets are no arguments', () => {
  for (const args of [['worker', 'sign-in', made.ann.id], ['platform', 'sign-in'], ['token', 'check']]) {
    const refused = give('', [...args, 'hunter2'])
    assert.equal(refused.code, 2)
    assert.match(refused.stderr, /read from stdin and never an argument/)
    assert.ok(!refused.stderr.includes('hunter2'))
  }
})

test('at a terminal the password is asked for once, and not shown', async () => {
  const signed = await type(`"$G" worker sign-in ${made.ann.id}`, env, ['correct horse\n'])
  assert.equal(signed.code, 0, signed.screen)
  assert.match(signed.screen, /password \(not shown\): \r\n/)
  assert.ok(signed.echo && !/again|horse/.test(signed.screen))
})

test('no secret is in the audit', async () => {
  const all = JSON.stringify(await query('select * from audit_logs'))
  assert.doesNotMatch(all, /eyJ|\$2b\$|horse|gsk_|nobody@/)
})
