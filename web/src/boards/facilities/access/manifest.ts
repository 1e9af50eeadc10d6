import type { Manifest } from '@/kernel/shell/routes'

const manifest: Manifest = {
  routes: [{ path: '/facilities/access', component: () => import('./AccessPage.vue') }],
}
export default manifest
