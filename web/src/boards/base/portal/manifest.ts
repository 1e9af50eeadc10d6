import type { Manifest } from '@/kernel/shell/routes'

const manifest: Manifest = {
  routes: [
    { path: '/', component: () => import('./HomePage.vue') },
    { path: '/health', component: () => import('./HealthPage.vue'), meta: { open: true } },
  ],
}
export default manifest
