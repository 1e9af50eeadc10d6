import type { Feature, FeatureCollection } from 'geojson'
import { computed, onBeforeUnmount, watch, type Ref, type ShallowRef } from 'vue'
import { api } from '@/kernel/api/client'
import { useLoad, type Load } from '@/kernel/api/useLoad'
import { stateWord } from '@/kernel/card/words'
import { chrome, locale } from '@/kernel/i18n'
import { onFact } from '@/kernel/live'
import type { OverlayData } from '@/kernel/map/overlays'
import { flatten, middle } from '@/kernel/map/places'
import type { PortMap } from '@/kernel/map/usePortMap'
import { atWork, tonnes, type Figures, type PortShip, type Work } from './port'

interface Block {
  place: string | null
  boxes: number
}
/** Boxes that one block of a hundred metres by thirty takes in one tier, for the height of a stack in the light 3-D view. */
const TIER_BOXES = 40
const TIER_M = 2.6
const BUILDING_M = 12
const EVERY_MS = 10_000
const AFTER_FACT_MS = 600

export interface PortWork {
  ships: Load<{ ships: PortShip[] }>
  figures: Load<Figures>
  yard: Load<{ blocks: Block[] }>
  where: (place: string | null) => [number, number] | null
  /** A place's name in the language of the screen. */
  name: (place: string) => string
  /** A place as it is drawn. */
  shape: (place: string | null) => Feature | undefined
}

/** Ships' cargo, the yard's stock and the day's figures: asked again shortly after any fact that the viewer hears of. */
export function usePortWork(map: PortMap, places: ShallowRef<FeatureCollection | null>, yardShown: Ref<boolean>, past: Ref<boolean>): PortWork {
  const ships = useLoad(() => api.get<{ ships: PortShip[] }>('/api/map/ships'), EVERY_MS)
  const figures = useLoad(() => api.get<Figures>('/api/map/figures'), EVERY_MS)
  const yard = useLoad(() => api.get<{ blocks: Block[] }>('/api/yard', { limit: 1 }), EVERY_MS)
  const elements = new Map<string, HTMLElement>()
  let timer = 0
  onFact(() => {
    if (timer) return
    timer = window.setTimeout(() => {
      timer = 0
      void Promise.all([ships.load(), figures.load(), yard.load()])
    }, AFTER_FACT_MS)
  })
  onBeforeUnmount(() => clearTimeout(timer))

  const drawn = computed(() => new Map(flatten(places.value ?? { type: 'FeatureCollection', features: [] }).features.map((f) => [String(f.properties?.ref).toUpperCase(), f])))
  function found(place: string | null): Feature | undefined {
    return place ? drawn.value.get(place.toUpperCase()) : undefined
  }
  function where(place: string | null): [number, number] | null {
    const feature = found(place)
    return feature ? (middle(feature) as [number, number]) : null
  }
  function drawShips(): void {
    // What is counted of ships and stacks is of now: it is not drawn over the past.
    const shown = past.value ? [] : (ships.data.value?.ships ?? []).filter((s) => s.stop === 'alongside' || (s.berth && atWork(s)))
    // The newest report at a berth counts, should two ships be told to lie there.
    const berthed = new Map([...shown].reverse().map((ship) => [ship.berth, ship]))
    const markers = [...berthed.values()].map((ship) => ({ ship, at: where(ship.berth) })).filter((one) => one.at !== null)
    map.setMarkers(markers.map(({ ship, at }) => {
      const element = elements.get(ship.call) ?? document.createElement('div')
      elements.set(ship.call, element)
      fill(element, ship)
      return { id: ship.call, lon: at?.[0] ?? 0, lat: at?.[1] ?? 0, element }
    }))
    for (const call of elements.keys()) if (!shown.some((ship) => ship.call === call)) elements.delete(call)
  }
  function drawYard(): void {
    const blocks = yardShown.value && !past.value ? (yard.data.value?.blocks ?? []) : []
    const counts = new Map<string, number>()
    for (const block of blocks) if (block.place) counts.set(block.place, (counts.get(block.place) ?? 0) + block.boxes)
    const features: OverlayData['features'] = []
    for (const [place, boxes] of counts) {
      const feature = found(place)
      if (!feature) continue
      const [zh, en] = [`${boxes} 箱`, `${boxes} boxes`]
      features.push({ type: 'Feature', geometry: { type: 'Point', coordinates: middle(feature) }, properties: { tone: 'plain', bare: true, ref: place, label_zh: zh, label_en: en } })
      if (map.tilted.value && feature.geometry.type === 'Polygon') {
        features.push({ type: 'Feature', geometry: feature.geometry, properties: { tone: 'plain', height: Math.min(Math.ceil(boxes / TIER_BOXES), 5) * TIER_M } })
      }
    }
    if (map.tilted.value) {
      for (const feature of drawn.value.values()) {
        if (feature.properties?.kind === 'building') features.push({ type: 'Feature', geometry: feature.geometry, properties: { tone: 'quiet', height: BUILDING_M } })
      }
    }
    map.setOverlay('yard', { type: 'FeatureCollection', features })
  }
  watch([ships.data, places, locale, past], drawShips, { flush: 'post' })
  watch([yard.data, places, yardShown, map.tilted, past], drawYard, { flush: 'post' })
  function name(place: string): string {
    const said = found(place)?.properties
    return String((locale.value === 'zh' ? said?.name_zh : said?.name_en) ?? place.replace(/^place:/, ''))
  }
  return { ships, figures, yard, where, name, shape: found }
}

/** The mark at a ship's berth: her name, and how far loading and discharging are. */
function fill(element: HTMLElement, ship: PortShip): void {
  // The map keeps classes of its own on it, by which it is placed.
  element.classList.add('berth-mark')
  element.dataset.call = ship.call
  const row = (way: 'load' | 'discharge', work: Work) => {
    const line = document.createElement('div')
    const bar = document.createElement('span')
    const text = document.createElement('span')
    line.dataset.way = way
    bar.className = 'bar'
    bar.style.setProperty('--share', `${work.percent ?? 0}%`)
    text.textContent = chrome(`map.mark_${way}`, { done: work.done, total: work.total, percent: work.percent ?? 0, ashore: work.ashore, tonnes: tonnes(work.done_kg) })
    line.append(bar, text)
    return line
  }
  const name = document.createElement('strong')
  name.textContent = ship.ship ?? ship.vessel ?? ''
  // Where a ship is to lie is not where she lies: until she is alongside, the mark says how far that is.
  const stop = document.createElement('small')
  stop.textContent = ship.stop && ship.stop !== 'alongside' ? ` ${stateWord('operations.berth.plan', ship.stop)}` : ''
  name.append(stop)
  element.replaceChildren(name, ...(ship.discharge.total ? [row('discharge', ship.discharge)] : []), ...(ship.load.total ? [row('load', ship.load)] : []))
}
