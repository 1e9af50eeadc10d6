import type { RouteRecordRaw } from 'vue-router'

/** A module's own pages: one file `boards/<board>/<module>/manifest.ts` exports its routes. */
export interface Manifest {
  routes: RouteRecordRaw[]
  /** Record types that are worked on a page of their own, with its address. */
  recordPages?: Record<string, (id: string) => string>
}

const found = import.meta.glob<{ default: Manifest }>('../../boards/*/*/manifest.ts', { eager: true })

export const moduleRoutes: RouteRecordRaw[] = Object.values(found).flatMap((m) => m.default.routes)

const recordPages = new Map(Object.values(found).flatMap((m) => Object.entries(m.default.recordPages ?? {})))
/** The address of the page on which a record is worked, if it has one beside the generic page. */
export function ownPageOf(record: string, id: string): string | null {
  return recordPages.get(record)?.(id) ?? null
}

export const genericRoutes: RouteRecordRaw[] = [
  { path: '/signin', component: () => import('./SignInPage.vue'), meta: { open: true } },
  { path: '/boards/:board', component: () => import('./BoardPage.vue'), props: true },
  { path: '/boards/:board/:module', component: () => import('./ModulePage.vue'), props: true },
  { path: '/records/:board/:module/:record', component: () => import('../record-table/ListPage.vue'), props: true },
  { path: '/records/:board/:module/:record/new', component: () => import('../record-form/FormPage.vue'), props: true },
  { path: '/records/:board/:module/:record/:id', component: () => import('../record-page/RecordPage.vue'), props: true },
  {
    path: '/records/:board/:module/:record/:id/edit',
    component: () => import('../record-form/FormPage.vue'),
    props: true,
  },
  { path: '/:rest(.*)*', component: () => import('./MissingPage.vue') },
]
