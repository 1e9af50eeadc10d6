import 'maplibre-gl/dist/maplibre-gl.css'
import type { FeatureCollection } from 'geojson'
import { Map as GlMap, Marker, NavigationControl, ScaleControl, setWorkerUrl, type MapMouseEvent } from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url'
import { nextTick, onBeforeUnmount, ref, watch, type Ref } from 'vue'
import { locale } from '../i18n'
import { theme } from '../theme'
import { LiveLayer } from './live-layer'
import type { Movers } from './movers'
import { Overlays, type OverlayData, type OverlayProps } from './overlays'
import { bounds, flatten, labelPoints } from './places'
import { StillLayer, type Mark } from './still-layer'
import { mapStyle } from './style'
import type { BaseTiles } from './tiles'
import type { Track } from './track'

setWorkerUrl(workerUrl)
const VIEW = 'kouan.map'
const EMPTY: FeatureCollection = { type: 'FeatureCollection', features: [] }
const TILT = 55

export interface PlaceHit {
  name_zh: string
  name_en: string
  kind: string
  ref: string
}
export interface Hit {
  slot: number | null
  place: PlaceHit | null
  overlay: OverlayProps | null
  mark: Mark | null
}
export type Bounds = [number, number, number, number]
export interface PortMap {
  /** What is under the pointer, and where. */
  under: Ref<(Hit & { x: number; y: number }) | null>
  clicked: Ref<Hit | null>
  /** West, south, east, north of what is looked at, after each move. */
  view: Ref<Bounds | null>
  zoom: Ref<number>
  tilted: Ref<boolean>
  layer: () => LiveLayer | null
  mount: (box: HTMLElement, center: [number, number], tiles?: BaseTiles | null) => void
  setPlaces: (places: FeatureCollection) => void
  setOverlay: (id: string, data: OverlayData | null) => void
  setMarks: (group: string, marks: Mark[]) => void
  setTrack: (track: Track | null) => void
  /** Shows a track at a moment of its playback; null shows it whole. */
  playTrack: (moment: number | null) => void
  showZones: (on: boolean) => void
  setMarkers: (markers: { id: string; lon: number; lat: number; element: HTMLElement }[]) => void
  choose: (slot: number | null) => void
  goTo: (lon: number, lat: number, zoom?: number) => void
  tilt: () => void
  whole: () => void
  /** Looks at a box. */
  fit: (box: Bounds) => void
}

interface View {
  center: [number, number]
  zoom: number
}
function keptView(): View | null {
  return JSON.parse(sessionStorage.getItem(VIEW) ?? 'null') as View | null
}
const reduced = () => matchMedia('(prefers-reduced-motion: reduce)').matches

/**
 * The port's one map: places drawn once by MapLibre, what moves by our own layer, both in the page's colours. `small`: inside another
 * page, whose wheel it leaves alone and whose look it does not keep.
 */
export function usePortMap(movers: Movers, small = false): PortMap {
  const under: PortMap['under'] = ref(null)
  const clicked: PortMap['clicked'] = ref(null)
  const view: PortMap['view'] = ref(null)
  const zoom = ref(11)
  const tilted = ref(false)
  const markers = new Map<string, Marker>()
  let map: GlMap | null = null
  let layer: LiveLayer | null = null
  let overlays: Overlays | null = null
  let still: StillLayer | null = null
  let tiles: BaseTiles | null = null
  let zones = true
  let places = EMPTY

  const kept = () => (small ? null : keptView())
  function restyle(): void {
    map?.setStyle(mapStyle(places, labelPoints(places), locale.value, tiles, zones), { diff: false })
    layer?.recolour()
    still?.paint()
  }
  function hit(event: MapMouseEvent): Hit {
    const slot = layer?.at(event.point.x, event.point.y) ?? null
    if (slot !== null) return { slot, place: null, overlay: null, mark: null }
    const mark = still?.at(event.point.x, event.point.y) ?? null
    if (mark) return { slot, place: null, overlay: null, mark }
    const over = overlays?.hittable() ?? []
    const first = over.length ? map?.queryRenderedFeatures(event.point, { layers: over })[0] : undefined
    if (first) return { slot, place: null, overlay: first.properties as OverlayProps, mark: null }
    const layers = ['place-point', 'place-guarded', 'place-water-line', 'place-line', 'place-fill'].filter((id) => map?.getLayer(id))
    const best = map?.queryRenderedFeatures(event.point, { layers }).sort((a, b) => Number(b.properties.order) - Number(a.properties.order))[0]
    return { slot, place: best ? (best.properties as PlaceHit) : null, overlay: null, mark: null }
  }
  function looked(): void {
    if (!map) return
    const b = map.getBounds()
    view.value = [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()]
    zoom.value = map.getZoom()
    tilted.value = map.getPitch() > 5
    if (!small) sessionStorage.setItem(VIEW, JSON.stringify({ center: map.getCenter().toArray(), zoom: map.getZoom() } satisfies View))
  }
  function point(event: MapMouseEvent): void {
    const found = hit(event)
    const named = found.slot !== null || found.place || found.overlay || found.mark
    under.value = named ? { x: event.point.x, y: event.point.y, ...found } : null
    if (layer && layer.hovered !== found.slot) {
      layer.hovered = found.slot
      layer.paint()
    }
  }
  function mount(box: HTMLElement, center: [number, number], given: BaseTiles | null = null): void {
    const from = kept() ?? { center, zoom: 11.5 }
    tiles = given
    map = new GlMap({
      container: box, style: mapStyle(places, labelPoints(places), locale.value, tiles, zones), center: from.center, zoom: from.zoom,
      attributionControl: tiles ? { compact: true } : false, minZoom: 2, maxZoom: 19, scrollZoom: !small, canvasContextAttributes: { antialias: true },
    })
    map.addControl(new NavigationControl({ visualizePitch: true }), 'top-right')
    map.addControl(new ScaleControl({ unit: 'nautical', maxWidth: 140 }), 'bottom-left')
    still = new StillLayer(map)
    layer = new LiveLayer(map, movers)
    overlays = new Overlays(map, () => locale.value)
    let pointer = 0
    map.on('mousemove', (event) => {
      cancelAnimationFrame(pointer)
      pointer = requestAnimationFrame(() => point(event))
    })
    map.on('mouseout', () => (under.value = null))
    map.on('click', (event) => (clicked.value = hit(event)))
    map.on('moveend', looked)
    map.on('style.load', () => overlays?.restore())
    looked()
  }
  function goTo(lon: number, lat: number, closer?: number): void {
    map?.easeTo({ center: [lon, lat], zoom: closer ?? map.getZoom(), duration: reduced() ? 0 : 500 })
  }
  function whole(): void {
    if (places.features.length) fit(bounds(places.features), 19)
  }
  function fit([w, s, e, n]: Bounds, maxZoom = 16): void {
    const beside = (map?.getContainer().clientWidth ?? 0) > 900 ? 420 : 40
    map?.fitBounds([w, s, e, n], { padding: small ? 36 : { top: 60, bottom: 70, left: 40, right: beside }, maxZoom, duration: 0 })
  }
  function setMarkers(wanted: { id: string; lon: number; lat: number; element: HTMLElement }[]): void {
    const ids = new Set(wanted.map((one) => one.id))
    for (const [id, marker] of markers) {
      if (ids.has(id)) continue
      marker.remove()
      markers.delete(id)
    }
    for (const one of wanted) {
      const known = markers.get(one.id)
      if (known) known.setLngLat([one.lon, one.lat])
      else if (map) markers.set(one.id, new Marker({ element: one.element, anchor: 'top' }).setLngLat([one.lon, one.lat]).addTo(map))
    }
  }

  watch([theme, locale], async () => {
    await nextTick()
    restyle()
  })
  onBeforeUnmount(() => {
    layer?.remove()
    still?.remove()
    map?.remove()
    map = layer = still = overlays = null
  })
  return {
    under, clicked, view, zoom, tilted, mount, goTo, whole, fit, setMarkers,
    layer: () => layer,
    setPlaces(found) {
      places = flatten(found)
      restyle()
      if (!kept() || !map?.getBounds().intersects?.(bounds(places.features))) whole()
    },
    setOverlay: (id, data) => overlays?.set(id, data),
    setMarks: (group, marks) => still?.setMarks(group, marks),
    setTrack: (track) => still?.setTrack(track),
    playTrack(moment) {
      if (!still) return
      still.moment = moment
      still.paint()
    },
    showZones(on) {
      zones = on
      restyle()
    },
    choose(slot) {
      if (!layer) return
      layer.chosen = slot
      layer.paint()
    },
    tilt() {
      if (!map) return
      const flat = map.getPitch() <= 5
      map.easeTo({ pitch: flat ? TILT : 0, bearing: flat ? -18 : 0, zoom: flat ? Math.max(map.getZoom(), 14.4) : map.getZoom(), duration: reduced() ? 0 : 700 })
    },
  }
}
