import type { Manifest } from '@/kernel/shell/routes'

const manifest: Manifest = {
  routes: [{ path: '/base/ingest', component: () => import('./IngestPage.vue') }],
}
export default manifest
