// What a command says of a database that does not let it in: the cause, and
// what mends it.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { makeAuthority } from '../devchain/certificates.mjs'
import { freePort, scope, temporaryFolder } from '../devchain/lifetime.mjs'
import { startPgbouncer } from '../devchain/pgbouncer.mjs'
import { query, startPostgres } from '../devchain/postgres.mjs'
import pg from '../devchain/node_modules/pg/lib/index.js'
import { config, run } from './lib.mjs'

const things = scope()
after(things.close)
const start = async (options) => {
  const cluster = await startPostgres(options)
  things.defer(cluster.stop)
  return cluster
}
const secure = await start({ tls: { names: ['localhost', 'db.example'], only: true } })
const plain = await start()
const pooler = await startPgbouncer(plain.url, {
  default_pool_size: 1, query_wait_timeout: 1, server_login_retry: 60, max_client_conn: 3 })
things.defer(pooler.stop)
const folder = temporaryFolder()
things.defer(folder.remove)

const secret = new URL(secure.url).password

// A URL with other parts, and these parameters alone.
const at = ({ url }, { parts = {}, ...params } = {}) => {
  const other = Object.assign(new URL(url), parts)
  other.search = new URLSearchParams(params)
  return other.href
}
const push = (url) => run(['db', 'push'], { DATABASE_URL: url, HOME: folder.path })
const workers = (url) => run(['worker', 'list', '--config', config], { DATABASE_URL: url })
const saysOneLine = ({ code, stderr }, expected, cause, remedy) => {
  assert.equal(code, expected, stderr)
  assert.match(stderr, cause)
  assert.match(stderr, remedy)
  assert.equal(stderr.split('\n').length, 2, 'one line')
  for (const { url } of [secure, plain]) assert.doesNotMatch(stderr, new RegExp(new URL(url).password))
}
const works = (url) => {
  const { code, stderr } = push(url)
  assert.equal(code, 0, stderr)
}
const fails = (url, cause, remedy, code = 1) => saysOneLine(push(url), code, cause, remedy)

test('TLS: unless told otherwise, required, and verified', async () => {
  works(at(secure))
  works(at(secure, { sslmode: 'require' }))
  works(at(secure, { sslmode: 'verify-full', sslrootcert: secure.ca }))
  works(at(secure, { parts: { hostname: 'db.example' }, hostaddr: '127.0.0.1', sslmode: 'verify-full', sslrootcert: secure.ca }))
})

test('TLS: another name than the certificate has', () => fails(
  at(secure, { parts: { hostname: 'db.other' }, hostaddr: '127.0.0.1', sslmode: 'verify-full', sslrootcert: secure.ca }),
  /does not match host name "db.other"/, /put a name that the certificate has into database.url/))

test('TLS: another authority', () => fails(
  at(secure, { sslmode: 'verify-full', sslrootcert: makeAuthority(folder.path).file }),
  /certificate verify failed/, /not signed by the authority whose file sslrootcert names/))

test('TLS: no authority, or no file', () => {
  const remedy = /sslrootcert in database.url .* \/etc\/ssl\/certs\/ca-certificates.crt/
  fails(at(secure, { sslmode: 'verify-full' }), /root certificate file ".*" does not exist/, remedy)
  fails(at(secure, { sslmode: 'verify-full', sslrootcert: '/nowhere' }), /"\/nowhere" does not exist/, remedy)
  fails(at(secure, { sslmode: 'verify-full', sslrootcert: '/etc/passwd' }), /no certificate or crl found/, remedy)
})

test('TLS: demanded by the server, declined by us', () => fails(
  at(secure, { sslmode: 'disable' }), /no encryption/, /add sslmode=require to database.url/))

test('TLS: demanded by us, not offered by the server', () => fails(
  at(plain, { sslmode: 'require' }), /does not support SSL/, /enable it there, or change sslmode/))

test('an sslmode that there is not is wrong usage', () => fails(
  at(plain, { sslmode: 'on' }), /invalid sslmode value: "on"/, /verify-full/, 2))

test('a wrong password is told as such, although without TLS nobody is let in', () => fails(
  at(secure, { parts: { password: 'sesame' } }), /password authentication failed/, /check user and password/))

test('a database that does not exist', () => fails(
  at(plain, { parts: { pathname: '/nowhere' } }), /database "nowhere" does not exist/, /create it/))

test('nobody listens', async () => {
  const port = await freePort()
  fails(at(plain, { parts: { hostname: 'localhost', port } }),
    new RegExp(`"localhost" \\(127.0.0.1\\), port ${port} failed: Connection refused`),
    /sudo systemctl start postgresql/)
  fails(at(plain, { host: '/nowhere', parts: { port } }),
    new RegExp(`"/nowhere/.s.PGSQL.${port}" failed: No such file or directory`),
    /sudo systemctl start postgresql/)
})

test('no more connections', async () => {
  await query(plain.url, `create role few login password '${secret}' connection limit 0`)
  fails(at(plain, { parts: { username: 'few', password: secret } }), /too many connections for role "few"/, /end idle ones/)
})

// What the schema lacks is told alike on both ways.
for (const [way, through] of [['directly', (url) => url], ['through a pooler', pooler.through]]) {
  test(`${way}: a relation, a column that does not exist`, async () => {
    const database = await plain.createDatabase()
    things.defer(database.drop)
    const url = through(database.url)
    saysOneLine(workers(url), 1, /relation "public.workers" does not exist/, /run: gigstreamd db push/)
    works(url)
    assert.equal(workers(url).code, 0)
    await query(database.url, 'alter table public.workers rename display_name to name')
    saysOneLine(workers(url), 1, /column .*display_name.* does not exist/,
      /run: gigstreamd db migrate, in development: gigstreamd db push --force/)
  })
}

const pooled = (change) => at({ url: pooler.through(plain.url) }, change)

test('a pooler: nobody it knows, no such database, a parameter it does not take', () => {
  fails(pooled({ parts: { username: 'nobody' } }), /authentication failed/, /check user and password/)
  fails(pooled({ parts: { pathname: '/nowhere' } }), /database "nowhere" does not exist/, /create it/)
  fails(pooled({ options: '-c jit=off' }), /unsupported startup parameter: options/, /leave it out of database.url/)
})

test('TLS: demanded by a pooler, declined by us', async () => {
  const { key, cert } = secure.certificate
  const strict = await startPgbouncer(plain.url, {
    client_tls_sslmode: 'require', client_tls_key_file: key, client_tls_cert_file: cert })
  things.defer(strict.stop)
  const url = strict.through(plain.url)
  works(at({ url }))
  fails(at({ url }, { sslmode: 'disable' }), /SSL required/, /add sslmode=require to database.url/)
})

test('a pooler for some databases and users alone', async () => {
  const strict = await startPgbouncer(plain.url, { database: 'postgres', auth_type: 'trust' })
  things.defer(strict.stop)
  const there = (parts) => at({ url: strict.through(plain.url) }, { parts })
  fails(there({ pathname: '/nowhere' }), /no such database/, /name it among the pooler's \[databases\]/)
  fails(there({ username: 'nobody' }), /"trust" authentication failed/, /check user and password/)
})

async function taken(n, use) {
  const clients = Array.from({ length: n }, () => new pg.Client(pooler.through(plain.url)))
  try {
    for (const client of clients) await client.connect()
    await use(clients[0])
  } finally {
    for (const client of clients) await client.end()
  }
}

test('a pooler: all its connections in use, all its clients there', async () => {
  await taken(1, async (client) => {
    await client.query('begin')
    fails(pooled(), /query_wait_timeout/, /raise its default_pool_size/)
  })
  await taken(3, () => fails(pooled(), /no more connections allowed/, /raise the pooler's max_client_conn/))
})

test('a pooler: its server is down', async () => {
  await plain.halt()
  fails(pooled(), /query_wait_timeout/, /start the server/)
  fails(pooled(), /server_login_retry/, /sudo systemctl start postgresql/)
})
