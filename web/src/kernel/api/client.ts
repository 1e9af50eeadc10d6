import type { Text } from '../text/text'
import { chrome } from '../i18n'
import type { FieldProblem } from './types'

/** What the server refused and why; status 0 when it could not be reached. */
export class Problem extends Error {
  readonly status: number
  readonly code: string
  readonly reason: Text | null
  readonly kept: unknown
  readonly instance: string | null
  readonly problems: FieldProblem[]
  readonly retryAfter: number | null

  constructor(status: number, body: ProblemBody, retryAfter: number | null = null) {
    super(body.title ?? body.code ?? String(status))
    this.status = status
    this.code = body.code ?? (status === 0 ? 'network' : String(status))
    this.reason = body.reason ?? null
    this.kept = body.kept ?? null
    this.instance = body.instance ?? null
    this.problems = body.problems?.length ? body.problems : own(body)
    this.retryAfter = retryAfter
  }
}

interface ProblemBody extends FieldProblem {
  kept?: unknown
  instance?: string
  problems?: FieldProblem[]
}

function own(body: ProblemBody): FieldProblem[] {
  if (!body.field && !body.rule) return []
  return [{ code: body.code, field: body.field, rule: body.rule, reason: body.reason }]
}

export type Query = Record<string, string | number | boolean | null | undefined>
interface Options {
  query?: Query
  body?: unknown
  raw?: BodyInit
  headers?: Record<string, string>
  signal?: AbortSignal
}

let csrf = ''
let onSignedOut: () => void = () => undefined

export function setCsrf(value: string): void {
  csrf = value
}
export function whenSignedOut(act: () => void): void {
  onSignedOut = act
}

export function withQuery(path: string, query: Query = {}): string {
  const entries = Object.entries(query).filter(([, v]) => v !== null && v !== undefined && v !== '')
  if (!entries.length) return path
  const params = new URLSearchParams(entries.map(([k, v]) => [k, String(v)]))
  return `${path}?${params.toString()}`
}

/** A key under which a repeated sending is answered with the same receipt. */
export function idempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('')
}

async function send(method: string, path: string, options: Options): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json', ...options.headers }
  let body: BodyInit | undefined = options.raw
  if (options.body !== undefined) {
    headers['Content-Type'] = 'application/json'
    body = JSON.stringify(options.body)
  }
  if (method !== 'GET' && csrf) headers['X-CSRF-Token'] = csrf
  try {
    return await fetch(withQuery(path, options.query), {
      method,
      headers,
      body,
      signal: options.signal,
      credentials: 'same-origin',
    })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new Problem(0, { code: 'network' })
  }
}

async function problemOf(answer: Response): Promise<Problem> {
  const retry = Number(answer.headers.get('Retry-After'))
  let body: ProblemBody = {}
  try {
    body = (await answer.json()) as ProblemBody
  } catch {
    body = { code: String(answer.status) }
  }
  return new Problem(answer.status, body, Number.isFinite(retry) && retry > 0 ? retry : null)
}

async function answered(method: string, path: string, options: Options): Promise<Response> {
  const answer = await send(method, path, options)
  if (!answer.ok) {
    if (answer.status === 401 && !path.startsWith('/api/me') && !path.startsWith('/api/session')) onSignedOut()
    throw await problemOf(answer)
  }
  return answer
}

async function call<T>(method: string, path: string, options: Options = {}): Promise<T> {
  const answer = await answered(method, path, options)
  if (answer.status === 204) return undefined as T
  const kind = answer.headers.get('Content-Type') ?? ''
  return (kind.includes('json') ? await answer.json() : await answer.text()) as T
}

export const api = {
  get: <T>(path: string, query?: Query, signal?: AbortSignal) => call<T>('GET', path, { query, signal }),
  post: <T>(path: string, body?: unknown, headers?: Record<string, string>) => call<T>('POST', path, { body, headers }),
  put: <T>(path: string, body: unknown, headers?: Record<string, string>) => call<T>('PUT', path, { body, headers }),
  part: <T>(path: string, raw: BodyInit, query?: Query) => call<T>('PUT', path, { raw, query }),
  del: <T>(path: string) => call<T>('DELETE', path),
  file: async (path: string, body: unknown) => (await answered('POST', path, { body })).blob(),
  raw: <T>(path: string, raw: BodyInit, headers: Record<string, string>, query?: Query) =>
    call<T>('POST', path, { raw, headers, query }),
}

/** A problem in words, with what to do where the server said nothing. */
export function explain(error: unknown): Text | string {
  if (!(error instanceof Problem)) return chrome('error.unexpected')
  if (error.reason) return error.reason
  if (error.status === 0) return chrome('error.network')
  if (error.status === 403) return chrome('error.forbidden')
  if (error.status === 404) return chrome('error.notFound')
  if (error.status === 409) return chrome('error.conflict')
  if (error.status === 413) return chrome('error.tooLarge')
  if (error.status === 503) return chrome('error.busy')
  return chrome('error.server', { status: error.status })
}

/** `base.manifest.consignment` -> `/api/records/base/manifest/consignment` */
export function recordPath(record: string): string {
  return `/api/records/${record.split('.').map(encodeURIComponent).join('/')}`
}
/** The screen of a record type, or of one record. */
export function recordRoute(record: string, id?: string): string {
  const path = `/records/${record.split('.').map(encodeURIComponent).join('/')}`
  return id === undefined ? path : `${path}/${encodeURIComponent(id)}`
}
