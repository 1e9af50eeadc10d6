import type { Manifest } from '@/kernel/shell/routes'

const manifest: Manifest = {
  routes: [{ path: '/assurance/running', component: () => import('./RunningPage.vue') }],
}
export default manifest
