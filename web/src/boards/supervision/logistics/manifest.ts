import type { Manifest } from '@/kernel/shell/routes'

const manifest: Manifest = {
  routes: [{ path: '/supervision/logistics', alias: '/logistics', component: () => import('./LogisticsPage.vue') }],
}
export default manifest
