import { expect, test } from 'vitest'
import { blank, linesOf, shapesOf, treeOf } from './rules'

test('one line is the condition itself, several stand under all or any', () => {
  const peak = { ...blank('reading'), value: 300, clear: 270 }
  const night = { ...blank('reading'), what: 'time' as const }
  expect(treeOf([peak], 'all')).toEqual({ field: 'value', op: '>', value: 300, clear: 270 })
  expect(treeOf([peak, night], 'any')).toEqual({ any: [{ field: 'value', op: '>', value: 300, clear: 270 }, { time: { from: '22:00', to: '06:00' } }] })
})

test('what is drawn goes before the place that was chosen', () => {
  const line = { type: 'LineString', coordinates: [[121, 36], [122, 36]] }
  const wire = { ...blank('position'), what: 'crosses' as const, place: 'place:A', shape: line, direction: 'to_left' }
  expect(treeOf([wire], 'all')).toEqual({ crosses: line, direction: 'to_left' })
  expect(treeOf([{ ...blank('position'), place: 'place:A' }], 'all')).toEqual({ enters: 'place:A' })
})

test('a kept condition comes back to the form as it was written', () => {
  const wire = { type: 'LineString', coordinates: [[121, 36], [122, 36]] }
  for (const tree of [
    { field: 'value', op: '>', value: 300, clear: 270 },
    { any: [{ field: 'value', op: 'in', values: [1, 2] }, { field: 'value', op: 'outside', low: 1, high: 2 }] },
    { all: [{ rate: 'value', op: '<', value: -2, per_s: 60 }, { time: { days: [6, 7], from: '22:00', to: '06:00' } }, { time: { from: '08:00', to: '09:00' } }] },
    { absent: true },
  ]) {
    const back = linesOf(tree, 'reading')!
    expect(treeOf(back.lines, back.how)).toEqual(tree)
  }
  for (const tree of [{ leaves: 'place:A' }, { crosses: wire, direction: 'to_left' }, { all: [{ inside: 'place:A' }, { rate: 'speed', op: '>', value: 5, per_s: 60 }] }]) {
    const back = linesOf(tree, 'position')!
    expect(treeOf(back.lines, back.how)).toEqual(tree)
  }
  expect(linesOf({ all: [{ not: { inside: 'place:A' } }] }, 'position')).toBeNull()
  expect(linesOf({ all: [{ any: [{ absent: true }] }] }, 'position')).toBeNull()
})

test('zones and lines that are drawn are found however deep they stand, places that are named are not', () => {
  const wire = { type: 'LineString', coordinates: [[121, 36], [122, 36]] }
  const zone = { type: 'Polygon', coordinates: [[[121, 36], [122, 36], [122, 37], [121, 36]]] }
  expect(shapesOf({ all: [{ not: { inside: zone } }, { crosses: wire }, { enters: 'place:A' }, { field: 'speed', op: '>', value: 1 }] })).toEqual([zone, wire])
  expect(shapesOf(undefined)).toEqual([])
})
