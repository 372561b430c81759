// A certificate authority for the occasion, by openssl(1).
import { spawnSync } from 'node:child_process'
import { chownSync } from 'node:fs'
import { join } from 'node:path'

function openssl(...args) {
  const child = spawnSync('openssl', args, { encoding: 'utf8' })
  if (child.status !== 0) throw new Error(`openssl ${args[0]} failed: ${child.error?.message ?? child.stderr}`)
}

const request = (folder, name, subject) => [
  'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
  '-keyout', join(folder, `${name}.key`), '-out', join(folder, `${name}.crt`), '-subj', `/CN=${subject}`]

// Makes one in the folder. authority.file: its certificate, for sslrootcert;
// authority.issue(names): { cert, key } of a server with these DNS names, and
// the loopback's address; the key is `user`'s (null: ours).
export function makeAuthority(folder) {
  openssl(...request(folder, 'ca', 'GigStream test CA'))
  const file = join(folder, 'ca.crt')
  const issue = (names, user = null) => {
    const alternatives = [...names.map((name) => `DNS:${name}`), 'IP:127.0.0.1'].join(',')
    openssl(...request(folder, 'server', names[0]), '-CA', file, '-CAkey', join(folder, 'ca.key'),
      '-addext', `subjectAltName=${alternatives}`, '-addext', 'basicConstraints=critical,CA:FALSE')
    const [cert, key] = ['server.crt', 'server.key'].map((name) => join(folder, name))
    if (user) chownSync(key, user.uid, user.gid)
    return { cert, key }
  }
  return { file, issue }
}
