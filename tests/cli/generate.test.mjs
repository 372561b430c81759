// db generate: the next migration's file.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { program, run, shell } from './lib.mjs'

const root = new URL('../..', import.meta.url).pathname
const ours = readdirSync(join(root, 'db/migrations')).filter(name => name.endsWith('.sql'))
const newest = Math.max(...ours.map(name => parseInt(name, 10))) // numbers may be left out
const next = n => String(newest + n).padStart(4, '0')
const folder = mkdtempSync(join(tmpdir(), 'gigstream-generate-'))
after(() => rmSync(folder, { recursive: true }))
const generate = (...args) => run(['db', 'generate', '--dir', folder, ...args])

test('the number follows what the program and the folder have', () => {
  const first = generate('add tips-now')
  assert.equal(first.code, 0, first.stderr)
  assert.equal(first.stdout, `${folder}/${next(1)}_add_tips_now.sql\n`)
  assert.match(first.stderr, /\.\/dev build.*gigstreamd db push/)
  const text = readFileSync(first.lines[0], 'utf8')
  assert.match(text, /^(--.*\n)+$/)
  assert.equal(generate('add_tips_now').stdout, `${folder}/${next(2)}_add_tips_now.sql\n`)
  for (const name of ['0042_later.sql', '0043', '43_x.sql', '00044_x.sql', 'notes.txt']) writeFileSync(join(folder, name), '')
  assert.equal(generate('x').stdout, `${folder}/0043_x.sql\n`)
  assert.equal(readFileSync(first.lines[0], 'utf8'), text)
})

test('what is no name is refused, and nothing is written', () => {
  const before = readdirSync(folder)
  for (const name of ['', 'Add', 'a/b', '../x', 'a.sql', 'ä', "a'b", 'a'.repeat(61), 'a\nb']) {
    const refused = generate(name)
    assert.equal(refused.code, 2, name)
    assert.equal(refused.stdout, '')
    assert.match(refused.stderr, /small letters|1 to 60 characters/)
  }
  assert.equal(generate().code, 2)
  assert.deepEqual(readdirSync(folder), before)
})

test('elsewhere than in the source tree it says so', () => {
  const lost = spawnSync(program, ['db', 'generate', 'x'], { cwd: folder, encoding: 'utf8' })
  assert.equal(lost.status, 2)
  assert.match(lost.stderr, /db\/migrations: No such file.*source tree.*--dir/)
})

test('in the source tree it knows where', () => {
  const tree = mkdtempSync(join(tmpdir(), 'gigstream-tree-'))
  after(() => rmSync(tree, { recursive: true }))
  spawnSync('mkdir', ['-p', join(tree, 'db/migrations')])
  const made = spawnSync(program, ['db', 'generate', 'x'], { cwd: tree, encoding: 'utf8' })
  assert.equal(made.stdout, `db/migrations/${next(1)}_x.sql\n`)
  assert.deepEqual(readdirSync(join(tree, 'db/migrations')), [`${next(1)}_x.sql`])
})

test('a folder or file that refuses', () => {
  writeFileSync(join(folder, '9999_last.sql'), '')
  const full = generate('x')
  assert.equal(full.code, 1)
  assert.match(full.stderr, /9999 was the last/)
  rmSync(join(folder, '9999_last.sql'))
  const none = shell(`ulimit -f 0; trap '' XFSZ; "$G" db generate x --dir ${folder}`)
  assert.equal(none.code, 1)
  assert.match(none.stderr, /File too large/)
  assert.ok(!readdirSync(folder).includes('0044_x.sql'))
})
