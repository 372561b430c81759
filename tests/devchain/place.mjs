// Where the database of a test is. $GS_VIA: how programs get there.
//   tls        TLS alone is let in; its certificate is verified (verify-full)
import { startPostgres } from './postgres.mjs'

const via = process.env.GS_VIA ?? ''

const fits = (admin) => admin && (via !== 'tls' || /sslmode=/.test(admin))

// The cluster of $DATABASE_URL_ADMIN where an outer run has exported one, else
// a new one. place.through(url): the URL for the program under test.
export async function openPlace(things) {
  if (!['', 'tls'].includes(via)) throw new Error(`GS_VIA=${via} is nothing that tests/devchain/place.mjs knows`)
  let admin = process.env.DATABASE_URL_ADMIN
  const isNew = !fits(admin)
  if (isNew) {
    const cluster = await startPostgres({ tls: via === 'tls' ? { only: true } : null })
    things.defer(cluster.stop)
    admin = cluster.url
  }
  return { admin, isNew, through: (url) => url }
}
