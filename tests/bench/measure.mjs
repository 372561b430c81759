// One run of an indexer, or of a COPY: how long it takes, and what it costs.
import { query } from '../devchain/postgres.mjs'
import { cpu, watch } from './process.mjs'

// start() returns what has a pid, and done(it) awaits the end of its work. The
// node serves it at `endpoint`. Seconds, but for memory (MB), requests and bytes.
export async function measure({ cluster, node }, endpoint, start, done) {
  await query(cluster.url, 'checkpoint') // each finds the server at rest
  await node.counts({ endpoint, reset: true })
  const before = { postgres: cpu(cluster.pid()), node: cpu(node.pid) }
  const begun = performance.now()
  const child = start()
  const watched = watch(child.pid)
  try {
    await done(child)
  } finally {
    watched.stop()
  }
  const seconds = (performance.now() - begun) / 1000
  const after = { postgres: cpu(cluster.pid()), node: cpu(node.pid) }
  const { requests, bytes_out: bytes } = await node.counts({ endpoint })
  return {
    seconds, requests, bytes, memory: watched.memory(), indexer: watched.cpu(),
    postgres: after.postgres - before.postgres, node: after.node - before.node,
  }
}
