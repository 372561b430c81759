// seeds.mjs FOLDER [own]: what the fuzzers start from, one folder for each target,
// each input in the form that the target's file describes: from our own files, from
// what is written down here and, without "own", from ../shared/corpora where it is.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const corpora = join(root, '../shared/corpora')
const [folder, which] = process.argv.slice(2)
const LARGEST = 16384

const own = (name) => readFileSync(join(root, name))
const ownJson = (name) => JSON.parse(own(name))
const from = (name) => readFileSync(join(corpora, name))
const hex = (text) => Buffer.from(text.replace(/^0x/, ''), 'hex')

// Named by its content, so that the same seed is written once.
function seed(target, content) {
  const bytes = Buffer.isBuffer(content) ? content : Buffer.from(typeof content === 'string' ? content : JSON.stringify(content))
  if (bytes.length > LARGEST) return
  mkdirSync(join(folder, target), { recursive: true })
  writeFileSync(join(folder, target, createHash('sha1').update(bytes).digest('hex')), bytes)
}

// The first of a list that fit together into one seed.
function fitting(list, room = LARGEST - 4096) {
  let used = 0
  return list.filter((item) => (used += JSON.stringify(item).length + 1) < room)
}

// ---- what a node answers ----

function rpc(status, calls, body) {
  seed('rpc', Buffer.concat([Buffer.from([calls - 1, status]), Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))]))
}

// An array as it may come: in one piece or several, its id before or behind it.
function reply(kind, list) {
  if (!list.length) return
  for (const [piece, body] of [[0, { id: 7, result: list }], [1, [{ result: list, id: 7 }, { id: 8, result: null }]], [100, { result: list }]])
    seed('reply', Buffer.concat([Buffer.from([kind, piece]), Buffer.from(JSON.stringify(body))]))
}

// A result of any method goes to the targets that read such.
function result(value) {
  if (Array.isArray(value)) {
    const logs = value.filter((item) => item?.topics)
    const receipts = value.filter((item) => item?.logsBloom)
    if (logs.length) seed('logs', fitting(logs))
    if (receipts.length) seed('receipts', fitting(receipts))
    reply(0, fitting(logs)), reply(1, fitting(receipts))
    for (const receipt of receipts.slice(0, 24)) if (receipt.logs.length) seed('logs', fitting(receipt.logs))
    for (const log of [...logs, ...receipts.flatMap((receipt) => receipt.logs)].slice(0, 40)) event(log)
  } else if (value?.parentHash) {
    const { transactions = [], ...header } = value
    seed('header', { ...header, withdrawals: undefined, uncles: [], transactions: [] })
    const whole = transactions.filter((tx) => tx?.input)
    if (whole.length) seed('transactions', { transactions: fitting(whole) })
    for (const type of ['0x0', '0x1', '0x2', '0x3', '0x4']) {
      const one = whole.find((tx) => tx.type === type && tx.input.length < 4000)
      if (one) seed('transactions', { transactions: [one] })
    }
  } else if (value?.logsBloom) {
    result([value])
  }
}

// By topic0 alone: whoever's it is becomes USDC's or the streaming contract's.
function event(log) {
  const body = Buffer.concat([...log.topics.map(hex), hex(log.data)])
  for (const who of [1, 2]) seed('events', Buffer.concat([Buffer.from([who, log.topics.length, 255]), body]))
}

function corpusReplies() {
  for (const method of readdirSync(join(corpora, 'execution-apis'))) {
    if (!statSync(join(corpora, 'execution-apis', method)).isDirectory()) continue
    for (const file of readdirSync(join(corpora, 'execution-apis', method))) {
      for (const line of from(`execution-apis/${method}/${file}`).toString().split('\n').filter((text) => text.startsWith('<< '))) {
        const reply = JSON.parse(line.slice(3))
        rpc(0, 1, { ...reply, id: 7 })
        result(reply.result)
      }
    }
  }
  for (const name of ['header-12000000', 'header-17000000', 'header-18000000', 'block-19900000', 'receipts-12000000', 'receipts-17000000', 'receipts-18000000'])
    result(JSON.parse(from(`mainnet/${name}.json`))[0].response.result)
}

function ownReplies() {
  const block = ownJson('tests/unit/data/proof-block.json'), receipts = ownJson('tests/unit/data/proof-receipts.json')
  result(block), result(receipts)
  seed('block', { block, receipts })
  const half = { block: { ...block, transactions: block.transactions.slice(0, 3) }, receipts: receipts.slice(0, 3) }
  seed('block', half)
  seed('block', { ...half, receipts })
  seed('block', { block, receipts: receipts.slice(0, 5) })
  const place = { blockNumber: '0x7', blockHash: block.hash, transactionHash: block.hash, transactionIndex: '0x1', removed: false }
  const logs = receipts.flatMap((receipt) => receipt.logs).map(({ address, topics, data }, i) => ({ ...place, logIndex: `0x${i.toString(16)}`, address, topics, data }))
  seed('logs', logs)
  for (const log of logs) seed('logs', [log]), event(log)
  const body = (i) => ({ jsonrpc: '2.0', id: 7 + i, result: `0x${i}` })
  const error = (i, code, message, data) => ({ jsonrpc: '2.0', id: 7 + i, error: { code, message, data } })
  rpc(0, 2, [body(0), body(1)])
  rpc(0, 3, [body(2), body(0), error(1, -32005, 'query returned more than 10000 results', { from: '0x1', to: '0x2' })])
  rpc(0, 2, { jsonrpc: '2.0', id: null, error: { code: -32600, message: 'batch too large' } })
  rpc(0, 1, error(0, -32000, 'no \u0001 at https://node.example/v3/\u0001', { rate: { backoff_seconds: 30 } }))
  rpc(0, 1, `{"error":"${'x'.repeat(190)}\u0001"}`)
  rpc(0, 2, [body(0), body(0)])
  rpc(0, 2, [body(0), body(1), body(0)])
  rpc(3, 1, error(0, 429, 'too many requests'))
  rpc(4, 1, '<html>502</html>')
  for (const kind of ['0x0', '0x1']) seed('events', Buffer.concat([Buffer.from([1, 3, Number(kind)]), Buffer.alloc(96)]))
  for (let kind = 0; kind < 8; kind++)
    for (const [topics, words] of [[4, 3], [3, 2], [3, 1], [3, 0], [2, 1]])
      seed('events', Buffer.concat([Buffer.from([kind ? 2 : 1, topics, kind]), Buffer.alloc(32 * (topics - 1 + words))]))
}

// ---- RLP and JSON ----

function corpusText() {
  for (const file of readdirSync(join(corpora, 'json/test_parsing'))) {
    seed('json', from(`json/test_parsing/${file}`))
    seed('abi', from(`json/test_parsing/${file}`))
  }
  for (const file of ['rlptest', 'invalidRLPTest', 'RandomRLPTests/example'])
    for (const { out } of Object.values(JSON.parse(from(`ethereum-tests/RLPTests/${file}.json`)))) seed('rlp', hex(out))
  const chain = from('execution-apis/chain.rlp')
  for (let at = 0; at < chain.length;) {
    const extra = chain[at] >= 0xf8 ? chain[at] - 0xf7 : 0
    const len = 1 + extra + (extra ? chain.readUIntBE(at + 1, extra) : chain[at] - 0xc0)
    seed('rlp', chain.subarray(at, at + Math.min(len, 4096)))
    at += len
  }
  for (const group of JSON.parse(from('auth/json_web_signature_test.json')).testGroups)
    for (const { jws } of group.tests) if (typeof jws === 'string') seed('token', `\0${jws}`)
  for (const { address, checksumAddress } of JSON.parse(from('eip55/ethers-accounts.json')).slice(0, 40))
    for (const word of [address, checksumAddress]) if (word) seed('values', word)
}

function ownText() {
  for (const text of ['{"a":1,"a":2}', '[1,-2,3.5e3,true,false,null,"x\\u0000y","\\ud83e\\uddc0"]', '{"a":{"b":[{"c":[]}]}}', '7', '""', ' [ ] x', '9223372036854775808'])
    seed('json', text)
  for (const text of ['80', '8180', '8101', 'c0', 'c20102', 'c483646f67', 'c88363617483646f67', 'b800', 'b90000', `b838${'61'.repeat(56)}`, `f838${'61'.repeat(56)}`, `b90038${'61'.repeat(56)}`])
    seed('rlp', hex(text))
  for (const file of ['usdc', 'payment-streaming']) {
    seed('abi', own(`contracts-abi/${file}.json`))
    for (const entry of ownJson(`contracts-abi/${file}.json`)) if (entry.name) seed('abi', [entry])
  }
  for (const file of ['usdc', 'payment-streaming', 'micro-loan', 'reputation-ledger', 'sablier-lockup', 'sablier-lockup-v2', 'llamapay']) {
    const whole = ownJson(`contracts-abi/${file}.mapping.json`)
    seed('mapping', whole)
    for (const entry of whole.events)
      seed('mapping', Buffer.concat([Buffer.from(JSON.stringify({ ...whole, events: [entry] })), Buffer.alloc(200, 7)]))
  }
  seed('mapping', { name: 'X', abi: 'llamapay.json', events: [{ event: 'Withdraw', is: 'EarningsClaimed', money: 'none',
    fields: { id: 7, amount: { param: 'amount', decimals: 18 }, to: '@contract' }, only_if: { to: '@token', amount: '@nonzero' } }] })
  seed('mapping', { name: 'X', abi: 'payment-streaming.json', events: [{ event: 'StreamPaused', is: 'StreamPaused', fields: { id: 'streamId' } }],
    getters: { count: 'streamCount', total: { getter: 'getStreamDetails.totalAmount', decimals: 2 }, status: 'streams.status' }, statuses: ['paused', null] })
  seed('abi', [0, 1].map(() => ({ type: 'event', name: 'Twice', inputs: [] })))
  const component = { name: 'p', type: 'string' }
  for (const type of ['string', 'bytes', 'uint8[]', 'bool[2][]', 'tuple', 'tuple[]', 'tuple[3]']) {
    const inputs = [{ name: 'a', type: 'uint8', indexed: false }, { name: 't', type, indexed: false, components: [component, { ...component, name: 'q', type: 'bool' }] }]
    for (const entry of [{ type: 'event', name: 'E', inputs }, { type: 'function', name: 'f', inputs: [], outputs: inputs }])
      seed('abi', Buffer.concat([Buffer.from(JSON.stringify([entry])), Buffer.alloc(32 * 5 + 1)]))
  }
  const types = ['int8', 'uint256', 'bool', 'bytes1', 'bytes32', 'int256', 'address', 'uint8']
  for (const type of types)
    seed('abi', [{ type: 'event', name: 'E_$1', inputs: [{ name: '', type, indexed: true }, { name: 'b', type, indexed: false }] }])
  for (const word of ['0', '1.5', '12.345678', '0.0000010', '18446744073709551615', '0x0', '0xffffffffffffffff', '0xfffffffffffffffffffffff',
    `${2n ** 256n - 1n}`, `0x${'f'.repeat(64)}`, '0192a8c0-7c3e-7def-8abc-0123456789ab', Buffer.alloc(32, 7).toString('base64'), Buffer.alloc(32, 7).toString('base64').replace('c=', 'd='), '100000000000000000007', '0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
    '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed', 'v1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'])
    seed('values', word)
  for (const text of ['plain', 'käse \u{1f9c0} \u0085', 'at node.example/v3/secret-key, refused', '\ud7ff\ue000', '"\\\t\n\x7f'])
    seed('text', `https://user:password@node.example:8545/v3/secret-key?token=abcdefgh\0${text}`)
}

// ---- what operators write, and what strangers send ----

const streaming = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'

function configurations() {
  const example = own('config/gigstreamd.yaml').toString()
  seed('config', example)
  const small = `chain: {id: 5042002, rpc: [{url: 'https://u:\x01@h.example/\x01'}]}
contracts: {usdc: {address: '0x3600000000000000000000000000000000000000'}}
database: {url: 'postgresql://g:\x01@localhost/g'}\n`
  seed('config', small)
  seed('config', `${small}http: {listen: '[::1]:8080'}\nlog: {level: debug, format: json}\nfee_wallets: ['${streaming}']\ntransfers: all\n`)
  seed('config', `chain:\n  rpc:\n    - https://a.example/\x01\n    - {name: b, url: 'http://b.example:80'}\n  start_block: 7\n  confirmations: 12\n  poll_interval: 250ms\n`)
  seed('config', `contracts:\n  streaming:\n  - address: '${streaming}'\n    abi: PaymentStreaming\n    start_block: 9\naccept_unchecksummed: true\n`)
  seed('config', `${small.replace('id: 5042002', 'id: 1, start_block: 10')}`.replace('contracts: {', `contracts: {streaming: [{address: '${streaming}', start_block: 9}], `))
  seed('config', ['', 'GIGSTREAM_CHAIN_ID=1', 'RPC_URL=https://h.example/\x01', 'DATABASE_URL=postgresql://g:\x01@h/d',
    'GIGSTREAM_CONTRACTS_USDC_ADDRESS=0x3600000000000000000000000000000000000000'].join('\0'))
  seed('config', [small, `GIGSTREAM_FEE_WALLETS=${streaming}`, 'GIGSTREAM_HTTP_LISTEN=off', 'GIGSTREAM_CHAIN_RPC_NAME=x',
    'GIGSTREAM_DATABASE_ENCRYPTION_KEY=\x01', 'GIGSTREAM_CHAIN_STRAT_BLOCK=1'].join('\0'))
}

function commandLines() {
  for (const words of [['run', '--config', 'x'], ['backfill', '--from=1', '--to', 'latest', '--dry-run'], ['worker', 'add', '--name', 'A', '--email', 'b'],
    ['--log-level=debug', 'status', '--json'], ['help', 'db'], ['worker', '--help'], ['address', 'check', '--', '--x', '0x'], ['db', 'chekc'], ['status', '--json=yes'], ['worker', 'show', 'a', 'b', 'c'], ['--version'], ['-h']])
    seed('cli', words.join('\0'))
}

function databases() {
  for (const url of ['postgresql://g\x01host/db', 'postgresql://g:p@a,b:5433/db?sslmode=require', 'host=a,b port=1,2 dbname=x', 'postgresql://%2Frun%2Fpg/db',
    'postgresql://g@ep-a-1-pooler.eu-central-1.aws.neon.tech/db?sslmode=prefer', 'postgresql://[::1]:5432,127.0.0.1/', 'host=@abstract', 'hostaddr=::1 host=h'])
    for (const answers of ['', ' \x03', ' \x12\x00\x0f', 'f\x01', ' x']) seed('pg_target', `${answers}\0${url}`)
  for (const said of ['connection to server at "h" (::1), port 5432 failed: Connection refused\n\tIs the server running on that host?\n',
    'FATAL:  password authentication failed for user "g"\n', 'FATAL:  \x01 does not exist\n', 'SSL error: certificate verify failed\n', `${'x'.repeat(1000)}\x01`, '\n\t\n'])
    for (const connected of ['\0', '\x01']) seed('pg_fault', connected + said)
}

function tokens() {
  const header = '{"alg":"HS256","typ":"JWT"}', id = '0192a8c0-7c3e-7def-8abc-0123456789ab'
  const claims = { iss: 'gigstream', sub: id, aud: 'worker', iat: 1700000000, exp: 1700000900, jti: id }
  const payload = (change) => JSON.stringify({ ...claims, ...change })
  for (const change of [{}, { aud: 'platform' }, { aud: 'other' }, { exp: 1 }, { iat: 1699990000, exp: 1699999999 }, { iat: 0, exp: 1700000900 }, { jti: id.replace('7def', '4def') }, { sub: id.replaceAll(/[1-9a-f]/g, '0') }, { iat: 1800000000, exp: 1800000001 }, { jti: 'x' }, { more: 1 }, { iss: undefined }])
    seed('token', `\x01${header}\0${payload(change)}`)
  for (const other of ['{"typ":"JWT","alg":"HS256"}', '{"alg":"none"}', '{"alg":"HS256","crit":["x"]}', '{"alg":"HS256","alg":"HS256"}', '{"alg":"HS256","jwk":{}}', ''])
    seed('token', `\x01${other}\0${payload({})}`)
  const part = (text) => Buffer.from(text).toString('base64url')
  for (const mac of ['A'.repeat(43), '', 'A', 'B'.repeat(43)]) seed('token', `\0${part(header)}.${part(payload({}))}.${mac}`)
}

function requests() {
  const end = '\r\nHost: x\r\n\r\n'
  for (const path of ['/livez', '/readyz', '/health?verbose', '/status', '/metrics', '/', '/%6civez', '/..%2flivez'])
    for (const method of ['GET', 'HEAD', 'POST']) seed('http', `${method} ${path} HTTP/1.1${end}`)
  seed('http', 'GET /livez HTTP/1.0\r\n\r\n')
  seed('http', `GET /li\x01vez HT\x01TP/1.1\r\nHo\x01st: x\r\n\r\n`)
  seed('http', `POST /status HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`)
  seed('http', `PUT /status HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n\x01hello`)
  seed('http', `GET /livez HTTP/1.1${end}GET /status HTTP/1.1${end}`)
}

if (!folder) {
  process.stderr.write('usage: seeds.mjs FOLDER\n')
  process.exit(2)
}
ownReplies(), ownText(), configurations(), commandLines(), databases(), tokens(), requests()
if (which === 'own') process.exit(0)
if (existsSync(corpora)) corpusReplies(), corpusText()
else process.stderr.write('skipped: no ../shared/corpora to take seeds from\n')
