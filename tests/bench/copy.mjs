// The floor: binary COPY of rows that are there already, into another database
// with the same schema (its indexes, checks and triggers), and into tables that
// have no index.
import { once } from 'node:events'
import { join } from 'node:path'
import { launch, temporaryFolder } from '../devchain/lifetime.mjs'
import { binaries, query } from '../devchain/postgres.mjs'

// In this order: each refers to those before it.
const people = ['chain.chains', 'public.workers', 'public.platforms']
const written = ['chain.blocks', 'chain.events', 'chain.transfers', 'public.streams', 'public.transactions', 'chain.transitions']

const program = () => join(binaries().replace(/.*tests\/postgres.*/, '/usr/lib/postgresql/15/bin'), 'psql') // npm's has none

// psql that does these, one after the other.
export function psql(url, commands) {
  const args = commands.flatMap((command) => ['-c', command])
  return launch(program(), ['-XAtq', '-v', 'ON_ERROR_STOP=1', ...args, url], { stdio: ['ignore', 'ignore', 'pipe'] })
}

export async function finished(child) {
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (chunk) => (said += chunk))
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`psql: ${said}`)
}

const file = (folder, table) => join(folder, `${table}.copy`)
const copyOut = (folder, tables) => tables.map((table) => `\\copy ${table} to '${file(folder, table)}' (format binary)`)
const copyIn = (folder, tables, name = (table) => table) =>
  tables.map((table) => `\\copy ${name(table)} from '${file(folder, table)}' (format binary)`)
const bare = (table) => `bare.${table.replace('.', '_')}`

// Takes the rows out of `from`, and readies `to`, which has the schema and
// nothing else. copy() and copyBare() are to be measured: processes.
export async function prepareCopy(from, to) {
  const { path, remove } = temporaryFolder({ name: 'copy' })
  await finished(psql(from, copyOut(path, [...people, ...written])))
  await finished(psql(to, copyIn(path, people)))
  const likes = written.map((table) => `create table ${bare(table)} (like ${table})`)
  await query(to, ['create schema bare', ...likes].join(';'))
  return {
    copy: () => psql(to, copyIn(path, written)),
    copyBare: () => psql(to, copyIn(path, written, bare)),
    remove,
  }
}
