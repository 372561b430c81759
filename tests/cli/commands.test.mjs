// What the commands that need no database print, and how they exit.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { config, file, run, shell } from './lib.mjs'

const right = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'
const url = 'postgresql://ann:SECRET-1@db.example:5433/books?password=SECRET-2'

test('help goes to stdout, wrong usage to stderr', () => {
  const help = run(['--help'])
  assert.equal(help.code, 0)
  for (const name of ['run', 'backfill', 'status', 'worker add', 'db push', 'address check'])
    assert.match(help.stdout, new RegExp(`^  ${name} `, 'm'))
  for (const args of [[], ['worker'], ['workr', 'list'], ['worker', 'lst'], ['version', '--jsn'], ['db', 'drop', 'x']]) {
    const wrong = run(args)
    assert.equal(wrong.code, 2, args.join(' '))
    assert.equal(wrong.stdout, '')
    assert.match(wrong.stderr, /^gigstreamd: .*\n$/)
  }
  assert.match(run(['workr', 'list']).stderr, /nearest is "worker"/)
  assert.match(run(['version', '--jsn']).stderr, /nearest is --json/)
})

test('every command has help of its own', () => {
  const names = run(['--help']).stdout.match(/^  [a-z][a-z-]*( [a-z]+)?(?= {2})/gm).map(n => n.trim())
  assert.ok(names.length >= 12, names.join())
  for (const name of names) {
    const help = run([...name.split(' '), '--help'])
    assert.equal(help.code, 0)
    assert.ok(help.stdout.startsWith(`usage: gigstreamd ${name}`))
  }
})

test('version', () => {
  assert.match(run(['version']).stdout, /^gigstreamd \d+\.\d+\.\d+\n$/)
  assert.match(JSON.parse(run(['version', '--json']).stdout).version, /^\d+\.\d+\.\d+$/)
  assert.equal(run(['--version']).stdout, run(['version']).stdout)
})

test('address check', () => {
  const good = run(['address', 'check', right])
  assert.equal(good.code, 0)
  assert.deepEqual(good.lines, [right])
  const mixed = run(['address', 'check', right, right.toLowerCase(), right.replace('d', 'D'), '0x12', '\x1b[31m'])
  assert.equal(mixed.code, 1)
  assert.equal(mixed.lines.length, 5)
  assert.equal(mixed.lines[0], right)
  assert.ok(mixed.lines[1].includes(right) && mixed.lines[2].includes(right))
  assert.match(mixed.lines[3], /^0x12: .*40 hex digits/)
  assert.ok(!mixed.stdout.includes('\x1b'))
  const json = JSON.parse(run(['address', 'check', '--json', right, '0x12']).stdout)
  assert.deepEqual(json.map(a => a.ok), [true, false])
  assert.equal(json[0].address, right)
  assert.match(json[1].error, /hex digits/)
})

test('check-config shows what is in force, and no secret', () => {
  const key = 'SECRET'.repeat(7) + 'A='
  const shown = run(['check-config', '--config', config], {
    DATABASE_URL: url, GIGSTREAM_CHAIN_RPC_URL: 'https://k:SECRET-3@node.example:8443/v2/SECRET-4?k=SECRET-5',
    GIGSTREAM_LOG_LEVEL: 'debug', GIGSTREAM_DATABASE_ENCRYPTION_KEY: key,
    GIGSTREAM_AUTH_TOKEN_KEY: key })
  assert.equal(shown.code, 0, shown.stderr)
  assert.ok(!shown.stdout.includes('SECRET'))
  assert.match(shown.stdout, /^  encryption_key: \(hidden\)$/m)
  assert.match(shown.stdout, /^auth:\n  token_key: \(hidden\)$/m)
  for (const words of ['id: 31337', 'https://node.example:8443', 'db.example', 'level: debug', 'verify: receipts'])
    assert.ok(shown.stdout.includes(words), words)
  // What is printed is a configuration again, but for what is hidden.
  const again = run(['check-config', '--config', file('again.yaml', shown.stdout)], {
    GIGSTREAM_DATABASE_URL: url, GIGSTREAM_DATABASE_ENCRYPTION_KEY: key, GIGSTREAM_AUTH_TOKEN_KEY: key })
  assert.equal(again.code, 0, again.stderr)
})

test('check-config shows what a profile fills in', () => {
  const env = { DATABASE_URL: url, RPC_URL: 'http://localhost:8545' }
  const shown = run(['check-config', '--config', file('arc.yaml', 'chain: {profile: arc-testnet}\n')], env)
  assert.equal(shown.code, 0, shown.stderr)
  assert.match(shown.stdout, /^  # Arc testnet: .*final when it is there$/m)
  assert.match(shown.stdout, /^  # USDC is its own money; .* from 0xf{4}F\w* 0x18(00){19}$/m)
  for (const line of ['profile: arc-testnet', 'id: 5042002', 'verify: receipts', 'address: "0x3600000000000000000000000000000000000000"'])
    assert.ok(shown.stdout.includes(`  ${line}\n`), line)
  const base = run(['check-config', '--config', file('base.yaml', 'chain: {profile: base}\n')], env)
  assert.match(base.stdout, /^  # Base: /m)
  assert.match(base.stdout, /^  verify: bloom$/m)
  assert.ok(!base.stdout.includes('its own money'))
  const again = run(['check-config', '--config', file('again.yaml', shown.stdout)], { GIGSTREAM_DATABASE_URL: url })
  assert.equal(again.code, 0, again.stderr)
})

test('a wrong configuration is exit 2, with place and remedy', () => {
  const cases = [
    ['chain:\n  idd: 5\n', /wrong\.yaml:2: .*id/],
    ['chain: [\n', /wrong\.yaml:\d/],
    ['log:\n  level: loud\n', /wrong\.yaml:2: .*debug/],
  ]
  for (const [text, words] of cases) {
    const wrong = run(['check-config', '--config', file('wrong.yaml', text)], { DATABASE_URL: url })
    assert.equal(wrong.code, 2)
    assert.match(wrong.stderr, words)
    assert.equal(wrong.stdout, '')
  }
  const streaming = (abi) => `contracts:\n  streaming: [{address: "${right}", abi: ${abi}}]\n`
  for (const [abi, words] of [
    ['LamaPay', /contracts\.streaming, contract 0x5aAe.*the nearest is LlamaPay/],
    ['/no/such.mapping.json', /\/no\/such\.mapping\.json cannot be opened/],
    [file('own.mapping.json', '{"nmae": "Own"}'), /own\.mapping\.json: the key "nmae".*nearest is "name"/],
  ]) {
    const wrong = run(['check-config', '--config', file('wrong.yaml', streaming(abi))], {
      DATABASE_URL: url, RPC_URL: 'http://127.0.0.1:1', GIGSTREAM_CHAIN_ID: '1',
      GIGSTREAM_CONTRACTS_USDC_ADDRESS: '0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48' })
    assert.equal(wrong.code, 2)
    assert.match(wrong.stderr, words)
    assert.equal(wrong.stdout, '')
  }
  const missing = run(['check-config', '--config', '/no/such/file'])
  assert.equal(missing.code, 2)
  assert.match(missing.stderr, /\/no\/such\/file.*No such file/)
  assert.equal(run(['version', '--log-level', 'loud']).code, 2)
})

test('a result that cannot be written is exit 1', () => {
  for (const line of ['"$G" version >/dev/full', '"$G" --help >/dev/full', '"$G" version >&-',
    // A pipe whose reader has gone.
    'exec 3> >(:); wait $!; "$G" --help >&3']) {
    const failed = shell(line)
    assert.equal(failed.code, 1, line)
    assert.match(failed.stderr, /cannot write the result/)
  }
})
