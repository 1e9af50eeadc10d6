import { onBeforeUnmount, ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { api } from '@/kernel/api/client'
import { Movers } from '@/kernel/map/movers'
import { UNKNOWN } from '@/kernel/map/wire'
import { portZone } from '@/kernel/time/time'

/** Speeds that are offered; any between the slowest and the fastest may be typed. */
export const SPEEDS = [1, 5, 20, 60, 300]
export const SLOWEST = 0.1
export const FASTEST = 3600
const HOUR = 3_600_000
/** A thing of which nothing is told for so long is not drawn between two reports. */
const GAP = 600_000
const FRAME_MS = 50
const PAN_MS = 400
/** Thinned no more than this, reports are as close as they are kept. */
const FINEST_S = 5
/** More than the view is read, so that a short pan finds it there; a much closer look is read again where reports were thinned. */
const MARGIN = 0.5
const CLOSER = 4
type Box = [number, number, number, number]

/** What `GET /api/map/past` answers: objects, and their reports in columns by object and time. */
interface Past {
  since: string
  until: string
  thinned_s: number
  objects: [string, string, number, number, [number, number, number, number]][]
  object: number[]
  at_s: number[]
  lon: number[]
  lat: number[]
  speed: (number | null)[]
  course: (number | null)[]
  heading: (number | null)[]
}
export interface Playback {
  movers: Movers
  from: Ref<number>
  to: Ref<number>
  at: Ref<number>
  speed: Ref<number>
  playing: Ref<boolean>
  busy: Ref<boolean>
  ready: Ref<boolean>
  absent: Ref<boolean>
  objects: Ref<number>
  thinned: ShallowRef<number>
  open: (box: Box) => void
  /** Looks elsewhere: what is not read yet is read, and the moment stays. */
  look: (box: Box) => void
  begin: (local: string) => void
  seek: (at: number) => void
  close: () => void
}

/** Milliseconds of a wall-clock time in the port's zone, `2026-11-22T14:05`. */
export function inZone(local: string, zone: string): number {
  const asUtc = Date.parse(`${local}Z`)
  const shown = (at: number) => {
    const parts = Object.fromEntries(new Intl.DateTimeFormat('en-CA', {
      timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit',
    }).formatToParts(at).map((part) => [part.type, part.value]))
    return Date.parse(`${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}Z`)
  }
  return asUtc - (shown(asUtc) - asUtc)
}

/** A speed that was typed, within bounds; nothing typed is as time goes. */
export const paced = (speed: number) => (Number.isFinite(speed) && speed > 0 ? Math.min(Math.max(speed, SLOWEST), FASTEST) : 1)

export function wider([w, s, e, n]: Box): Box {
  const [x, y] = [(e - w) * MARGIN, (n - s) * MARGIN]
  return [Math.max(w - x, -180), Math.max(s - y, -90), Math.min(e + x, 180), Math.min(n + y, 90)]
}
/** Whether a view has to be read anew: it leaves what was read, or looks so much closer that thinned reports would show. */
export function beyond([w, s, e, n]: Box, read: Box, thinned: boolean): boolean {
  if (w < read[0] || s < read[1] || e > read[2] || n > read[3]) return true
  return thinned && (e - w) * CLOSER * (1 + 2 * MARGIN) < read[2] - read[0]
}

/** Plays an hour of reports; between two of them a thing is drawn on the straight line from one to the other. */
export function usePlayback(changed: () => void): Playback {
  const movers = new Movers()
  const from = ref(0)
  const to = ref(0)
  const at = ref(0)
  const speed = ref(20)
  const playing = ref(false)
  const busy = ref(false)
  const ready = ref(false)
  const absent = ref(false)
  const objects = ref(0)
  const thinned = shallowRef(0)
  let box: Box = [-180, -90, 180, 90]
  let read = box
  let pan = 0
  let past: Past | null = null
  let starts = new Int32Array(0)
  let turn = 0

  async function load(): Promise<void> {
    const mine = ++turn
    const asked = wider(box)
    busy.value = true
    try {
      const query = { since: new Date(from.value).toISOString(), until: new Date(to.value).toISOString(), bbox: asked.map((n) => n.toFixed(5)).join(',') }
      const found = await api.get<Past>('/api/map/past', query)
      if (mine !== turn) return
      read = asked
      take(found)
    } catch {
      if (mine === turn) absent.value = true
    } finally {
      if (mine === turn) busy.value = false
    }
  }
  function take(found: Past): void {
    past = found
    absent.value = found.objects.length === 0
    objects.value = found.objects.length
    thinned.value = found.thinned_s
    starts = new Int32Array(found.objects.length + 1).fill(found.object.length)
    for (let row = found.object.length - 1; row >= 0; row--) starts[found.object[row] as number] = row
    for (let n = found.objects.length - 1; n >= 0; n--) starts[n] = Math.min(starts[n] as number, starts[n + 1] as number)
    movers.clear()
    movers.know(found.objects.map(([name, object], n) => [n, object, name, ...(found.objects[n] as Past['objects'][number])[4], {}]))
    ready.value = true
    draw()
  }
  function draw(): void {
    if (!past) return
    const second = (at.value - from.value) / 1000
    for (let n = 0; n < past.objects.length; n++) place(past, n, second)
    changed()
  }
  function place(p: Past, n: number, second: number): void {
    const [first, end] = [starts[n] as number, starts[n + 1] as number]
    let low = first
    let high = end
    while (low < high) {
      const middle = (low + high) >> 1
      if ((p.at_s[middle] as number) <= second) low = middle + 1
      else high = middle
    }
    const row = low - 1
    if (row < first || second - (p.at_s[row] as number) > GAP / 1000) {
      movers.hide(n)
      return
    }
    const next = low < end ? low : row
    const span = (p.at_s[next] as number) - (p.at_s[row] as number)
    const share = span > 0 && span < GAP / 1000 ? (second - (p.at_s[row] as number)) / span : 0
    const mix = (column: number[]) => (column[row] as number) + ((column[next] as number) - (column[row] as number)) * share
    const whole = (value: number | null | undefined) => (value === null || value === undefined ? UNKNOWN : Math.round(value * 10))
    const told = p.objects[n] as Past['objects'][number]
    movers.place(n, mix(p.lon), mix(p.lat), [whole(p.speed[row]), whole(p.course[row]), whole(p.heading[row]), UNKNOWN], from.value + (p.at_s[row] as number) * 1000)
    movers.describe(n, told[2], told[3], told[4])
  }
  const timer = setInterval(() => {
    if (!playing.value || !ready.value) return
    at.value = Math.min(at.value + FRAME_MS * paced(speed.value), to.value)
    if (at.value >= to.value) playing.value = false
    draw()
  }, FRAME_MS)
  onBeforeUnmount(() => {
    clearInterval(timer)
    clearTimeout(pan)
  })

  function span(begin: number): void {
    from.value = begin
    to.value = Math.min(begin + HOUR, Date.now())
    at.value = begin
    ready.value = false
    past = null
    movers.clear()
    void load()
  }
  return {
    movers, from, to, at, speed, playing, busy, ready, absent, objects, thinned,
    open(wanted) {
      box = wanted
      span(Date.now() - HOUR)
    },
    look(wanted) {
      box = wanted
      if (!beyond(box, read, thinned.value > FINEST_S)) return
      clearTimeout(pan)
      pan = window.setTimeout(() => void load(), PAN_MS)
    },
    begin(local) {
      const begin = inZone(local, portZone.value)
      if (Number.isFinite(begin)) span(Math.min(begin, Date.now() - 60_000))
    },
    seek(wanted) {
      at.value = Math.min(Math.max(wanted, from.value), to.value)
      draw()
    },
    close() {
      turn++
      clearTimeout(pan)
      playing.value = ready.value = false
      past = null
      movers.clear()
    },
  }
}
