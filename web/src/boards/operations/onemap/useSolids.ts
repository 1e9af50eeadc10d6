import type { Feature, Position } from 'geojson'
import { onBeforeUnmount, watch } from 'vue'
import { api } from '@/kernel/api/client'
import type { OverlayData } from '@/kernel/map/overlays'
import { SIMULATED } from '@/kernel/map/wire'
import { cranes, ring, type Devices, type Where } from './stations'
import type { Scene } from './useScene'

const EVERY_MS = 1_000
const CRANES_MS = 30_000
/** So many ships in view at most stand as boxes. */
const MOST = 200
const HULL_M = 14
const HOUSE_M = 30

/** Which way the long side of a place runs, radians from east. */
export function along(place: Feature | undefined): number {
  const corners = place?.geometry.type === 'Polygon' ? (place.geometry.coordinates[0] ?? []) : []
  let best = { length: 0, angle: 0 }
  corners.slice(1).forEach((to, n) => {
    const from = corners[n] as Position
    const east = ((to[0] ?? 0) - (from[0] ?? 0)) * Math.cos(((from[1] ?? 0) * Math.PI) / 180)
    const north = (to[1] ?? 0) - (from[1] ?? 0)
    const length = Math.hypot(east, north)
    if (length > best.length) best = { length, angle: Math.atan2(north, east) }
  })
  return best.angle
}

/** Ships and cranes as boxes on the tilted map, schematic in height; nothing is drawn on the flat one. */
export function useSolids(scene: Scene, where: Where, shape: (place: string | null) => Feature | undefined): void {
  const { map } = scene
  let asked = 0
  let shown = false
  async function standing(): Promise<void> {
    if (Date.now() - asked < CRANES_MS) return
    asked = Date.now()
    const found = await api.get<Devices>('/api/devices', { kind: 'crane', limit: 1000 }).catch(() => null)
    if (found && map.tilted.value) map.setOverlay('cranes', { type: 'FeatureCollection', features: cranes(found, where, (place) => along(shape(place))) })
  }
  function hulls(): OverlayData['features'] {
    const movers = scene.shown()
    return (map.layer()?.inView().slice(0, MOST * 4) ?? []).flatMap((slot) => {
      const mover = movers.get(slot)
      const front = movers.pointing(slot)
      const [length, beam] = [(movers.length[slot] ?? 0) * 2, movers.beam[slot] ?? 0]
      if (!mover || front === null || !length || !beam) return []
      const tone = mover.flags & SIMULATED ? 'sim' as const : 'quiet' as const
      const angle = ((90 - front) * Math.PI) / 180
      const at = [mover.lon, mover.lat]
      const box = (x: number, half: number, w: number, height: number): OverlayData['features'][number] => ({
        type: 'Feature', geometry: { type: 'Polygon', coordinates: [ring(at, angle, x, 0, half, w)] }, properties: { tone, height },
      })
      return [box(0, length / 2, beam / 2, HULL_M), box(-length * 0.35, length * 0.05, beam * 0.45, HOUSE_M)]
    }).slice(0, 2 * MOST)
  }
  function draw(): void {
    if (!map.tilted.value) {
      if (shown) for (const id of ['hulls', 'cranes']) map.setOverlay(id, null)
      shown = false
      asked = 0
      return
    }
    shown = true
    map.setOverlay('hulls', { type: 'FeatureCollection', features: hulls() })
    void standing()
  }
  const timer = setInterval(draw, EVERY_MS)
  watch(map.tilted, draw)
  onBeforeUnmount(() => clearInterval(timer))
}
