import type { Manifest } from '@/kernel/shell/routes'

const manifest: Manifest = {
  routes: [{ path: '/operations/goals', component: () => import('./GoalsPage.vue') }],
}
export default manifest
