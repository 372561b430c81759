// Where the database of a test is, and how programs get there ($GS_VIA):
//   tls        TLS alone is let in; its certificate is verified (verify-full)
//   pgbouncer  through a PgBouncer that pools transactions
import { startPgbouncer } from './pgbouncer.mjs'
import { startPostgres } from './postgres.mjs'

export const via = process.env.GS_VIA ?? ''

const fits = (admin, way) => admin && (way !== 'tls' || /sslmode=/.test(admin))

// The cluster of $DATABASE_URL_ADMIN where an outer run has exported one, else
// a new one. place.through(url): the URL for the program under test;
// place.pooler: what stands in between, if anything does.
export async function openPlace(things, way = via) {
  if (!['', 'tls', 'pgbouncer'].includes(way)) throw new Error(`GS_VIA is tls or pgbouncer, not ${way}`)
  let admin = process.env.DATABASE_URL_ADMIN
  const isNew = !fits(admin, way)
  if (isNew) {
    const cluster = await startPostgres({ tls: way === 'tls' ? { only: true } : null })
    things.defer(cluster.stop)
    admin = cluster.url
  }
  const pooler = way === 'pgbouncer' ? await startPgbouncer(admin) : null
  if (pooler) things.defer(pooler.stop)
  const admit = async (url) => pooler?.admit(url) // a login made since
  return { admin, isNew, pooler, admit, through: pooler?.through ?? ((url) => url) }
}
