import 'maplibre-gl/dist/maplibre-gl.css'
import type { FeatureCollection } from 'geojson'
import { Map as GlMap, NavigationControl, ScaleControl, setWorkerUrl, type MapMouseEvent } from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url'
import { nextTick, onBeforeUnmount, ref, watch, type Ref } from 'vue'
import { locale } from '../i18n'
import { theme } from '../theme'
import { LiveLayer } from './live-layer'
import { bounds, flatten, labelPoints } from './places'
import type { Ship, Ships } from './ships'
import { mapStyle } from './style'

setWorkerUrl(workerUrl)
const VIEW = 'kouan.map'
const EMPTY: FeatureCollection = { type: 'FeatureCollection', features: [] }

export interface PlaceHit {
  name_zh: string
  name_en: string
  kind: string
  ref: string
}
export interface PortMap {
  /** What is under the pointer, and where. */
  under: Ref<{ x: number; y: number; ship: Ship | null; place: PlaceHit | null } | null>
  clicked: Ref<{ ship: Ship | null; place: PlaceHit | null } | null>
  mount: (box: HTMLElement, center: [number, number]) => void
  setPlaces: (places: FeatureCollection) => void
  choose: (mmsi: number | null) => void
  goTo: (lon: number, lat: number, zoom?: number) => void
  paint: () => void
  whole: () => void
}

interface View {
  center: [number, number]
  zoom: number
}
function keptView(): View | null {
  return JSON.parse(sessionStorage.getItem(VIEW) ?? 'null') as View | null
}

/** The port's one map: places drawn once by MapLibre, ships by our own layer, both in the page's colours. */
export function usePortMap(ships: Ships): PortMap {
  const under: PortMap['under'] = ref(null)
  const clicked: PortMap['clicked'] = ref(null)
  let map: GlMap | null = null
  let layer: LiveLayer | null = null
  let places = EMPTY

  function restyle(): void {
    map?.setStyle(mapStyle(places, labelPoints(places), locale.value), { diff: false })
    layer?.recolour()
  }
  function hit(event: MapMouseEvent): { ship: Ship | null; place: PlaceHit | null } {
    const ship = layer?.at(event.point.x, event.point.y) ?? null
    const layers = ['place-point', 'place-water-line', 'place-line', 'place-fill'].filter((id) => map?.getLayer(id))
    const found = ship ? [] : (map?.queryRenderedFeatures(event.point, { layers }) ?? [])
    const best = found.sort((a, b) => Number(b.properties.order) - Number(a.properties.order))[0]
    return { ship, place: best ? (best.properties as PlaceHit) : null }
  }
  function mount(box: HTMLElement, center: [number, number]): void {
    const view = keptView() ?? { center, zoom: 11.5 }
    map = new GlMap({
      container: box, style: mapStyle(places, labelPoints(places), locale.value), center: view.center, zoom: view.zoom,
      attributionControl: false, minZoom: 3, maxZoom: 19, canvasContextAttributes: { antialias: true },
    })
    map.addControl(new NavigationControl({ visualizePitch: false }), 'top-right')
    map.addControl(new ScaleControl({ unit: 'nautical', maxWidth: 140 }), 'bottom-left')
    layer = new LiveLayer(map, ships)
    map.on('mousemove', (event) => {
      const found = hit(event)
      under.value = found.ship || found.place ? { x: event.point.x, y: event.point.y, ...found } : null
      if (layer && layer.hovered !== (found.ship?.mmsi ?? null)) {
        layer.hovered = found.ship?.mmsi ?? null
        layer.paint()
      }
    })
    map.on('mouseout', () => (under.value = null))
    map.on('click', (event) => (clicked.value = hit(event)))
    map.on('moveend', () => {
      if (map) sessionStorage.setItem(VIEW, JSON.stringify({ center: map.getCenter().toArray(), zoom: map.getZoom() } satisfies View))
    })
  }
  function goTo(lon: number, lat: number, zoom?: number): void {
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches
    map?.easeTo({ center: [lon, lat], zoom: zoom ?? map.getZoom(), duration: still ? 0 : 500 })
  }
  function whole(): void {
    if (!places.features.length) return
    const [w, s, e, n] = bounds(places.features)
    const beside = (map?.getContainer().clientWidth ?? 0) > 900 ? 420 : 40
    map?.fitBounds([w, s, e, n], { padding: { top: 60, bottom: 50, left: 40, right: beside }, duration: 0 })
  }

  watch([theme, locale], async () => {
    await nextTick()
    restyle()
  })
  onBeforeUnmount(() => {
    layer?.remove()
    map?.remove()
  })
  return {
    under,
    clicked,
    mount,
    setPlaces(found) {
      places = flatten(found)
      restyle()
      if (!keptView()) whole()
    },
    choose(mmsi) {
      if (!layer) return
      layer.chosen = mmsi
      layer.paint()
    },
    goTo,
    paint: () => layer?.paint(),
    whole,
  }
}
