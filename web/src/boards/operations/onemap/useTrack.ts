import { onBeforeUnmount, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import { api } from '@/kernel/api/client'
import { locale } from '@/kernel/i18n'
import { Track, type Stay, type TrackAnswer, type TrackPlace } from '@/kernel/map/track'
import type { PortMap } from '@/kernel/map/usePortMap'
import { short } from '@/kernel/time/time'

const HOUR = 3_600_000
/** Hours that may be asked for, and to how many seconds their fixes are thinned. */
export const SPANS: { hours: number; every: number }[] = [
  { hours: 6, every: 0 }, { hours: 24, every: 10 }, { hours: 24 * 7, every: 60 }, { hours: 24 * 31, every: 300 },
]
export const SPEEDS = [60, 300, 1_000, 5_000]
const FIRST = 24
const EVERY_MS = 10_000
const FRAME_MS = 50
const WIDE_MS = 600

export interface TrackState {
  /** Of whom the track is. */
  of: Ref<string | null>
  hours: Ref<number>
  found: ShallowRef<TrackAnswer | null>
  /** Whether there is none, or it may not be read. */
  absent: Ref<boolean>
  moment: Ref<number | null>
  playing: Ref<boolean>
  speed: Ref<number>
  from: Ref<number>
  to: Ref<number>
  show: (ref: string | null, look?: boolean) => void
  seek: (moment: number) => void
  play: () => void
  whole: () => void
}

const at = (place: TrackPlace | null) => (place ? (locale.value === 'zh' ? place.title.zh : place.title.en) : '')
export const stayText = (stay: Stay) => `${short(stay.since)}–${short(stay.until).slice(-5)}`

/** Where what was chosen has been: its fixes, stays and present slot on the map, played again when asked. */
export function useTrack(map: PortMap, slotShape: (place: string) => void): TrackState {
  const of = ref<string | null>(null)
  const hours = ref(FIRST)
  const found = shallowRef<TrackAnswer | null>(null)
  const absent = ref(false)
  const moment = ref<number | null>(null)
  const playing = ref(false)
  const speed = ref(300)
  const from = ref(0)
  const to = ref(0)
  let track: Track | null = null
  let turn = 0
  let looks = false

  async function ask(span: number): Promise<TrackAnswer> {
    const every = SPANS.find((one) => one.hours === span)?.every ?? 0
    return api.get<TrackAnswer>('/api/tracks', { ref: of.value, since: new Date(Date.now() - span * HOUR).toISOString(), every })
  }
  async function load(widen = false): Promise<void> {
    const mine = ++turn
    if (!of.value) return
    try {
      let answer = await ask(hours.value)
      const most = SPANS.at(-1)?.hours ?? FIRST
      if (widen && !answer.points.length && hours.value < most && mine === turn) {
        hours.value = most
        answer = await ask(most)
      }
      if (mine === turn) take(answer)
    } catch {
      if (mine === turn) absent.value = true
    }
  }
  function take(answer: TrackAnswer): void {
    const kept = moment.value
    found.value = answer
    absent.value = !answer.points.length
    draw()
    from.value = track?.from ?? 0
    to.value = track?.to ?? 0
    if (kept !== null) seek(kept)
    slotShape(answer.slot?.ref ?? '')
    if (looks) whole()
    looks = false
  }
  function draw(): void {
    track = found.value ? new Track(found.value, (stay) => [stayText(stay), at(stay.place)].filter(Boolean).join(' ')) : null
    map.setTrack(track)
    if (moment.value !== null) map.playTrack(moment.value)
  }
  function whole(): void {
    const points = found.value?.points ?? []
    if (!points.length) return
    const [lons, lats] = [points.map((p) => p[1]), points.map((p) => p[2])]
    const least = (all: number[]) => all.reduce((a, b) => Math.min(a, b))
    const most = (all: number[]) => all.reduce((a, b) => Math.max(a, b))
    map.fit([least(lons), least(lats), most(lons), most(lats)])
  }
  function seek(wanted: number): void {
    moment.value = Math.min(Math.max(wanted, from.value), to.value)
    map.playTrack(moment.value)
  }
  function clear(): void {
    turn++
    found.value = null
    moment.value = null
    playing.value = absent.value = false
    hours.value = FIRST
    slotShape('')
    draw()
  }
  function show(wanted: string | null, look = false): void {
    if (wanted !== of.value) {
      of.value = wanted
      clear()
      if (wanted) void load(true)
    }
    looks = look && !found.value
    if (look && found.value) whole()
  }
  watch(hours, (_, before) => before !== undefined && of.value && void load())
  watch(locale, draw)
  const live = setInterval(() => {
    if (of.value && !playing.value && document.visibilityState === 'visible') void load()
  }, EVERY_MS)
  const step = setInterval(() => {
    if (!playing.value || moment.value === null) return
    seek(moment.value + FRAME_MS * speed.value)
    if (moment.value >= to.value) playing.value = false
  }, FRAME_MS)
  onBeforeUnmount(() => {
    clearInterval(live)
    clearInterval(step)
  })
  return {
    of, hours, found, absent, moment, playing, speed, from, to, show, seek,
    play() {
      if (!playing.value && (moment.value === null || moment.value >= to.value - WIDE_MS)) seek(from.value)
      playing.value = !playing.value
    },
    whole() {
      playing.value = false
      moment.value = null
      map.playTrack(null)
      whole()
    },
  }
}
