// A gate before a database that is asleep: it accepts, and lets nobody through
// until it is opened.
import { readFileSync } from 'node:fs'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { TLSSocket } from 'node:tls'

// ErrorResponse (PostgreSQL manual, "Message Formats"): length, fields, end.
function refusal(message) {
  const fields = Buffer.from(`SERROR\0CXX000\0M${message}\0\0`)
  const head = Buffer.alloc(5)
  head.write('E')
  head.writeUInt32BE(fields.length + 4, 1)
  return Buffer.concat([head, fields])
}

// What a proxy that ends TLS itself does: it hears the client out, to the end of
// its StartupMessage, and refuses.
async function refuse(socket, message, { cert, key }) {
  await once(socket, 'data') // SSLRequest
  socket.write('S')
  const secure = new TLSSocket(socket, { isServer: true, cert: readFileSync(cert), key: readFileSync(key) })
  secure.on('error', () => {})
  await once(secure, 'data')
  secure.end(refusal(message))
}

// gate.behave = 'hold': keeps what comes; 'pass'; 'close': hangs up at once; or
// a sentence to refuse with. gate.open() lets those who are held through, and
// all after them. gate.met: how many came.
export async function startGate(port, certificate) {
  const gate = { behave: 'hold', met: 0 }
  const held = []
  const sockets = new Set()
  const pass = (socket) => {
    const server = connect(port, '127.0.0.1')
    for (const [from, to] of [[socket, server], [server, socket]]) {
      sockets.add(from)
      from.on('error', () => to.destroy()).on('close', () => to.destroy()).pipe(to)
    }
  }
  const listener = createServer((socket) => {
    gate.met++
    sockets.add(socket)
    socket.on('error', () => {})
    if (gate.behave === 'hold') held.push(socket)
    else if (gate.behave === 'pass') pass(socket)
    else if (gate.behave === 'close') socket.destroy()
    else refuse(socket, gate.behave, certificate).catch(() => socket.destroy())
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  return Object.assign(gate, {
    port: listener.address().port,
    open: () => {
      gate.behave = 'pass'
      held.splice(0).forEach(pass)
    },
    stop: async () => {
      sockets.forEach((socket) => socket.destroy())
      listener.close()
      await once(listener, 'close')
    },
  })
}
