import type { Feature, Geometry } from 'geojson'
import { onBeforeUnmount, reactive, watch, type Reactive } from 'vue'
import { api, Problem } from '@/kernel/api/client'
import type { OverlayData, OverlayProps } from '@/kernel/map/overlays'
import type { Mark } from '@/kernel/map/still-layer'
import type { Text } from '@/kernel/text/text'
import { readingsThen, warningsThen, type PastTime, type Remember, type Then } from './pastLayers'
import { devices, heads, winds, type Where } from './stations'

/** A layer that another module's door answers: drawn when it answers, kindly absent when it does not. */
export interface Source {
  id: string
  title: string
  door: string
  query?: Record<string, string | number>
  everyMs: number
  /** Shapes for the map, or marks that are measured. */
  draw?: (answer: never, where: Where) => OverlayData
  marks?: (answer: never, where: Where, now?: number) => Mark[]
  /** What it would have answered in a past span; where there is none, the layer is not drawn over the past. */
  past?: Remember
}
/** Where layers are drawn. */
export interface Board {
  setOverlay: (id: string, data: OverlayData | null) => void
  setMarks: (id: string, marks: Mark[]) => void
}
export interface Layer extends Source {
  on: boolean
  state: 'waiting' | 'shown' | 'empty' | 'absent' | 'refused' | 'past'
  count: number
}

type Both = Text | undefined
const label = (text: Both, more = ''): Partial<OverlayProps> => ({ label_zh: `${text?.zh ?? ''}${more}`, label_en: `${text?.en ?? ''}${more}` })
const feature = (geometry: Geometry, properties: OverlayProps): Feature<Geometry, OverlayProps> => ({ type: 'Feature', geometry, properties })
const collection = (features: Feature<Geometry, OverlayProps>[]): OverlayData => ({ type: 'FeatureCollection', features })
const GRAVE = new Set(['serious', 'critical'])

interface WarningItem {
  ref: string
  data: { lon: number | null; lat: number | null; severity: string; title: Text; simulated?: boolean }
}
function warnings(answer: { items?: WarningItem[] }): OverlayData {
  const placed = (answer.items ?? []).filter((item) => item.data.lon !== null && item.data.lon !== undefined)
  return collection(placed.map(({ ref, data }) => feature(
    { type: 'Point', coordinates: [data.lon as number, data.lat as number] },
    { tone: GRAVE.has(data.severity) ? 'now' : 'soon', ref, ...label(data.title) },
  )))
}

interface Drawn {
  features?: Feature<Geometry, Record<string, unknown>>[]
}
const TONES: Record<string, OverlayProps['tone']> = { critical: 'now', serious: 'now', warning: 'soon', notice: 'plain' }
/** GeoJSON of any door: names by `name`, `title` or `label` in both languages, severity by its word. */
function geojson(answer: Drawn, tone: OverlayProps['tone'] = 'plain'): OverlayData {
  return collection((answer.features ?? []).filter((f) => f.geometry).map((f) => {
    const p = f.properties
    const name = (p.name ?? p.title ?? p.label) as Text | string | undefined
    const text = typeof name === 'string' ? { zh: name, en: name } : name
    const own = p.simulated ? 'sim' : (TONES[String(p.severity)] ?? tone)
    return feature(f.geometry, { tone: own, ...(p.ref ? { ref: String(p.ref) } : {}), ...label(text) })
  }))
}

const DEVICES = '/api/devices'
export const SOURCES: Source[] = [
  { id: 'warnings', title: 'map.layerWarnings', door: '/api/warnings', everyMs: 5_000, draw: warnings as Source['draw'], past: warningsThen },
  { id: 'hazards', title: 'map.layerHazards', door: '/api/hazards', everyMs: 15_000, draw: ((a: Drawn) => geojson(a, 'soon')) as Source['draw'] },
  { id: 'tracks', title: 'map.layerTracks', door: '/api/traffic/tracks', everyMs: 5_000, draw: ((a: Drawn) => geojson(a, 'quiet')) as Source['draw'] },
  { id: 'density', title: 'map.layerDensity', door: '/api/traffic/density', everyMs: 30_000, draw: ((a: Drawn) => geojson(a, 'plain')) as Source['draw'] },
  { id: 'weather', title: 'map.layerWeather', door: DEVICES, query: { kind: 'weather', limit: 1000 }, everyMs: 10_000, marks: winds as Source['marks'], past: readingsThen('weather') },
  { id: 'heads', title: 'map.layerHeads', door: DEVICES, query: { kind: 'head_counter', limit: 1000 }, everyMs: 5_000, marks: heads as Source['marks'], past: readingsThen('head_counter') },
  { id: 'devices', title: 'map.layerDevices', door: DEVICES, query: { limit: 1000 }, everyMs: 10_000, draw: devices as Source['draw'] },
]
const OFF = new Set(['tracks', 'density'])
const KEPT = 'kouan.map.layers'

function clear(layer: Layer, board: Board): void {
  if (layer.marks) board.setMarks(layer.id, [])
  else board.setOverlay(layer.id, null)
}

/** Layers by the doors of others, drawn on the map: as of now, or as of the moment that is played. A door that is not there is asked again, rarely. */
export function useLayers(board: Board, where: Where, past: PastTime): Reactive<Layer[]> {
  const kept = JSON.parse(localStorage.getItem(KEPT) ?? '{}') as Record<string, boolean>
  const layers = reactive(SOURCES.map<Layer>((source) => ({ ...source, on: kept[source.id] ?? !OFF.has(source.id), state: 'waiting', count: 0 })))
  const due = new Map<string, number>()
  /** What was read of the span that is played, by layer. */
  const then = new Map<string, Then>()
  let span = ''

  function show(layer: Layer, answer: unknown, now: number): void {
    const [shapes, marks] = [layer.draw?.(answer as never, where), layer.marks?.(answer as never, where, now)]
    layer.count = shapes?.features.length ?? marks?.length ?? 0
    layer.state = layer.count ? 'shown' : 'empty'
    if (shapes) board.setOverlay(layer.id, shapes)
    if (marks) board.setMarks(layer.id, marks)
  }
  function failed(layer: Layer, problem: unknown): void {
    const status = problem instanceof Problem ? problem.status : 0
    layer.state = status === 403 ? 'refused' : status === 404 || status === 422 ? 'absent' : layer.state
    if (status === 403 || status === 404) due.set(layer.id, Date.now() + 300_000)
  }
  async function ask(layer: Layer): Promise<void> {
    due.set(layer.id, Date.now() + layer.everyMs)
    try {
      const answer = await api.get(layer.door, layer.query)
      if (layer.on && !past.on.value) show(layer, answer, Date.now())
    } catch (problem) {
      if (!past.on.value) failed(layer, problem)
    }
  }
  async function remember(layer: Layer): Promise<void> {
    const mine = span
    due.set(layer.id, Infinity)
    try {
      const found = await layer.past?.(new Date(past.from.value).toISOString(), new Date(past.to.value).toISOString())
      if (!found || mine !== span || !past.on.value) return
      then.set(layer.id, found)
      if (layer.on) show(layer, found(past.at.value), past.at.value)
    } catch (problem) {
      if (mine === span && past.on.value) failed(layer, problem)
    }
  }
  function turn(): void {
    span = past.on.value ? `${past.from.value} ${past.to.value}` : ''
    then.clear()
    due.clear()
    for (const layer of layers) {
      clear(layer, board)
      layer.state = past.on.value && !layer.past ? 'past' : 'waiting'
      layer.count = 0
    }
  }
  function step(): void {
    for (const layer of layers) {
      if (!layer.on) continue
      const told = then.get(layer.id)
      if (past.on.value && !layer.past) layer.state = 'past'
      else if (told) show(layer, told(past.at.value), past.at.value)
      else if (Date.now() >= (due.get(layer.id) ?? 0)) void (past.on.value ? remember(layer) : ask(layer))
    }
  }
  watch([past.on, past.from, past.to], turn)
  const timer = setInterval(() => document.visibilityState === 'visible' && step(), 1_000)
  onBeforeUnmount(() => clearInterval(timer))
  return layers
}

export function toggle(layer: Layer, on: boolean, layers: Layer[], board: Board): void {
  layer.on = on
  layer.state = 'waiting'
  if (!on) clear(layer, board)
  localStorage.setItem(KEPT, JSON.stringify(Object.fromEntries(layers.map((one) => [one.id, one.on]))))
}
