import type { Manifest } from '@/kernel/shell/routes'
import { RUN, SOURCE } from './ingest'

const manifest: Manifest = {
  routes: [
    { path: '/base/ingest', component: () => import('./IngestPage.vue') },
    { path: '/base/ingest/new', component: () => import('./SourcePage.vue') },
    { path: '/base/ingest/aside', component: () => import('./AsidePage.vue') },
    { path: '/base/ingest/sources/:id', component: () => import('./SourcePage.vue'), props: true },
    { path: '/base/ingest/runs/:id', component: () => import('./RunPage.vue'), props: true },
    { path: '/base/ingest/filed/:id', component: () => import('./FiledRun.vue'), props: true },
  ],
  recordPages: {
    [RUN]: (id) => `/base/ingest/filed/${encodeURIComponent(id)}`,
    [SOURCE]: (id) => `/base/ingest/sources/${encodeURIComponent(id)}`,
  },
}
export default manifest
