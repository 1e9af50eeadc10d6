// Fails the build when the two chrome files differ in keys, in placeholders, or leave a text empty,
// and when the source uses a key that stands in neither.
import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const src = join(dirname(fileURLToPath(import.meta.url)), '..', 'src')
const load = (name) => JSON.parse(readFileSync(join(src, 'kernel', 'i18n', `${name}.json`), 'utf8'))

function flatten(node, prefix, out) {
  for (const [key, value] of Object.entries(node)) {
    const path = prefix ? `${prefix}.${key}` : key
    if (typeof value === 'string') out.set(path, value)
    else flatten(value, path, out)
  }
  return out
}

const holes = (text) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort().join(',')

function usedKeys(folder, found) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) usedKeys(path, found)
    else if (/\.(vue|ts)$/.test(entry.name) && !entry.name.endsWith('.test.ts')) {
      for (const m of readFileSync(path, 'utf8').matchAll(/\bt\(\s*'([\w.]+)'/g)) found.set(m[1], path)
    }
  }
  return found
}

const zh = flatten(load('zh'), '', new Map())
const en = flatten(load('en'), '', new Map())
const problems = []
for (const key of new Set([...zh.keys(), ...en.keys()])) {
  const a = zh.get(key)
  const b = en.get(key)
  if (!a || !b) problems.push(`${key}: missing or empty in ${a ? 'en' : 'zh'}.json`)
  else if (holes(a) !== holes(b)) problems.push(`${key}: placeholders differ`)
  else if (/[一-鿿]/.test(b)) problems.push(`${key}: Chinese characters in en.json`)
}
for (const [key, path] of usedKeys(src, new Map())) {
  if (!zh.has(key)) problems.push(`${key}: used in ${path.slice(src.length + 1)} but in neither file`)
}
if (problems.length) {
  console.error(problems.join('\n'))
  process.exit(1)
}
console.log(`i18n: ${zh.size} texts in both languages`)
