import { expect, test } from 'vitest'
import { lastAt, standing } from './pastLayers'
import { beyond, paced, wider } from './usePlayback'

test('a view beyond what was read, or much closer where reports were thinned, is read anew', () => {
  const read = wider([121, 36, 122, 37])
  expect(read).toEqual([120.5, 35.5, 122.5, 37.5])
  expect(beyond([121.4, 36.4, 122.4, 37.4], read, true)).toBe(false)
  expect(beyond([121.6, 36, 122.6, 37], read, false)).toBe(true)
  expect(beyond([121, 36, 121.1, 36.1], read, false)).toBe(false)
  expect(beyond([121, 36, 121.1, 36.1], read, true)).toBe(true)
})

test('any speed may be typed, within reason', () => {
  expect([37, 0.5, 0, -3, NaN, 1e9].map(paced)).toEqual([37, 0.5, 1, 1, 1, 3600])
})

test('of the past what held at that moment is shown', () => {
  const minute = (n: number) => new Date(n * 60_000).toISOString()
  const items = [{ data: { at: minute(1), until: minute(5) } }, { data: { at: minute(4), until: null } }, { data: { at: minute(9) } }]
  expect([0, 2, 4, 6, 9].map((n) => standing(items, n * 60_000).length)).toEqual([0, 1, 2, 1, 2])
  const told = { columns: { key: [1, 2, 1], at: [60e6, 120e6, 180e6], value: [5, 90, 7] }, of: { 1: { metric: 'wind', unit: 'm/s' }, 2: { metric: 'wind_from', unit: 'deg' } } }
  expect(lastAt(told, 59_000)).toEqual([])
  expect(lastAt(told, 150_000).map((one) => one.value)).toEqual([5, 90])
  expect(lastAt(told, 180_000).map((one) => one.value)).toEqual([7, 90])
})
