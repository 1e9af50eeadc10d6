import { expect, test } from 'vitest'
import { qr } from './qr'

test('a code is as large as its text wants, with its three finders', () => {
  expect([14, 15, 265, 666].map((n) => qr('x'.repeat(n)).length)).toEqual([21, 25, 65, 97])
  const rows = qr('KP1.abc')
  const last = rows.length - 1
  for (const [x, y] of [[3, 3], [last - 3, 3], [3, last - 3]] as const) {
    expect([0, 1, 2, 3].map((far) => rows[y]![x - far])).toEqual([true, true, false, true])
  }
})

test('what does not fit is refused, and what differs looks different', () => {
  expect(() => qr('x'.repeat(667))).toThrow(RangeError)
  expect(qr('KP1.a')).not.toEqual(qr('KP1.b'))
})
