import type { Manifest } from '@/kernel/shell/routes'

const manifest: Manifest = {
  routes: [
    { path: '/operations/monitoring', alias: '/monitoring', component: () => import('./BoardPage.vue') },
    { path: '/operations/monitoring/:code', component: () => import('./IndicatorPage.vue'), props: true },
  ],
}
export default manifest
