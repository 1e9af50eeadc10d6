import { onBeforeUnmount, ref } from 'vue'
import type { FactEvent, ShipsEvent } from './api/types'
import { session } from './session'

/**
 * One event stream for all tabs of this browser: the tab that holds the lock keeps it and tells the others,
 * because HTTP/1.1 allows six connections to a host. Without locks (plain http off loopback) each tab has its own.
 */
export type LiveState = 'off' | 'connecting' | 'open' | 'lost'
export const liveState = ref<LiveState>('off')

interface Listeners {
  ships: Set<(event: ShipsEvent) => void>
  fact: Set<(event: FactEvent) => void>
}
type Kind = keyof Listeners
type Message = { kind: Kind; data: unknown } | { kind: 'hello' } | { kind: 'state'; data: LiveState }

const listeners: Listeners = { ships: new Set(), fact: new Set() }
const latest = new Map<number, ShipsEvent['rows'][number]>()
let latestAt: ShipsEvent['t'] = 0
let source: EventSource | null = null
let channel: BroadcastChannel | null = null
let release: (() => void) | null = null
let started = false

function hand(kind: Kind, data: unknown): void {
  if (kind === 'ships') {
    const event = data as ShipsEvent
    latestAt = event.t
    for (const row of event.rows) latest.set(Number(row[0]), row)
    listeners.ships.forEach((act) => act(event))
  } else listeners.fact.forEach((act) => act(data as FactEvent))
}

function setState(state: LiveState): void {
  liveState.value = state
  if (source) channel?.postMessage({ kind: 'state', data: state } satisfies Message)
}

function receive(kind: Kind, text: string): void {
  const data: unknown = JSON.parse(text)
  hand(kind, data)
  channel?.postMessage({ kind, data } satisfies Message)
}

function open(): void {
  setState('connecting')
  source = new EventSource('/api/live')
  source.addEventListener('ships', (e) => receive('ships', e.data as string))
  source.addEventListener('fact', (e) => receive('fact', e.data as string))
  source.onopen = () => setState('open')
  source.onerror = () => {
    setState('lost')
    // A refused stream is closed for good by the browser; try again in a while.
    if (source?.readyState === EventSource.CLOSED && started) {
      source = null
      setTimeout(() => started && !source && open(), 5_000)
    }
  }
}

function follow(event: MessageEvent<Message>): void {
  const message = event.data
  if (message.kind === 'hello') {
    if (!source) return
    channel?.postMessage({ kind: 'state', data: liveState.value } satisfies Message)
    if (latest.size) channel?.postMessage({ kind: 'ships', data: snapshot() } satisfies Message)
  } else if (message.kind === 'state') {
    if (!source) liveState.value = message.data
  } else if (!source) hand(message.kind, message.data)
}

function snapshot(): ShipsEvent {
  return { t: latestAt, rows: [...latest.values()] }
}

function start(): void {
  // Administrators are kept apart from what happens in the port; the stream is not theirs.
  if (started || !session.business.value) return
  started = true
  if (!navigator.locks) {
    open()
    return
  }
  channel = new BroadcastChannel('kouan.live')
  channel.onmessage = follow
  channel.postMessage({ kind: 'hello' } satisfies Message)
  void navigator.locks.request('kouan.live', async () => {
    if (!started) return
    open()
    await new Promise<void>((resolve) => (release = resolve))
  })
}

/** Ends the stream, for example when somebody signs out. */
export function stopLive(): void {
  started = false
  source?.close()
  source = null
  release?.()
  release = null
  channel?.close()
  channel = null
  latest.clear()
  liveState.value = 'off'
}

export function onShips(act: (event: ShipsEvent) => void): void {
  start()
  listeners.ships.add(act)
  if (latest.size) act(snapshot())
  onBeforeUnmount(() => listeners.ships.delete(act))
}

export function onFact(act: (event: FactEvent) => void): void {
  start()
  listeners.fact.add(act)
  onBeforeUnmount(() => listeners.fact.delete(act))
}
