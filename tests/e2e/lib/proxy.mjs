// A node that can misbehave: it stands before a real one and passes everything
// on, until it is told to do something else with a request.
import { once } from 'node:events'
import { createServer } from 'node:http'

const bodyOf = async (stream) => {
  const chunks = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

// proxy.behave = async ({ calls, forward, response }) => ...: calls are the
// JSON-RPC calls of the request (one or a batch); forward() asks the real node
// and returns its replies by call; whoever writes to response itself returns
// nothing, else the text or value returned is the answer. null: pass on.
// proxy.target: the real node's URL; it may become another one.
export async function startProxy(target) {
  const proxy = { behave: null, target, requests: 0, calls: 0 }
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request)
    const parsed = JSON.parse(body)
    const calls = Array.isArray(parsed) ? parsed : [parsed]
    proxy.requests++
    proxy.calls += calls.length
    const forward = async () => {
      const reply = await fetch(proxy.target, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
      return reply.json()
    }
    try {
      const answer = proxy.behave ? await proxy.behave({ calls, forward, response }) : await forward()
      if (answer === undefined) return
      response.setHeader('content-type', 'application/json')
      response.end(typeof answer === 'string' ? answer : JSON.stringify(answer))
    } catch {
      response.destroy()
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return Object.assign(proxy, {
    url: `http://127.0.0.1:${server.address().port}`,
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  })
}

// Changes the result of every reply to `method`; others pass as they are.
export const changing = (method, change) => async ({ calls, forward }) => {
  const replies = await forward()
  const list = Array.isArray(replies) ? replies : [replies]
  for (const reply of list) {
    const call = calls.find(({ id }) => id === reply.id)
    if (call?.method === method) reply.result = change(reply.result, call)
  }
  return replies
}
