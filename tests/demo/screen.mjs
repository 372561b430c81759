// What the demo writes on the screen.
const plain = !process.stdout.isTTY || 'NO_COLOR' in process.env
const paint = (code) => (text) => (plain ? text : `\x1b[${code}m${text}\x1b[0m`)
export const bold = paint('1')
export const dim = paint('2')
export const green = paint('32')
export const red = paint('31')
export const cyan = paint('36')

const write = (line = '') => process.stdout.write(`${line}\n`)

let chapters = 0
export function chapter(title) {
  write(`\n${bold(`${++chapters}. ${title}`)}`)
}

export const say = (text) => write(text)
export const act = (who, what) => write(`\n  ${cyan('▸')} ${bold(who)} ${what}`)
export const command = (text) => write(`  ${dim('$')} ${text}`)
export function quote(text) {
  for (const line of text.trimEnd().split('\n').filter(Boolean)) write(`  ${dim('│')} ${line}`)
}

export const usdc = (units) => {
  const n = BigInt(units)
  const digits = String(n < 0n ? -n : n).padStart(7, '0')
  const cents = digits.slice(-6).replace(/0{1,4}$/, '')
  return `${n < 0n ? '-' : ''}${digits.slice(0, -6)}.${cents}`
}

// Rows of strings under their heads; numbers (right: their columns) align.
export function table(heads, rows, right = []) {
  const widths = heads.map((head, i) => Math.max(head.length, ...rows.map((row) => row[i].length)))
  const pad = (text, i) => (right.includes(i) ? text.padStart(widths[i]) : text.padEnd(widths[i]))
  const line = (cells) => `    ${cells.map(pad).join('  ')}`.trimEnd()
  write(dim(line(heads)))
  rows.forEach((row) => write(line(row)))
}
