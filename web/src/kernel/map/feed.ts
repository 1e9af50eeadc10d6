import { ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import type { Text } from '../text/text'
import type { Movers } from './movers'
import { DENSITY, readDensity, type Density, type Head } from './wire'

export type FeedState = 'connecting' | 'open' | 'lost' | 'refused'
export interface Kind {
  code: string
  title: Text
}
export interface MapFeed {
  state: Ref<FeedState>
  kinds: ShallowRef<Kind[]>
  /** Objects that the viewer may see, everywhere. */
  total: Ref<number>
  density: ShallowRef<Density | null>
  /** The server's clock now, as far as it is known, milliseconds. */
  clock: () => number
  /** Seconds since the last message, and the age of the newest observation in it. */
  ages: () => { silent: number; newest: number | null }
  look: (view: [number, number, number, number]) => void
  /** Asks what some objects are called; each once until it changes. */
  ask: (slots: number[]) => void
  close: () => void
}

const REFUSED = new Set([4401, 4403])
const RETRY_MS = [500, 1_000, 2_000, 5_000, 10_000]
/** The platform speaks at least every two seconds. */
const SILENT_MS = 8_000
const MOST_ASKED = 2_000

/** One WebSocket that comes back by itself; `changed` is called after each message that was taken in. */
export function openFeed(movers: Movers, changed: () => void): MapFeed {
  const state = ref<FeedState>('connecting')
  const kinds = shallowRef<Kind[]>([])
  const total = ref(0)
  const density = shallowRef<Density | null>(null)
  const asked = new Set<number>()
  let socket: WebSocket | null = null
  let view: [number, number, number, number] | null = null
  let heard = 0
  let ahead = 0
  let newest = 0
  let tries = 0
  let closed = false
  let timer = 0

  function say(message: unknown): void {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message))
  }
  function told(head: Head, data: ArrayBuffer): void {
    ahead = head.time - Date.now()
    newest = Math.max(newest, head.newest)
    if (head.total) total.value = head.total
    density.value = head.kind === DENSITY ? readDensity(data) : head.kind === 1 ? null : density.value
  }
  function text(message: { type: string; base_ms?: number; kinds?: Kind[]; rows?: never[] }): void {
    if (message.type === 'hello') {
      movers.clear()
      asked.clear()
      newest = 0
      movers.base = message.base_ms ?? 0
      kinds.value = message.kinds ?? []
      state.value = 'open'
      tries = 0
      if (view) say({ view })
    } else if (message.type === 'names') {
      for (const row of message.rows ?? []) asked.delete((row as unknown[])[0] as number)
      movers.know(message.rows ?? [])
      changed()
    }
  }
  function take(event: MessageEvent<string | ArrayBuffer>): void {
    heard = Date.now()
    if (typeof event.data === 'string') text(JSON.parse(event.data) as never)
    else {
      told(movers.take(event.data), event.data)
      changed()
    }
  }
  function lost(code: number): void {
    socket = null
    if (closed) return
    state.value = REFUSED.has(code) ? 'refused' : 'lost'
    timer = window.setTimeout(connect, RETRY_MS[Math.min(tries++, RETRY_MS.length - 1)])
  }
  function connect(): void {
    const made = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/api/live/map`)
    made.binaryType = 'arraybuffer'
    made.onmessage = take
    made.onclose = (event) => socket === made && lost(event.code)
    socket = made
    heard = Date.now()
  }
  // A line that died without a word is noticed by its silence.
  const watch = window.setInterval(() => {
    if (socket && Date.now() - heard > SILENT_MS) {
      const dead = socket
      lost(0)
      dead.close()
    }
  }, 2_000)
  connect()

  return {
    state, kinds, total, density,
    clock: () => Date.now() + ahead,
    ages: () => ({
      silent: heard ? (Date.now() - heard) / 1000 : 0,
      newest: newest ? (Date.now() + ahead - movers.base - newest * 100) / 1000 : null,
    }),
    look(wanted) {
      view = wanted
      say({ view })
    },
    ask(slots) {
      const fresh = slots.filter((slot) => !asked.has(slot)).slice(0, MOST_ASKED)
      if (!fresh.length || socket?.readyState !== WebSocket.OPEN) return
      if (asked.size > 10 * MOST_ASKED) asked.clear()
      for (const slot of fresh) asked.add(slot)
      say({ names: fresh })
    },
    close() {
      closed = true
      clearTimeout(timer)
      clearInterval(watch)
      socket?.close()
    },
  }
}
