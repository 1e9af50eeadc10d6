import { onBeforeUnmount, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import { openFeed, type MapFeed } from '@/kernel/map/feed'
import { Movers, type Mover } from '@/kernel/map/movers'
import { usePortMap, type PortMap } from '@/kernel/map/usePortMap'

export interface Scene {
  movers: Movers
  map: PortMap
  feed: MapFeed
  /** The objects of now, or of the past while that is played. */
  shown: () => Movers
  listed: ShallowRef<Mover[]>
  inView: Ref<number>
  chosen: Ref<number | null>
  mover: ShallowRef<Mover | null>
  follow: Ref<boolean>
  /** Seconds by which the newest observation is behind; null before the first. */
  late: Ref<number | null>
  choose: (slot: number | null, go?: boolean) => void
  show: (past: Movers | null) => void
  refresh: () => void
}

const MOST_LISTED = 60
const LIST_MS = 2_000

/** What moves, on the map, in the list beside it and in the card: one choice for all three. */
export function useScene(): Scene {
  const movers = new Movers()
  const map = usePortMap(movers)
  const listed = shallowRef<Mover[]>([])
  const inView = ref(0)
  const chosen = ref<number | null>(null)
  const mover = shallowRef<Mover | null>(null)
  const follow = ref(false)
  const late = ref<number | null>(null)
  let current = movers
  const feed = openFeed(movers, () => {
    if (current === movers) refresh()
  })

  function refresh(): void {
    const layer = map.layer()
    if (!layer) return
    layer.density = current === movers ? feed.density.value : null
    layer.paint()
    mover.value = current.get(chosen.value)
    if (follow.value && mover.value) map.goTo(mover.value.lon, mover.value.lat)
  }
  // The list is for reading: it changes once in two seconds.
  const timer = setInterval(() => {
    const layer = map.layer()
    if (!layer) return
    const slots = layer.inView()
    inView.value = slots.length
    late.value = feed.ages().newest
    const few = slots.slice(0, MOST_LISTED * 4)
    feed.ask(few.filter((slot) => !current.cards.has(slot)).slice(0, MOST_LISTED))
    const named = (m: Mover) => m.name || m.ref
    listed.value = few.map((slot) => current.get(slot)).filter((m) => m !== null)
      .sort((a, b) => named(a).localeCompare(named(b))).slice(0, MOST_LISTED)
    mover.value = current.get(chosen.value)
  }, LIST_MS)
  watch(map.view, (view) => view && feed.look(view))
  watch(feed.kinds, (kinds) => {
    const layer = map.layer()
    if (layer) layer.kinds = kinds.map((kind) => kind.code)
  })
  onBeforeUnmount(() => {
    clearInterval(timer)
    feed.close()
  })

  return {
    movers, map, feed, listed, inView, chosen, mover, follow, late, refresh,
    shown: () => current,
    choose(slot, go = false) {
      chosen.value = slot
      if (slot === null) follow.value = false
      mover.value = current.get(slot)
      if (mover.value && !mover.value.ref) feed.ask([mover.value.slot])
      map.choose(slot)
      if (go && mover.value) map.goTo(mover.value.lon, mover.value.lat, 14)
    },
    show(past) {
      current = past ?? movers
      chosen.value = mover.value = null
      const layer = map.layer()
      if (layer) {
        layer.chosen = null
        layer.show(current)
        layer.ahead = !past && !matchMedia('(prefers-reduced-motion: reduce)').matches
      }
      refresh()
    },
  }
}
