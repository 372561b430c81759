// What a process and its children have cost so far, from /proc (proc(5)).
import { readFileSync, readdirSync } from 'node:fs'

// Of a second: USER_HZ, the same on every Linux there is.
const ticks = 100

// Undefined: it has ended meanwhile.
function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return undefined
    throw error
  }
}

function tasks(pid) {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
}

const words = (text) => (text ?? '').trim().split(' ').filter(Boolean)
const children = (pid) => tasks(pid).flatMap((task) => words(read(`/proc/${pid}/task/${task}/children`)))
const tree = (pid) => [pid, ...children(pid).flatMap(tree)]

// utime, stime, and those of children that have ended.
function cpuOf(pid) {
  const stat = read(`/proc/${pid}/stat`)
  const fields = words(stat?.slice(stat.lastIndexOf(')') + 2)) // from the third
  return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0) / ticks
}

const peakOf = (pid) => Number(/^VmHWM:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1] ?? 0) / 1024

const sum = (values) => values.reduce((all, value) => all + value, 0)

// Seconds of CPU.
export const cpu = (pid) => sum(tree(pid).map(cpuOf))

// Looks now and then, for there is nothing to see of a process that has ended,
// and once more when it is stopped: seconds of CPU, and MB of memory at the peak.
export function watch(pid, everyMs = 20) {
  const seen = { cpu: 0, memory: 0 }
  const look = () => {
    const pids = tree(pid)
    seen.cpu = Math.max(seen.cpu, sum(pids.map(cpuOf)))
    seen.memory = Math.max(seen.memory, sum(pids.map(peakOf)))
  }
  const timer = setInterval(look, everyMs)
  return {
    cpu: () => seen.cpu,
    memory: () => seen.memory,
    stop: () => {
      clearInterval(timer)
      look()
    },
  }
}
