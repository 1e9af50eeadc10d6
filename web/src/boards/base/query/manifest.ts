import type { Manifest } from '@/kernel/shell/routes'

const manifest: Manifest = {
  routes: [{ path: '/base/query', component: () => import('./QueryPage.vue') }],
}
export default manifest
